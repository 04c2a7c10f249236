import { ClockMode } from "@ertis/api";
import type { Terminal } from "../terminal/terminal.ts";
import type { Session } from "./session.ts";

/** The scheduler's clock as seen from here; a virtual one is asked again and again. */
export interface ServerClock {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** Takes in an instant the scheduler told. */
  readonly tell: (timeMs: number) => void;
  /** Keeps a virtual clock up to date until the signal aborts; a real one needs no keeping. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
}

const askEveryMs = 2_000;

async function sleep(lengthMs: number, signal: AbortSignal): Promise<void> {
  const { setTimeout: wait } = await import("node:timers/promises");
  try {
    await wait(lengthMs, undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}

export async function createServerClock(
  session: Session,
  terminal: Terminal,
): Promise<ServerClock> {
  const info = await session.client.serverInfo();
  const isStepped = info.clockMode === ClockMode.STEPPED;
  const offsetMs = info.nowTimeMs - terminal.nowMs();
  let steppedMs = info.nowTimeMs;
  return {
    nowMs: () => (isStepped ? steppedMs : terminal.nowMs() + offsetMs),
    tell: (timeMs) => {
      steppedMs = Math.max(steppedMs, timeMs);
    },
    async keep(signal) {
      if (!isStepped) {
        return;
      }
      while (!signal.aborted) {
        await sleep(askEveryMs, signal);
        try {
          steppedMs = Math.max(steppedMs, (await session.client.clock({ signal })).nowTimeMs);
        } catch {
          // The watches beside this one say what is wrong with the connection.
        }
      }
    },
  };
}

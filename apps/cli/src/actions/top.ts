import type { ConnectionFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { follow } from "../live/follow.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import { activeStates } from "../views/job-state.ts";
import { renderTop } from "../views/top.ts";
import { followJobs, followPower } from "./feeds.ts";
import { findScopes } from "./unknown-domain.ts";
import { createServerClock } from "./server-clock.ts";
import { type Session, withSession } from "./session.ts";

export interface TopFlags extends ConnectionFlags {
  readonly depth: number;
}

/** `127.0.0.1:7070 as aigerim`, for the title of a live view. */
export function showConnection({ context }: Session): string {
  return context.person === "" ? context.address : `${context.address} as ${context.person}`;
}

/** Power tree above, queue below, until Ctrl-C. */
export async function runTop(terminal: Terminal, path: string, flags: TopFlags): Promise<ExitCode> {
  if (!terminal.stdout.isTty) {
    throw new UsageError(
      "top draws on a terminal, and this is none",
      'use "ertis power --watch -o jsonl" or "ertis jobs --watch -o jsonl"',
    );
  }
  return withSession(terminal, flags, async (session) => {
    const { interrupt: signal } = terminal;
    const clock = await createServerClock(session, terminal);
    const scopes = (await findScopes(session, path)).map((scope) => ({
      ...scope,
      maxDepth: flags.depth,
    }));
    const power = followPower(session, scopes, { clock, signal });
    const jobs = followJobs(session, { states: [...activeStates] }, signal);
    const title = showConnection(session);
    const sinceMs = clock.nowMs();
    await follow(terminal.stdout, {
      signal,
      feeds: [jobs.feed, ...power.feeds, async () => clock.keep(signal)],
      render: (rowCount) => {
        const state = {
          title,
          domains: power.domains(),
          jobs: [...jobs.mirror.items.values()],
          endedCount: jobs.leftCount(),
          sinceMs,
          nowMs: clock.nowMs(),
          staleness: power.staleness() === "" ? jobs.staleness() : power.staleness(),
        };
        return renderTop(state, findStyle(terminal.env, terminal.stdout), rowCount);
      },
    });
    return exitCodes.ok;
  });
}

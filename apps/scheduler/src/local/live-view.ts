import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { formatWatts, watts } from "@ertis/quantities";
import { getDomain } from "@ertis/scheduler-engine";
import type { RunningServer } from "../start/serve.ts";

/** Ends the view with this process: also when that is killed and can tell nobody. */
const withParent = resolve(import.meta.dirname, "with-parent.mjs");
const program = resolve(import.meta.dirname, "../../../cli/bin/ertis");
/** A line now and then where nobody looks at a screen. */
const statusEveryMs = 30_000;

/** `ertis top` in a process of its own: the same view that anybody can open beside it. */
export function showLive(contextFile: string, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ["--import", withParent, program, "top"], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, ERTIS_CONTEXT: contextFile },
    });
    signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
    child.once("error", () => done());
    child.once("exit", () => done());
  });
}

/** One line about the hub, again and again until the signal. */
export async function printStatus(
  server: RunningServer,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    write(`${await statusLine(server)}\n`);
    await new Promise<void>((wake) => {
      const timer = setTimeout(wake, statusEveryMs);
      signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          wake();
        },
        { once: true },
      );
    });
  }
}

function statusLine({ scheduler }: RunningServer): Promise<string> {
  return scheduler.read(({ state }, sequence) => {
    const sites = [...state.sites.keys()].map((id) => {
      const feed = getDomain(state, id, id);
      return feed === undefined
        ? id
        : `${id} ${feed.gpuHeldCount}/${feed.gpuCount} GPUs, ${formatWatts(watts(feed.boundWatts))} of ${formatWatts(watts(feed.usableWatts))}`;
    });
    const time = new Date(state.nowMs).toISOString().slice(11, 19);
    return `${time}  ${state.unfinishedCount} jobs not finished  ${sites.join("  ")}  sequence ${sequence}`;
  });
}

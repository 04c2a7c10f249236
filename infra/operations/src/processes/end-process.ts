import { setTimeout as delay } from "node:timers/promises";
import { isSameProcess, processTable } from "./process-table.ts";
import type { RunningProcess } from "./process-table.ts";

/** How long a process may take to end by itself once it is asked to. */
const graceMs = 3_000;
const forcedMs = 5_000;
const pollMs = 20;

function isRunning(target: RunningProcess): boolean {
  return isSameProcess(processTable.find(target.pid), target.startedAt);
}

function send(target: RunningProcess, signal: NodeJS.Signals): void {
  // Looked up again just before: never somebody else who got the id meanwhile.
  if (isRunning(target)) {
    try {
      process.kill(target.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
        throw error;
      }
    }
  }
}

async function untilGone(target: RunningProcess, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isRunning(target)) {
    if (performance.now() > deadline) {
      return false;
    }
    await delay(pollMs);
  }
  return true;
}

/** Asks the process to end, then makes it. Returns whether it is gone. */
export async function endProcess(target: RunningProcess): Promise<boolean> {
  send(target, "SIGTERM");
  if (await untilGone(target, graceMs)) {
    return true;
  }
  send(target, "SIGKILL");
  return untilGone(target, forcedMs);
}

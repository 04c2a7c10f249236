import { type Job, JobState } from "@ertis/api";
import { createJobsMirror } from "@ertis/client";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Output, Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { isFinal, showJobState, showStateReason } from "../views/job-state.ts";
import { showTasks } from "../views/jobs-table.ts";
import type { Session } from "./session.ts";

/** What is said of a job when its state, or the progress of its array, changes. */
function showProgress(job: Job): string {
  const why = [showStateReason(job), job.stateMessage].filter((part) => part !== "").join(": ");
  const details = [why, showTasks(job)].filter((part) => part !== "").join("; ");
  const text = `job ${job.id} ${showJobState(job.state)}${details === "" ? "" : ` (${details})`}`;
  return toPrintable(text);
}

/** What is left to wait for. */
interface Waiting {
  readonly missing: readonly string[];
  readonly isDone: boolean;
  readonly isGood: boolean;
}

function judge(ids: readonly string[], jobs: ReadonlyMap<string, Job>): Waiting {
  const found = ids.flatMap((id) => jobs.get(id) ?? []);
  return {
    missing: ids.filter((id) => !jobs.has(id)),
    isDone: found.every(({ state }) => isFinal(state)),
    isGood: found.every(({ state }) => state === JobState.SUCCEEDED),
  };
}

/**
 * Waits until all jobs have ended and tells each change: 0 when all succeeded, else 7. Ctrl-C stops the
 * waiting, not the jobs.
 */
export async function waitForJobs(
  terminal: Terminal,
  session: Session,
  wish: { readonly ids: readonly string[]; readonly output: Output },
): Promise<ExitCode> {
  const { ids, output } = wish;
  const mirror = createJobsMirror();
  const told = new Map<string, string>();
  let isBroken = false;
  if (ids.length === 0) {
    return exitCodes.ok;
  }
  const events = session.client.watchJobs({ jobIds: [...ids] }, { signal: terminal.interrupt });
  for await (const event of events) {
    mirror.apply(event);
    if (event.kind === "message") {
      isBroken = false;
    } else if (!isBroken) {
      isBroken = true;
      terminal.stderr.write(`ertis: ${event.error.message}; the job goes on, connecting again\n`);
    }
    for (const job of mirror.items.values()) {
      const text = showProgress(job);
      if (told.get(job.id) !== text) {
        told.set(job.id, text);
        output.write(`${text}\n`);
      }
    }
    const { missing, isDone, isGood } = judge(ids, mirror.items);
    if (mirror.isSynced && missing.length > 0) {
      terminal.stderr.write(`error: there is no job ${missing.join(", ")}\n`);
      return exitCodes.notFound;
    }
    if (mirror.isSynced && isDone) {
      return isGood ? exitCodes.ok : exitCodes.jobFailed;
    }
  }
  const goes = ids.length === 1 ? "the job goes" : "the jobs go";
  // A terminal has just shown ^C in this line.
  const lineEnd = terminal.stderr.isTty ? "\n" : "";
  terminal.stderr.write(`${lineEnd}${goes} on; to stop: ertis cancel ${ids.join(" ")}\n`);
  return exitCodes.interrupted;
}

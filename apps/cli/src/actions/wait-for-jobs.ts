import type { Job } from "@ertis/api";
import { createJobsMirror } from "@ertis/client";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { isFinal, showJobState } from "../views/job-state.ts";
import type { Session } from "./session.ts";

function showEnd(job: Job): string {
  const why = [job.stateReason, job.stateMessage].filter((part) => part !== "").join(": ");
  return `job ${job.id} ${showJobState(job.state)}${why === "" ? "" : ` (${why})`}`;
}

/**
 * Waits until all jobs have ended and says how, on standard error: 0 when all succeeded, else 7. Ctrl-C
 * stops the waiting, not the jobs.
 */
export async function waitForJobs(
  terminal: Terminal,
  session: Session,
  ids: readonly string[],
): Promise<ExitCode> {
  const say = (text: string): void => terminal.stderr.write(`${text}\n`);
  const mirror = createJobsMirror();
  const states = new Map<string, Job["state"]>();
  if (ids.length === 0) {
    return exitCodes.ok;
  }
  const events = session.client.watchJobs({ jobIds: [...ids] }, { signal: terminal.interrupt });
  for await (const event of events) {
    mirror.apply(event);
    for (const job of mirror.items.values()) {
      if (states.get(job.id) !== job.state) {
        states.set(job.id, job.state);
        say(isFinal(job.state) ? showEnd(job) : `job ${job.id} ${showJobState(job.state)}`);
      }
    }
    const jobs = ids.map((id) => mirror.items.get(id));
    if (mirror.isSynced && jobs.every((job) => job !== undefined && isFinal(job.state))) {
      const isGood = jobs.every(
        (job) => job !== undefined && showJobState(job.state) === "succeeded",
      );
      return isGood ? exitCodes.ok : exitCodes.jobFailed;
    }
  }
  say(
    `the ${ids.length === 1 ? "job goes" : "jobs go"} on; to stop: ertis cancel ${ids.join(" ")}`,
  );
  return exitCodes.interrupted;
}

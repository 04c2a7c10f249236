import type { Scheduler } from "@ertis/scheduler-runtime";
import { Refusal, invalidField } from "../mapping/refusal.ts";

/** Opaque to clients: the position in the log up to which a watcher has seen everything. */
export function encodeResumeToken(sequence: number): string {
  return `s${sequence}`;
}

/** The position, or why a stream cannot go on after the token. */
export async function resumeAfter(scheduler: Scheduler, token: string): Promise<number | Refusal> {
  const digits = /^s(\d{1,15})$/.exec(token)?.[1];
  if (digits === undefined) {
    return invalidField("resume_token", "is no token of this server; start without one");
  }
  const sequence = Number(digits);
  if (sequence > scheduler.lastSequence) {
    return tooOld("was given by a server that had seen more; its history is not this one's");
  }
  const next = await scheduler.entriesAfter(sequence, 1);
  return next === "too-old" ? tooOld("is older than what is remembered") : sequence;
}

export function tooOld(why: string): Refusal {
  return new Refusal("RESUME_TOKEN_TOO_OLD", `resume_token ${why}; start again without a token`);
}

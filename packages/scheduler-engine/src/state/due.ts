import { toNumber } from "@ertis/quantities";
import { agedAfterMs, deadlineLeadMs } from "../limits.ts";
import { type JobSpec, priorityClasses } from "../words/job-spec.ts";
import type { Job } from "./job.ts";

const high = priorityClasses.indexOf("high");

/** From when on a job goes ahead in its class: by its age, or earlier by its deadline. */
export function dueAtMs(spec: JobSpec, submittedAtMs: number): number {
  return Math.min(waitsFromMs(spec, submittedAtMs) + agedAfterMs, pressesAtMs(spec));
}

/** Its deadline is near, and can still be met. */
export function isPressed(job: Job, nowMs: number): boolean {
  const { deadline, walltimeMin } = job.spec;
  return (
    deadline !== undefined &&
    pressesAtMs(job.spec) <= nowMs &&
    nowMs + toNumber(walltimeMin) <= toNumber(deadline)
  );
}

/** How often it has waited the time after which a job counts as one class higher. */
export function agesWaited(job: Job, nowMs: number): number {
  const waitedMs = nowMs - waitsFromMs(job.spec, job.submittedAtMs);
  return Math.max(0, Math.floor(waitedMs / agedAfterMs));
}

/** Position of the class it counts as: raised by age, but never to urgent. */
export function classInOrder(job: Job, nowMs: number): number {
  const own = priorityClasses.indexOf(job.spec.priorityClass);
  return Math.max(own, Math.min(high, own + agesWaited(job, nowMs)));
}

function waitsFromMs({ beginAt }: JobSpec, submittedAtMs: number): number {
  return beginAt === undefined ? submittedAtMs : Math.max(submittedAtMs, toNumber(beginAt));
}

/** From when on its deadline is near; Infinity: it has none. */
export function pressesAtMs({ deadline, walltime }: JobSpec): number {
  if (deadline === undefined) {
    return Infinity;
  }
  const walltimeMs = toNumber(walltime);
  return toNumber(deadline) - walltimeMs - Math.max(deadlineLeadMs, Math.floor(walltimeMs / 4));
}

import { toNumber } from "@ertis/quantities";
import type { JobSpec } from "@ertis/scheduler-engine";

type Due = Pick<JobSpec, "deadline" | "beginAt" | "walltimeMin">;

/**
 * How long after its deadline a job ends that starts as soon as it may and uses the shortest walltime it is content with,
 * milliseconds. 0: it has no deadline, or may keep it. Whether there is room for it plays no part: `why` and `plan` tell.
 */
export function missedAtBestMs({ deadline, beginAt, walltimeMin }: Due, nowMs: number): number {
  if (deadline === undefined) {
    return 0;
  }
  const startMs = Math.max(nowMs, beginAt === undefined ? 0 : toNumber(beginAt));
  return Math.max(0, startMs + toNumber(walltimeMin) - toNumber(deadline));
}

import type { MovedStart } from "@ertis/api";
import { toNumber } from "@ertis/quantities";
import type { MovedPromise } from "@ertis/scheduler-engine";
import { affectedJobsMax } from "../limits/limits.ts";

export function movedToApi(moved: readonly MovedPromise[]): MovedStart[] {
  return moved.slice(0, affectedJobsMax).map(({ job, from, to }) => ({
    jobId: `${job}`,
    startTimeBeforeMs: toNumber(from.start),
    startTimeMs: to === undefined ? 0 : toNumber(to.start),
    capBeforeWatts: from.capWatts,
    capWatts: to?.capWatts ?? 0,
    endTimeBeforeMs: toNumber(from.end),
    endTimeMs: to === undefined ? 0 : toNumber(to.end),
  }));
}

import { learnedSeen, type SeenDraw } from "@ertis/power-planning";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { ShedContext, ShedMember } from "./shed-jobs.ts";

/** By the steering of the curtailment, or of another planned one; undefined: none has seen it. */
export function learnedDraws(
  { state, site, record }: ShedContext,
  members: readonly ShedMember[],
): readonly (SeenDraw | undefined)[] {
  const others = [...state.curtailments.records.values()].filter(
    (one) =>
      one !== record &&
      !one.isOver &&
      one.curtailment.site === site.site.id &&
      one.steering !== undefined,
  );
  const known = [record, ...others].filter((one) => one !== undefined);
  return members.map((member) => {
    if (isOneOfMany(member)) {
      return undefined;
    }
    for (const one of known) {
      const seen = learnedDraw(one, member);
      if (seen !== undefined) {
        return seen;
      }
    }
    return undefined;
  });
}

/** What one of those draws who share nodes says nothing of what these count. */
export function isOneOfMany({ shed }: ShedMember): boolean {
  return shed.followers !== undefined;
}

function learnedDraw(
  { steering }: CurtailmentRecord,
  { job, task, shed }: ShedMember,
): SeenDraw | undefined {
  return steering === undefined
    ? undefined
    : learnedSeen(
        steering.knowledge,
        taskIdOf({ job: job.number, task }),
        shed.curve,
        shed.capNowWatts,
      );
}

export function hasLearned(record: CurtailmentRecord, members: readonly ShedMember[]): boolean {
  return members.some((member) => learnedDraw(record, member) !== undefined);
}

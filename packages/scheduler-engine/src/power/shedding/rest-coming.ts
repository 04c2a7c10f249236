import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import { boundWatts, highestWatts, idleWatts, wattsPerWatt } from "../attempt-watts.ts";
import { isBelow } from "./effects.ts";
import { nodesBack } from "./nodes-back.ts";

/** What was measured, and when. */
interface Seen {
  readonly fromMs: number;
  readonly atMs: number;
  readonly wattsOf: ReadonlyMap<TaskId, number>;
}

/**
 * What attempts that began to run, or start still, and nodes that came back, in the time that was measured will draw, beside what is steered
 * of them, on top of what was seen of them: it is in no meter yet, and others are not to have it.
 */
export function restComingWatts(site: SiteState, record: CurtailmentRecord, seen: Seen): number {
  let sum = nodesBack(site, record, seen).comingWatts;
  for (const attempt of site.attempts) {
    const { phase, runsFromMs, placement, heldNodes, gpusPerNode } = attempt;
    const isFresh = phase === "starting" || (phase === "running" && runsFromMs > seen.fromMs);
    if (isFresh && isBelow(site, placement.nodes, record.curtailment.domain)) {
      const steeredWatts =
        attempt.curve === undefined
          ? 0
          : heldNodes.length * gpusPerNode * highestWatts(site, attempt);
      const besideWatts = boundWatts(site, attempt) - steeredWatts;
      const drawnWatts = seen.wattsOf.get(taskIdOf(attempt)) ?? idleWatts(site, attempt);
      sum += Math.max(0, besideWatts - drawnWatts) * wattsPerWatt(site, record, placement.nodes);
    }
  }
  return sum;
}

import { toNumber } from "@ertis/quantities";
import { isBelow, runningRecords } from "../../power/shedding/effects.ts";
import { staleAfterMs } from "../../power/stale-meters.ts";
import { steered } from "../../power/shedding/steer-input.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import { capNow } from "./cap-orders.ts";

export interface SteeredTask {
  /** Undefined: it is paused and may come back. */
  readonly attempt: Attempt | undefined;
  readonly capWatts: number;
}

/**
 * What the planned curtailments over each task that one of them asks leave it by their last steps: the lowest cap that one of
 * them asks for; and a raise, or a return, only when all of them agree.
 */
export function leftByAll(state: EngineState, site: SiteState): ReadonlyMap<TaskId, SteeredTask> {
  const left = new Map<TaskId, SteeredTask>();
  const inForce = [...runningRecords(state, site.site.id)].filter((one) => isSteering(state, one));
  const askedOf = inForce.map(
    (record) => new Map(record.steered?.caps.map(({ id, capWatts }) => [id, capWatts])),
  );
  inForce.forEach((record, at) => {
    for (const attempt of steered(site, record)) {
      const id = taskIdOf(attempt);
      // Whom nobody asks for anything stays as it is.
      if (askedOf.some((asked) => asked.has(id))) {
        const capWatts = askedOf[at]?.get(id) ?? capNow(site, attempt);
        left.set(id, { attempt, capWatts: Math.min(left.get(id)?.capWatts ?? Infinity, capWatts) });
      }
    }
  });
  for (const [id, { nodes }] of state.curtailments.paused) {
    const over = inForce.filter(({ curtailment }) => isBelow(site, nodes, curtailment.domain));
    const isGranted = over.every((one) => one.steered?.granted.includes(id) === true);
    if (over.length > 0 && isGranted && !left.has(id)) {
      left.set(id, { attempt: undefined, capWatts: lowestAskedCap(over, id) });
    }
  }
  return left;
}

/** While nobody measures its domain, its target is for bounds (`stale-meters.ts`). */
function isSteering(
  state: EngineState,
  { curtailment, steered: step }: CurtailmentRecord,
): boolean {
  return (
    curtailment.mode === "planned" &&
    step !== undefined &&
    state.nowMs < toNumber(curtailment.end) &&
    state.nowMs - step.atMs < staleAfterMs
  );
}

function lowestAskedCap(records: readonly CurtailmentRecord[], task: TaskId): number {
  let lowest = Infinity;
  for (const { steered: step } of records) {
    const asked = step?.caps.find(({ id }) => id === task);
    lowest = Math.min(lowest, asked?.capWatts ?? Infinity);
  }
  return lowest;
}

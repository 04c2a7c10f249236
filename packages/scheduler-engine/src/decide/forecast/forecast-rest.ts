import { type Pause, trySettled } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { plannedTogether } from "../../power/shedding/planned-group.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import { foreseenLoss, type PlanFor } from "../shed/plan-together.ts";
import { describeTogether } from "./forecast-together.ts";

/** What the rest of a curtailment takes of a task, after a common plan that ends before it. */
export interface RestOf {
  readonly lostMs: number;
  /** The lowest cap of that time, where it is capped; 0: it is not. */
  readonly capWatts: number;
  /** Counted from the start of the curtailment; undefined: it is not paused then. */
  readonly pause: Pick<Pause, "fromMs" | "untilMs"> | undefined;
}

/**
 * A common plan is for the time until the first of those that are planned together ends; then all are planned again. A
 * curtailment that lasts longer costs in the rest of its time what is asked for then, not what was asked before.
 */
export function restAfter(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  first: PlanFor,
): ReadonlyMap<TaskId, RestOf> {
  const rest = new Map<TaskId, RestOf>();
  const endMs = toNumber(record.curtailment.end);
  let fromMs = Math.max(state.nowMs, toNumber(record.curtailment.start));
  let before = first;
  for (let untilMs = untilOf(before); untilMs < endMs; untilMs = untilOf(before)) {
    const others = plannedTogether(state, site, record, untilMs).filter((one) => one !== record);
    const foreseen = foreseenLoss(site, { ...before, fromMs }, untilMs);
    const { described } = describeTogether(state, site, record, {
      atMs: untilMs,
      others,
      foreseen,
    });
    const tried = trySettled(described.problem);
    if (tried.kind !== "plan") {
      break;
    }
    fromMs = untilMs;
    before = { described: { ...described, group: [record, ...others] }, plan: tried.plan };
    addTo(rest, before, untilMs - toNumber(record.curtailment.start));
  }
  return rest;
}

function untilOf({ described: { group } }: PlanFor): number {
  return Math.min(...group.map(({ curtailment }) => toNumber(curtailment.end)));
}

function addTo(rest: Map<TaskId, RestOf>, { described, plan }: PlanFor, intoMs: number): void {
  const caps = new Map(plan.caps.map(({ id, capWatts }) => [id, capWatts]));
  const pauses = new Map(
    plan.pauses.map(({ id, fromMs, untilMs }) => [
      id,
      { fromMs: intoMs + fromMs, untilMs: intoMs + untilMs },
    ]),
  );
  described.members.forEach(({ shed, job, task }, at) => {
    const id = taskIdOf({ job: job.number, task });
    const { lostMs = 0, capWatts = 0, pause } = rest.get(id) ?? {};
    const top = shed.curve.points.at(-1)?.capWatts ?? 0;
    const cap = caps.get(shed.id) ?? 0;
    const isLower = cap > 0 && cap < top && (capWatts === 0 || cap < capWatts);
    rest.set(id, {
      lostMs: lostMs + (plan.losses[at]?.lostMs ?? 0),
      capWatts: isLower ? cap : capWatts,
      pause: pause ?? pauses.get(shed.id),
    });
  });
}

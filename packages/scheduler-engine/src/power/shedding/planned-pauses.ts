import type { ShedJob } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord, PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { returnsAtMs } from "./returns-at.ts";
import type { ShedMember } from "./shed-jobs.ts";

/** How long something without a known end is planned for: a lost feed, a budget until further notice. */
const unknownEndMs = 3_600_000;

/** Stretches that are planned for what bounds must not exceed, and are not over. Without a curtailment nobody pauses. */
function boundedPauses(state: EngineState, site: SiteState): readonly PlannedPause[] {
  if (!site.isInCurtailment) {
    return [];
  }
  return (state.curtailments.pauses.get(site.site.id) ?? []).filter(
    (one) => one.curtailment === undefined && returnsAtMs(state, one) > state.nowMs,
  );
}

/** The stretch of each member, counted from now; undefined: it has none any more, or comes back already. */
export function plannedPauses(
  state: EngineState,
  site: SiteState,
): (member: ShedMember) => ShedJob["pausePlanned"] {
  const byTask = new Map(
    boundedPauses(state, site).map((one) => [taskIdOf({ job: one.job, task: one.task ?? 0 }), one]),
  );
  return ({ job, task, attempt }) => {
    const id = taskIdOf({ job: job.number, task });
    const paused = attempt === undefined ? state.curtailments.paused.get(id) : undefined;
    const planned = byTask.get(id);
    const pause = paused ?? (hasStartedSince(attempt, planned) ? undefined : planned);
    return pause === undefined || paused?.isReturning === true
      ? undefined
      : { fromMs: pause.fromMs - state.nowMs, untilMs: pause.untilMs - state.nowMs };
  };
}

/**
 * Did it start when its pause for what bounds must not exceed had begun? Others had stopped it meanwhile, and it found
 * room for its start: what was planned for the attempt before says nothing of this one.
 */
export function hasStartedSince(
  attempt: Attempt | undefined,
  pause: PlannedPause | undefined,
): boolean {
  return (
    attempt !== undefined &&
    pause !== undefined &&
    pause.curtailment === undefined &&
    attempt.startedAtMs > pause.fromMs
  );
}

/**
 * From when to when it is planned for: without a curtailment for as long as pauses are planned, then for as
 * long again. `untilMs` stands in for the end of one.
 */
export function spanOf(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord | undefined,
  untilMs: number | undefined,
): { readonly startMs: number; readonly endMs: number } {
  if (record !== undefined) {
    const { start, end } = record.curtailment;
    return { startMs: toNumber(start), endMs: untilMs ?? toNumber(end) };
  }
  const lastMs = Math.max(0, ...boundedPauses(state, site).map((one) => returnsAtMs(state, one)));
  const endMs = lastMs > state.nowMs ? lastMs : state.nowMs + unknownEndMs;
  return { startMs: Math.min(state.nowMs, endMs - unknownEndMs), endMs };
}

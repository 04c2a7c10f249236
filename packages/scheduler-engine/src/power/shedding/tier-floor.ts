import { lowestCapFor } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord, PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { Pool, SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { floorCap } from "./curves.ts";
import { nodeCountBefore, openLossMs } from "./effects.ts";
import { lossThatCounts } from "./given-up.ts";
import { isWaitingToPause } from "../ramp/ramp-lead.ts";

/** A site and a curtailment over it, with the pauses that are planned there: each measurement asks for every task. */
export interface CurtailedSite {
  readonly state: EngineState;
  readonly site: SiteState;
  readonly record: CurtailmentRecord;
  readonly pausesOf: ReadonlyMap<TaskId, readonly PlannedPause[]>;
}

export function curtailedSite(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): CurtailedSite {
  const pauses = state.curtailments.pauses.get(site.site.id) ?? [];
  const pausesOf = Map.groupBy(pauses, ({ job, task = 0 }) => taskIdOf({ job, task }));
  return { state, site, record, pausesOf };
}

/**
 * The lowest cap that keeps the tier of a task to the end of a curtailment. Its floor does so alone; but
 * what a pause takes, before or to come, and what nodes that it gave back would do are part of the same
 * loss, so that caps may take only the rest: evenly to the end, or all of it by an earlier moment.
 */
export function tierFloor(
  curtailed: CurtailedSite,
  attempt: Attempt,
  usedUpByMs: number = toNumber(curtailed.record.curtailment.end),
): number {
  const { state, site, record } = curtailed;
  const spec = state.jobs.get(attempt.job)?.spec;
  const { curve } = attempt;
  const floorCapWatts = floorOf(site, record, attempt, spec);
  const pausedMs = record.effects.get(taskIdOf(attempt))?.pausedMs ?? 0;
  const toComeMs = pausesToCome(curtailed, attempt, toNumber(record.curtailment.end));
  const nodeCount = attempt.placement.nodes.length;
  const before = nodeCountBefore(record, attempt, nodeCount);
  if (
    spec === undefined ||
    curve === undefined ||
    floorCapWatts === 0 ||
    (pausedMs + toComeMs === 0 && before === nodeCount)
  ) {
    return floorCapWatts;
  }
  const [startMs, endMs] = [toNumber(record.curtailment.start), toNumber(record.curtailment.end)];
  const cappedMs = record.effects.get(taskIdOf(attempt))?.cappedLossMs ?? 0;
  const allMs = pausedMs + cappedMs + openLossMs(state, site, record, attempt);
  const lostMs = lossThatCounts({ state, site, record }, attempt, { spec, lossMs: allMs });
  const tierMs = ((endMs - startMs) * (spec.flexibilityTier + record.widenedBy / 100)) / 100;
  const untilMs = Math.min(endMs, usedUpByMs);
  const runningMs =
    untilMs - Math.max(state.nowMs, startMs) - pausesToCome(curtailed, attempt, untilMs);
  if (runningMs <= 0) {
    return floorCapWatts;
  }
  const gangSpeedMin = 1 - (tierMs - lostMs - toComeMs) / runningMs;
  const speedMin = Math.min(1, (gangSpeedMin * before) / nodeCount);
  return Math.max(floorCapWatts, Math.ceil(lowestCapFor(curve, speedMin)));
}

/** Lower where the floors of a curtailment could not be kept any more, so that all give a little. */
export function floorUnder(
  { widenedBy }: CurtailmentRecord,
  pool: Pool | undefined,
  spec: JobSpec | undefined,
): number {
  return pool === undefined || spec === undefined ? 0 : floorCap(pool, spec, widenedBy / 100);
}

function floorOf(
  site: SiteState,
  record: CurtailmentRecord,
  { placement, floorCapWatts }: Attempt,
  spec: JobSpec | undefined,
): number {
  const pool = site.nodePool[placement.nodes[0] ?? -1];
  return record.widenedBy === 0 ? floorCapWatts : floorUnder(record, pool, spec);
}

/** What pauses that are planned and have not begun, or wait for ramps, will take of the curtailment up to a moment. */
function pausesToCome(
  { state, record: { curtailment }, pausesOf }: CurtailedSite,
  attempt: Attempt,
  endMs: number,
): number {
  const fromMs = Math.max(state.nowMs, toNumber(curtailment.start));
  const hasRamps = state.ramps.has(curtailment.site);
  let sumMs = 0;
  for (const pause of pausesOf.get(taskIdOf(attempt)) ?? []) {
    const isToCome =
      pause.fromMs > state.nowMs || (hasRamps && isWaitingToPause(state, pause, attempt));
    if (pause.nodeCount === undefined && isToCome) {
      sumMs += Math.max(0, Math.min(endMs, pause.untilMs) - Math.max(fromMs, pause.fromMs));
    }
  }
  return sumMs;
}

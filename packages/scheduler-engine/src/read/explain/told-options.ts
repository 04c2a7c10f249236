import { stopGraceMs } from "../../limits.ts";
import { reservationOf } from "../../placement/find.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Pool, Reservation, SiteState } from "../../state/site-state.ts";
import type { Endings } from "./endings.ts";
import type { PoolAnswer } from "./explain-place.ts";
import type { ExplanationReason, HeadStart } from "./explanation.ts";
import {
  estimatedStarts,
  sleepersOption,
  type StartOption,
  startOptions,
} from "./start-options.ts";

/** Where a cap makes a difference. */
const powerReasons: ReadonlySet<ExplanationReason> = new Set([
  "power-limit",
  "power-budget",
  "power-curtailment",
  "future-window",
]);

/** Starts as they are told, and the promised start of another job beside which they are, if that puts them off. */
export interface Told {
  readonly options: readonly StartOption[];
  readonly head: HeadStart | undefined;
}

/**
 * Where watts are in the way bounds, behind promised starts estimates: there is always room, later. Bounds know nothing
 * of what planned curtailments leave, nor of starts that are promised to others: where they would allow a start now, or
 * a promise puts it off, estimates stand for them.
 */
export function toldOptions(
  state: EngineState,
  job: Job,
  nearest: PoolAnswer & { readonly pool: Pool },
  endingsIn: (site: SiteState) => Endings,
): Told {
  const { pool, reason, head } = nearest;
  if (reason === "behind-others") {
    return { options: estimatesOf(state, job, pool), head };
  }
  if (reason === "nodes-unavailable" || reason === "gpus") {
    return { options: sleepersOption(state, job, pool), head };
  }
  if (!powerReasons.has(reason)) {
    return { options: [], head };
  }
  const beside = besidePromised(state, job, pool);
  if (beside !== undefined) {
    return beside;
  }
  const bounds = startOptions(pool, job, state.nowMs, endingsIn(pool.site));
  const isLater = ({ startMs = Infinity }: { readonly startMs?: number | undefined }): boolean =>
    startMs > state.nowMs;
  if (
    bounds.length === 0 ? isLater({ startMs: nearest.startLowerBoundMs }) : bounds.every(isLater)
  ) {
    return { options: bounds, head };
  }
  const estimated = estimatesOf(state, job, pool);
  return { options: estimated.length === 0 ? bounds.filter(isLater) : estimated, head };
}

/** Undefined: nothing that is promised to others puts its start off, or it is promised one itself. */
function besidePromised(state: EngineState, job: Job, pool: Pool): Told | undefined {
  const others = pool.site.pools.flatMap(({ reservations }) => reservations);
  if (others.length === 0 || reservationOf(state, job) !== undefined) {
    return undefined;
  }
  const soonestWithout = (lifted: readonly Reservation[]): number =>
    withLifted(lifted, () => soonestMs(estimatedStarts(pool, job, state.nowMs)));
  const options = estimatedStarts(pool, job, state.nowMs);
  if (options.length === 0 || soonestWithout(others) >= soonestMs(options)) {
    return undefined;
  }
  const inOrder = others.toSorted((a, b) => a.startAtMs - b.startAtMs);
  const head = inOrder.find((one) => soonestWithout([one]) < soonestMs(options)) ?? inOrder[0];
  return { options, head: head && { job: head.job, startAtMs: head.startAtMs } };
}

function soonestMs(options: readonly StartOption[]): number {
  return options.reduce((soonest, { startMs = Infinity }) => Math.min(soonest, startMs), Infinity);
}

/** What is kept for the job itself is not in its way, and comes no later than it is kept. */
function estimatesOf(state: EngineState, job: Job, pool: Pool): readonly StartOption[] {
  const own = reservationOf(state, job);
  if (own === undefined) {
    return estimatedStarts(pool, job, state.nowMs);
  }
  const found = withLifted([own], () => estimatedStarts(pool, job, state.nowMs));
  const isWhole = own.pool === pool && own.nodes.length === job.spec.nodeCount;
  const endsByMs = own.holdsUntilMs - stopGraceMs;
  return found.map((option) =>
    isWhole && option.capWatts === own.capWatts && (option.startMs ?? Infinity) > own.startAtMs
      ? { ...option, startMs: own.startAtMs, endsByMs }
      : option,
  );
}

import { stopGraceMs } from "../../limits.ts";
import { reservationOf } from "../../placement/find.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Pool, SiteState } from "../../state/site-state.ts";
import type { Endings } from "./endings.ts";
import type { PoolAnswer } from "./explain-place.ts";
import type { ExplanationReason } from "./explanation.ts";
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

/**
 * Where watts are in the way bounds, behind promised starts estimates: there is always room, later. Bounds know nothing
 * of what planned curtailments leave: where they would allow a start now, estimates stand for them.
 */
export function toldOptions(
  state: EngineState,
  job: Job,
  nearest: PoolAnswer & { readonly pool: Pool },
  endingsIn: (site: SiteState) => Endings,
): readonly StartOption[] {
  const { pool, reason } = nearest;
  if (reason === "behind-others") {
    return estimatesOf(state, job, pool);
  }
  if (reason === "nodes-unavailable" || reason === "gpus") {
    return sleepersOption(state, job, pool);
  }
  if (!powerReasons.has(reason)) {
    return [];
  }
  const bounds = startOptions(pool, job, state.nowMs, endingsIn(pool.site));
  const isLater = ({ startMs = Infinity }: { readonly startMs?: number | undefined }): boolean =>
    startMs > state.nowMs;
  if (
    bounds.length === 0 ? isLater({ startMs: nearest.startLowerBoundMs }) : bounds.every(isLater)
  ) {
    return bounds;
  }
  const estimated = estimatesOf(state, job, pool);
  return estimated.length === 0 ? bounds.filter(isLater) : estimated;
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

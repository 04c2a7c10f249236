import type { Sacrifice } from "../../placement/choose-victims.ts";
import type { Wanted } from "../../placement/room.ts";
import { savedAndGoneMs } from "../../power/attempt-ends.ts";
import { withLifting } from "../../power/what-if/lifting.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { squeezable, withAllLowered } from "../caps/squeezable.ts";
import { maySqueeze } from "../caps/squeeze-hold.ts";
import {
  type KeptStart,
  leastCap,
  planSqueeze,
  wantedAt,
  windowsBeside,
} from "../caps/squeeze-plan.ts";
import { isSqueezedOften } from "../caps/squeeze-tries.ts";
import type { Preemption } from "./preempt.ts";

/**
 * A smaller sacrifice than the one that leaves all others their caps: where fewer stop for GPUs alone, caps of others
 * fall for the watts that are missing, and the start itself may be capped as long as it is done by its promised end.
 * Not where there are ramps: nobody knows when caps fall there.
 */
export function besideLowered(
  state: EngineState,
  job: Job,
  {
    alone,
    kept,
    choose,
  }: {
    readonly alone: Preemption;
    /** The start that it gives up. */
    readonly kept: KeptStart | undefined;
    readonly choose: (wanted: Wanted) => Sacrifice | undefined;
  },
): Preemption | undefined {
  const { pool, startAtMs } = alone;
  const { site } = pool;
  if (
    state.ramps.has(site.site.id) ||
    !maySqueeze(state, site) ||
    isSqueezedOften(state, site, job.number)
  ) {
    return undefined;
  }
  const isLess = (one: Sacrifice | undefined): one is Sacrifice =>
    one !== undefined && one.lossGpuMs < alone.lossGpuMs;
  const wanted = wantedAt(pool, job, { startAtMs, capWatts: leastCap(pool, job, kept) });
  if (!isLess(choose({ ...wanted, ledger: [] }))) {
    return undefined;
  }
  const way = { isInstead: true, kept, givesUpKept: true } as const;
  const squeezed = squeezable(state, wanted, windowsBeside(state, site, way));
  const less = withAllLowered(site, squeezed, "now", () => choose(wanted));
  if (!isLess(less) || less.victims.length === 0) {
    return undefined;
  }
  const attempts = less.victims.map(({ attempt }) => attempt);
  const goneAtMs = Math.max(
    ...less.victims.map(({ job: { spec } }) => savedAndGoneMs(state.nowMs, spec)),
  );
  const beside = withLifting(site, (lifting) => {
    attempts.forEach((attempt) => lifting.lift(attempt));
    return planSqueeze(state, pool, job, { ...way, beside: { attempts, goneAtMs } });
  });
  return beside && { ...less, nodes: beside.nodes, startAtMs: goneAtMs, beside };
}

import { type CapCurve, type FillJob, lowerCaps } from "@ertis/power-planning";
import { stopGraceMs } from "../../limits.ts";
import { isBlockedThen } from "../../placement/quota.ts";
import type { Wanted } from "../../placement/room.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { canHoldOn } from "../../placement/search.ts";
import { isSoonerByWaiting } from "../../placement/wait-for-full-power.ts";
import { nextWorkMs, wantedUntil } from "../../placement/wanted.ts";
import { capStepWatts, curveOf, floorCap, speedUnder } from "../../power/shedding/curves.ts";
import { feltDomains } from "../../power/felt-domains.ts";
import { fillJobOf, turnoverWeightOf } from "../../power/shedding/fill-jobs.ts";
import { horizonTimes } from "../../power/horizons.ts";
import { type LoweredFor, withLowering } from "../../power/what-if/lowering.ts";
import { endAt } from "../../power/shedding/work.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import { isDoneInTime } from "../../state/reservations.ts";
import type { Pool, Reservation, SiteState } from "../../state/site-state.ts";
import { capNow } from "./cap-orders.ts";
import { freeAfter } from "./free-after.ts";
import { loss, mayFreeEnough, nodesAtFloors, squeezable, type Squeezed } from "./squeezable.ts";
import { squeezeLeadMs } from "./squeeze-hold.ts";

/** Who is lowered how far, and the start that this makes room for. */
export interface SqueezePlan {
  readonly lowered: readonly { readonly attempt: Attempt; readonly capWatts: number }[];
  readonly nodes: readonly number[];
  /** Of the newcomer; the highest: not capped. */
  readonly capWatts: number;
}

/** The start that a job is promised, as far as a squeeze keeps to it. */
export type KeptStart = Pick<Reservation, "pool" | "startAtMs" | "capWatts" | "holdsUntilMs">;

/** How a job is squeezed for. */
export interface Squeezing {
  /** Others would be stopped otherwise. */
  readonly isInstead: boolean;
  readonly kept: KeptStart | undefined;
  /** It is promised the start that is found in place of the kept one: who is gone by that one may hold on longer. */
  readonly givesUpKept?: true;
  /** Caps that stay as low make room beside what begins before its end, too. Promised no start before they have fallen, it is not capped. */
  readonly isForGood?: true;
  /** Others are lowered beside those who stop for it, and it starts when these are gone: to be asked with them lifted off their nodes. */
  readonly beside?: StopsFirst;
}

/** Who stops for a start, and when all of them are gone. */
export interface StopsFirst {
  readonly attempts: readonly Attempt[];
  readonly goneAtMs: number;
}

/**
 * Caps of running attempts that fall so that a job starts, where all of them together get more done that
 * way; for who is promised a start already, or instead of others' work, also where they do not.
 */
export function planSqueeze(
  state: EngineState,
  pool: Pool,
  job: Job,
  squeezing: Squeezing,
): SqueezePlan | undefined {
  const { site } = pool;
  const { isInstead, kept, beside } = squeezing;
  const startAtMs = beside?.goneAtMs ?? state.nowMs + squeezeLeadMs;
  const howLong = squeezing.isForGood ? "good" : "now";
  const floor = squeezing.isForGood ? 0 : leastCap(pool, job, kept);
  const curve = curveOf(pool, job.spec.workloadClass);
  const wantedUnder = (capWatts: number): Wanted => {
    const wanted = wantedAt(pool, job, { startAtMs, capWatts });
    // Nothing is promised on what is kept for others.
    return squeezing.givesUpKept ? { ...wanted, mayUseKept: false } : wanted;
  };
  const wanted = wantedUnder(floor);
  if (availableNodes(wanted, 0) < wanted.nodeCount) {
    return undefined;
  }
  const windows = windowsBeside(state, site, squeezing);
  const squeezed = squeezable(state, wanted, windows, beside?.attempts);
  if (beside === undefined && !mayFreeEnough(site, squeezed, wanted)) {
    return undefined;
  }
  const nodes = nodesAtFloors(site, squeezed, besideCurtailed(wanted, state.nowMs), howLong);
  if (nodes === undefined) {
    return undefined;
  }
  const newcomer = newcomerOn(pool, job, { nodes, floor });
  const caps = capsFor(squeezed, { newcomer, nodes, wanted }, howLong);
  if (caps === undefined) {
    return undefined;
  }
  const capWatts = [caps.at(-1) ?? 0, floor].find((cap) => {
    const at = wantedUnder(cap);
    return (
      (kept === undefined || isDoneInTime({ endsByMs: endsByOf(at) }, kept)) &&
      mayHold(state, job, { wanted: at, startAtMs }, nodes) &&
      holdsAt({ squeezed, caps, howLong }, { wanted: at, nodes })
    );
  });
  if (capWatts === undefined) {
    return undefined;
  }
  const gain = newcomer.weight * speedUnder(curve, capWatts);
  if (
    kept?.pool !== pool &&
    ((!isInstead && gain <= loss(squeezed, caps)) ||
      !isWorthIt(state, pool, job, speedUnder(curve, floor)))
  ) {
    return undefined;
  }
  const lowered = squeezed.attempts
    .map((attempt, at) => ({ attempt, capWatts: caps[at] ?? 0 }))
    .filter((one) => one.capWatts < capNow(site, one.attempt));
  return { lowered, nodes, capWatts };
}

/** When windows begin that those who are gone by then are not to run into, in rising order. */
export function windowsBeside(
  { nowMs }: EngineState,
  site: SiteState,
  { kept, givesUpKept }: Pick<Squeezing, "kept" | "givesUpKept">,
): readonly number[] {
  const isOthers = ({ isLifted }: Reservation): boolean => !isLifted;
  const others = horizonTimes(site, nowMs, isOthers);
  return kept?.pool.site === site && !givesUpKept
    ? [...others, kept.startAtMs].toSorted((a, b) => a - b)
    : others;
}

/** The lowest cap that it may be given; 0: none. A cap that was promised is kept. */
export function leastCap(pool: Pool, { spec }: Job, kept: KeptStart | undefined): number {
  const isCapPromised = kept?.pool === pool && kept.capWatts !== 0;
  return isCapPromised ? kept.capWatts : floorCap(pool, spec);
}

/** May its accounts hold all of it, beside what is promised to others of theirs? */
function mayHold(
  state: EngineState,
  job: Job,
  { wanted, startAtMs }: { readonly wanted: Wanted; readonly startAtMs: number },
  nodes: readonly number[],
): boolean {
  const { pool, capWatts } = wanted;
  return !isBlockedThen(state, job, {
    pool,
    nodes,
    capWatts,
    startAtMs,
    endsByMs: endsByOf(wanted),
  });
}

function endsByOf({ holdsUntilMs }: Wanted): number {
  return holdsUntilMs - stopGraceMs;
}

/** What the newcomer asks for when it starts once the nodes have answered, and who stops is gone. */
export function wantedAt(
  pool: Pool,
  job: Job,
  { startAtMs, capWatts }: { readonly startAtMs: number; readonly capWatts: number },
): Wanted {
  const speed = speedUnder(curveOf(pool, job.spec.workloadClass), capWatts);
  const isFull = capWatts >= (pool.gpuCap?.highestWatts ?? 0);
  return {
    ...wantedUntil(pool, job, endAt(startAtMs, nextWorkMs(job), speed)),
    capWatts: isFull ? 0 : capWatts,
  };
}

/** Even at its floor it would end no later than if it waited for full power: else it would not start. */
function isWorthIt(state: EngineState, pool: Pool, job: Job, lowestSpeed: number): boolean {
  const endsByMs = endAt(state.nowMs, nextWorkMs(job), lowestSpeed);
  return !isSoonerByWaiting(state, pool, job, endsByMs);
}

/** The newcomer as one more of those that share the watts. */
function newcomerOn(
  pool: Pool,
  job: Job,
  { nodes, floor }: { readonly nodes: readonly number[]; readonly floor: number },
): FillJob {
  const { gpusPerNode, workloadClass } = job.spec;
  const highestWatts = pool.gpuCap?.highestWatts ?? 0;
  return fillJobOf(pool.site, {
    job,
    weight: turnoverWeightOf(job, nodes.length * gpusPerNode),
    curve: curveOf(pool, workloadClass) ?? fullPowerOnly(highestWatts),
    floorCapWatts: floor || highestWatts,
    nodes,
    gpusPerNode,
  });
}

interface Newcomer {
  readonly newcomer: FillJob;
  readonly nodes: readonly number[];
  readonly wanted: Wanted;
}

/** Whole caps of those that are lowered, and at the end that of the newcomer. */
function capsFor(
  { attempts, jobs }: Squeezed,
  { newcomer, nodes, wanted }: Newcomer,
  howLong: LoweredFor,
): readonly number[] | undefined {
  const { site } = wanted.pool;
  const highestWatts = wanted.pool.gpuCap?.highestWatts ?? 0;
  const lowered = lowerCaps({
    jobs: [...jobs, newcomer],
    capNowWatts: Float64Array.from([...attempts.map((one) => capNow(site, one)), highestWatts]),
    freeScaled: freeAfter(nodes, wanted, howLong),
    counts: "cap",
    capStepWatts,
  });
  if (lowered.kind !== "filled") {
    return undefined;
  }
  const caps = Array.from(lowered.capWatts, Math.floor);
  return [...caps.slice(0, -1), Math.min(caps.at(-1) ?? 0, highestWatts)];
}

/** Do its nodes hold it then, also in every window that is known? */
function holdsAt(
  {
    squeezed: { attempts },
    caps,
    howLong,
  }: {
    readonly squeezed: Squeezed;
    readonly caps: readonly number[];
    readonly howLong: LoweredFor;
  },
  { wanted, nodes }: Pick<Newcomer, "wanted" | "nodes">,
): boolean {
  return withLowering(wanted.pool.site, howLong, (lowering) => {
    attempts.forEach((attempt, at) => {
      lowering.lower(attempt, caps[at] ?? attempt.capWatts);
    });
    return canHoldOn(wanted, nodes);
  });
}

function fullPowerOnly(capWatts: number): CapCurve {
  return { points: [{ capWatts, speed: 1, drawWatts: capWatts }] };
}

/** A wish with no room below curtailments that are carried out: nobody is lowered for nodes there. */
function besideCurtailed(wanted: Wanted, nowMs: number): Wanted {
  const { site } = wanted.pool;
  const curtailed = feltDomains(site, nowMs);
  const [now, ...later] = site.horizons;
  return curtailed.size === 0 || now === undefined
    ? wanted
    : {
        ...wanted,
        ledger: [
          {
            ...now,
            ceiling: now.ceiling.map((most, at) => (curtailed.has(at) ? -Infinity : most)),
          },
          ...later,
        ],
      };
}

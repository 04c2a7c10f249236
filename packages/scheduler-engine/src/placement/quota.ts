import {
  addHolding,
  type Holding,
  lessHolding,
  noHolding,
  quotaExcess,
  type QuotaExcess,
} from "@ertis/power-planning";
import { formatWatts, toNumber, watts } from "@ertis/quantities";
import { floorCap } from "../power/shedding/curves.ts";
import { holdingOf } from "../power/holding.ts";
import { known } from "../state/assert.ts";
import type { LeastNeeds } from "../state/candidate.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt, Job } from "../state/job.ts";
import { findAccount, forEachAbove, isSoAbove, type Shares } from "../state/shares.ts";
import type { Pool, SiteState } from "../state/site-state.ts";
import type { Placement } from "../words/attempt.ts";
import { stopGraceMs } from "../limits.ts";
import { poolsOf } from "./capacity.ts";
import type { PlannedStart } from "./plan-start.ts";
import { forEachPromised, promisedHolding, type Span } from "./promised-holdings.ts";
import { smallestGrowthWatts } from "./room.ts";

/** The account whose bound a start would pass. */
export interface QuotaBlock extends QuotaExcess {
  readonly account: string;
  /** Of what counts as held, this is kept for promised starts. */
  readonly kept?: number;
}

/** Would a start pass what an account above the job may hold? From its user upward, the first that does. */
export function quotaBlock(state: EngineState, job: Job, more: Holding): QuotaBlock | undefined {
  const { shares } = state;
  return shares.declared.length === 0
    ? undefined
    : quotaBlockAt(shares, findAccount(shares, job.owner, job.spec.project), more);
}

function quotaBlockAt(shares: Shares, account: number, more: Holding): QuotaBlock | undefined {
  let block: QuotaBlock | undefined;
  forEachAbove(shares, account, ({ id, held, quota }) => {
    const excess = quota === undefined ? undefined : quotaExcess(held, more, quota);
    if (excess !== undefined) {
      block ??= { account: id, ...excess };
    }
  });
  return block;
}

/**
 * The same for time during which starts are promised to others below those accounts: what these will
 * hold counts as held. A promised start is not lost to what its own account began meanwhile.
 */
export function promiseBlock(
  state: EngineState,
  job: Job,
  more: Holding,
  span: Span,
): QuotaBlock | undefined {
  let block: QuotaBlock | undefined;
  forEachPromised(state, job, span, ({ id, held, quota }, { holding: kept }) => {
    const excess =
      quota === undefined ? undefined : quotaExcess(addHolding(held, kept), more, quota);
    if (excess !== undefined) {
      const isGpus = excess.resource === "gpus";
      block ??= { account: id, ...excess, kept: isGpus ? kept.gpuCount : kept.reservedWatts };
    }
  });
  return block;
}

/**
 * The same for a start at a later moment: what will be over by then is not held any more. So no start is
 * promised that its own accounts would have to refuse when it is due.
 */
export function quotaBlockThen(
  state: EngineState,
  job: Job,
  more: Holding,
  atMs: number,
): QuotaBlock | undefined {
  // Most starts fit beside what is held now.
  if (quotaBlock(state, job, more) === undefined) {
    return undefined;
  }
  const { shares } = state;
  const over = overBy(state, atMs);
  let block: QuotaBlock | undefined;
  forEachAbove(
    shares,
    findAccount(shares, job.owner, job.spec.project),
    ({ id, held, quota }, at) => {
      const left = lessHolding(held, over.get(at) ?? noHolding);
      const excess = quota === undefined ? undefined : quotaExcess(left, more, quota);
      if (excess !== undefined) {
        block ??= { account: id, ...excess };
      }
    },
  );
  return block;
}

/**
 * Will an account above it hold too much when it starts? Of two starts that it may not hold both, the first
 * promised stands.
 */
export function isBlockedThen(state: EngineState, job: Job, plan: PlannedStart): boolean {
  const { pool, startAtMs, nodes, capWatts, endsByMs } = plan;
  const { gpusPerNode } = job.spec;
  const more = promisedHolding(pool.site, { nodes, gpusPerNode, capWatts });
  const span = { fromMs: startAtMs, untilMs: endsByMs + stopGraceMs };
  return (
    quotaBlockThen(state, job, more, startAtMs) !== undefined ||
    promiseBlock(state, job, more, span) !== undefined
  );
}

/** By account, what attempts hold that are over by a moment. */
function overBy({ jobs, shares, sites }: EngineState, atMs: number): ReadonlyMap<number, Holding> {
  const over = new Map<number, Holding>();
  for (const { attempts } of sites.values()) {
    for (const attempt of attempts) {
      if (!attempt.isOverdue && attempt.endsByMs + stopGraceMs <= atMs) {
        const { owner, spec } = known(jobs.get(attempt.job), "job of an attempt");
        forEachAbove(shares, findAccount(shares, owner, spec.project), (_, at) => {
          over.set(at, addHolding(over.get(at) ?? noHolding, attempt.held));
        });
      }
    }
  }
  return over;
}

/** Is the whole job at full power more than an account above it may ever hold? Then it bends, or waits for good. */
export function isAboveQuota(state: EngineState, job: Job): boolean {
  const { shares } = state;
  return (
    shares.declared.length > 0 &&
    isAboveQuotaAt(state, job, findAccount(shares, job.owner, job.spec.project))
  );
}

function isAboveQuotaAt(state: EngineState, job: Job, account: number): boolean {
  const whole = fullHolding(state, job);
  return isSoAbove(
    state.shares,
    account,
    ({ quota }) => quota !== undefined && quotaExcess(noHolding, whole, quota) !== undefined,
  );
}

/** Do the accounts above a job refuse it whatever room there is? */
export function isRefusedByQuota(
  { shares }: EngineState,
  account: number,
  { smallest, whole }: Pick<LeastNeeds, "smallest" | "whole">,
): boolean {
  return (
    shares.declared.length > 0 &&
    isSoAbove(
      shares,
      account,
      ({ held, quota }) =>
        quota !== undefined &&
        (quotaExcess(held, smallest, quota) !== undefined ||
          quotaExcess(noHolding, whole, quota) !== undefined),
    )
  );
}

/** The least a start of the job can hold: with its fewest nodes, at the lowest cap it takes. */
export function smallestHolding(state: EngineState, job: Job): Holding {
  const nodeCount = job.spec.nodeCountMin;
  return leastHolding(state, job, { nodeCount, capOf: (pool) => floorCap(pool, job.spec) });
}

/** The least it can hold with all its nodes at full power; in one pool, if one is meant. */
export function fullHolding(state: EngineState, job: Job, pool?: Pool): Holding {
  const pools = pool && [pool];
  return leastHolding(state, job, { nodeCount: job.spec.nodeCount, capOf: () => 0, pools });
}

interface Least {
  readonly nodeCount: number;
  readonly capOf: (pool: Pool) => number;
  /** Absent: all in which it may start. */
  readonly pools?: readonly Pool[] | undefined;
}

function leastHolding(state: EngineState, job: Job, { nodeCount, capOf, pools }: Least): Holding {
  const { gpusPerNode } = job.spec;
  let wattsMin = Infinity;
  for (const pool of state.shares.declared.length === 0 ? [] : (pools ?? poolsOf(state, job))) {
    const capWatts = capOf(pool);
    wattsMin = Math.min(wattsMin, smallestGrowthWatts({ pool, gpusPerNode, capWatts }));
  }
  const leastWatts = wattsMin === Infinity ? 0 : Math.max(0, wattsMin) * nodeCount;
  return holding(nodeCount * gpusPerNode, leastWatts);
}

export function holdingOfPlacement(placement: Placement, job: Job): Holding {
  return holding(placement.nodes.length * job.spec.gpusPerNode, toNumber(placement.powerReserved));
}

function holding(gpuCount: number, wattsAtStart: number): Holding {
  return { gpuCount, reservedWatts: wattsAtStart, admittedWatts: wattsAtStart };
}

/**
 * The highest cap up to one that is wanted at which no account above a running attempt holds more
 * watts than it may; never below the cap it has.
 */
export function capWithinQuota(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  capWatts: number,
): number {
  const { placement, gpusPerNode, heldNodes, held } = attempt;
  const growthWatts = (cap: number): number => {
    const raised = { placement, gpusPerNode, heldNodes, capWatts: cap, capInForce: undefined };
    return holdingOf(site, raised).reservedWatts - held.reservedWatts;
  };
  const neededWatts = state.shares.declared.length === 0 ? 0 : growthWatts(capWatts);
  const roomWatts = quotaRoomWatts(state, attempt, neededWatts);
  if (neededWatts <= roomWatts) {
    return capWatts;
  }
  const gpuCount = attempt.heldNodes.length * attempt.gpusPerNode;
  const highest = attempt.capWatts + Math.floor(Math.max(0, roomWatts) / Math.max(1, gpuCount));
  const isTooMuch = growthWatts(highest) > roomWatts;
  return isTooMuch ? attempt.capWatts : capWatts === 0 ? highest : Math.min(capWatts, highest);
}

/**
 * What the accounts above an attempt may still hold; below 0 after a quota was made smaller. What will be over
 * when the first of their promised starts begins takes nothing from these: beside both, who was lowered by a curtailment
 * would stay below its floor.
 * @param neededWatts of where there is as much as that it is not asked how much more
 */
function quotaRoomWatts(state: EngineState, attempt: Attempt, neededWatts: number): number {
  const { shares, jobs } = state;
  let roomWatts = Infinity;
  if (shares.declared.length > 0) {
    const job = known(jobs.get(attempt.job), "job of an attempt");
    forEachAbove(shares, findAccount(shares, job.owner, job.spec.project), ({ held, quota }) => {
      roomWatts = Math.min(roomWatts, (quota?.most.watts ?? Infinity) - held.reservedWatts);
    });
    const untilMs = attempt.endsByMs + stopGraceMs;
    forEachPromised(state, job, { fromMs: state.nowMs, untilMs }, ({ held, quota }, kept, at) => {
      const leftWatts =
        (quota?.most.watts ?? Infinity) - held.reservedWatts - kept.holding.reservedWatts;
      // What is over is asked of all that runs.
      if (leftWatts < Math.min(roomWatts, neededWatts)) {
        const overWatts = overBy(state, kept.firstMs).get(at)?.reservedWatts ?? 0;
        roomWatts = Math.min(roomWatts, leftWatts + overWatts);
      }
    });
  }
  return roomWatts;
}

/** `account kaz/llm may hold 512 GPUs and holds 512; this needs 64 more` */
export function quotaText({ account, resource, most, held, needed, kept }: QuotaBlock): string {
  const show = (amount: number): string =>
    resource === "gpus" ? `${amount}` : formatWatts(watts(Math.round(amount)));
  const unit = resource === "gpus" ? " GPUs" : "";
  const keptText = kept === undefined ? "" : `, ${show(kept)}${unit} of it for promised starts`;
  return needed > most
    ? `account ${account} may never hold more than ${show(most)}${unit}, and this needs ${show(needed)}`
    : `account ${account} may hold ${show(most)}${unit} and holds ${show(held)}${keptText}; this needs ${show(needed)} more`;
}

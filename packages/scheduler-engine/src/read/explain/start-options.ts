import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
import { reservationOf } from "../../placement/find.ts";
import { type PlannedStart, startOf } from "../../placement/plan-start.ts";
import { startOnSleepers } from "../../placement/start-on-sleepers.ts";
import { curveOf, floorCap, speedUnder } from "../../power/shedding/curves.ts";
import { endAt } from "../../power/shedding/work.ts";
import { nextWorkMs } from "../../placement/wanted.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Pool, Reservation } from "../../state/site-state.ts";
import { type Endings, endingsOf } from "./endings.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { startLowerBoundMs } from "./start-bound.ts";

/** A start at one cap: what waiting for watts is worth. */
export interface StartOption {
  /** Of every GPU; 0: full power. */
  readonly capWatts: number;
  /** Speed at that cap in thousandths of full speed. */
  readonly speedPermille: number;
  /** No start before this; undefined: not even the end of all that runs makes room. See `isEstimate`. */
  readonly startMs: number | undefined;
  /** When its walltime would be over then, were the cap never raised. */
  readonly endsByMs: number | undefined;
  /**
   * Not a bound: when it would start beside the promised starts as they stand, what runs using its walltime and
   * nobody else ahead of it taking the room.
   */
  readonly isEstimate: boolean;
}

/** Caps that are looked at: full power and at most this many below. */
const capsMax = 6;

/** Nodes times caps that one estimate looks at: a large site is asked for fewer caps, so that an answer stays quick. */
const nodesLookedAtMax = 50_000;

/**
 * Lower bounds of the start at full power and at each useful cap, the highest first: the measured
 * points of the job's curve down to the lowest cap it tolerates. A cap that starts no sooner than a higher one
 * is of no use, and left out. Empty where it cannot be capped.
 */
export function startOptions(
  pool: Pool,
  job: Job,
  nowMs: number,
  endings: Endings = endingsOf(pool.site, nowMs),
): readonly StartOption[] {
  const { spec } = job;
  const floorCapWatts = floorCap(pool, spec);
  const caps = usefulCaps(pool, job);
  if (caps.length === 1) {
    return [];
  }
  const options = caps.map(({ capWatts, speed }) => {
    const walltimeMs = endAt(0, toNumber(spec.walltime), speed);
    const gang = {
      nodeCount: spec.nodeCount,
      gpusPerNode: spec.gpusPerNode,
      walltimeMs,
      capWatts,
      floorCapWatts,
    };
    const bound = startLowerBoundMs(pool, gang, nowMs, endings);
    return {
      capWatts,
      speedPermille: Math.floor(speed * 1000),
      startMs: bound,
      endsByMs: bound === undefined ? undefined : bound + walltimeMs,
      isEstimate: false,
    };
  });
  return options.filter(
    ({ startMs = Infinity }, at) =>
      at === 0 || options.slice(0, at).every((higher) => startMs < (higher.startMs ?? Infinity)),
  );
}

/**
 * Starts of a job that others' promised starts or planned curtailments keep back, at full power and at each useful cap: the very search
 * that promises starts, so nodes and watts that are kept count as taken, but for who is done before that start. A cap that starts no sooner than a higher
 * one is left out. Where nothing fits beside what is promised: when all of that will have ended, too. Errs to the
 * later side, as promises do. Empty where not even then there is room.
 */
export function estimatedStarts(pool: Pool, job: Job, nowMs: number): readonly StartOption[] {
  const capCount = Math.max(1, Math.floor(nodesLookedAtMax / pool.site.nodeFlags.length));
  const caps = usefulCaps(pool, job);
  const asked =
    caps.length <= capCount ? caps : [...caps.slice(0, capCount - 1), ...caps.slice(-1)];
  const options: StartOption[] = [];
  let soonestMs = Infinity;
  for (const { capWatts, speed } of asked) {
    const found = besideOthers(pool, job, nowMs, () =>
      startOf(pool, job, { nodeCount: job.spec.nodeCount, capWatts }, { nowMs, leadMs: undefined }),
    );
    if (found !== undefined && found.startAtMs < soonestMs) {
      soonestMs = found.startAtMs;
      options.push(estimateOf(found, speed));
    }
  }
  return options.length === 0 ? afterPromised(pool, job, nowMs) : options;
}

/**
 * The start with nodes that sleep for a curtailment, once they are back by themselves, if that is before the one that is
 * kept for the job; where they do not help beside what is promised to others, when all of that will have ended, too.
 * Empty: they do not help, or nobody knows when they are back.
 */
export function sleepersOption(state: EngineState, job: Job, pool: Pool): readonly StartOption[] {
  const own = reservationOf(state, job);
  const start =
    withLifted(own === undefined ? [] : [own], () =>
      besideOthers(pool, job, state.nowMs, () => startOnSleepers(state, pool, job, state.nowMs)),
    ) ?? sleepersAfterPromised(state, job, pool);
  if (start === undefined || start.startAtMs >= (own?.startAtMs ?? Infinity)) {
    return [];
  }
  const speed = speedUnder(curveOf(pool, job.spec.workloadClass), start.capWatts);
  return [estimateOf(start, speed)];
}

/**
 * A start beside what is kept for others in a pool, or on what is kept where that is sooner, and over before the first of
 * their starts: no pass promises that, and every one makes it once its nodes and watts are there.
 */
function besideOthers(
  pool: Pool,
  job: Job,
  nowMs: number,
  find: () => PlannedStart | undefined,
): PlannedStart | undefined {
  const beside = find();
  const kept = pool.reservations.filter((one) => !one.isLifted && one.job !== job.number);
  const firstMs = kept.reduce((first, one) => Math.min(first, one.startAtMs), Infinity);
  if (kept.length === 0 || nowMs + nextWorkMs(job) + stopGraceMs > firstMs) {
    return beside;
  }
  const onKept = withLifted(kept, find);
  const isSooner =
    onKept !== undefined &&
    onKept.startAtMs < (beside?.startAtMs ?? Infinity) &&
    onKept.endsByMs + stopGraceMs <= firstMs;
  return isSooner ? onKept : beside;
}

function sleepersAfterPromised(state: EngineState, job: Job, pool: Pool): PlannedStart | undefined {
  const { promised, overMs } = promisedIn(pool, state.nowMs);
  return promised.length === 0
    ? undefined
    : withLifted(promised, () => startOnSleepers(state, pool, job, overMs));
}

/** All that is promised in the site of a pool, and when it will have begun and ended. */
function promisedIn(
  pool: Pool,
  nowMs: number,
): { readonly promised: readonly Reservation[]; readonly overMs: number } {
  const promised = pool.site.pools.flatMap(({ reservations }) => reservations);
  const overMs = promised.reduce((latest, one) => Math.max(latest, one.holdsUntilMs), nowMs);
  return { promised, overMs };
}

/** At full power, once what is promised now has begun and ended. */
function afterPromised(pool: Pool, job: Job, nowMs: number): readonly StartOption[] {
  const { promised, overMs } = promisedIn(pool, nowMs);
  const whole = { nodeCount: job.spec.nodeCount, capWatts: 0 };
  const found = withLifted(promised, () =>
    startOf(pool, job, whole, { nowMs, leadMs: overMs - nowMs }),
  );
  return found === undefined ? [] : [estimateOf(found, 1)];
}

function estimateOf({ capWatts, startAtMs, endsByMs }: PlannedStart, speed: number): StartOption {
  const speedPermille = Math.floor(speed * 1000);
  return { capWatts, speedPermille, startMs: startAtMs, endsByMs, isEstimate: true };
}

interface UsefulCap {
  readonly capWatts: number;
  readonly speed: number;
}

/** Full power, and where it can be capped the measured points down to the lowest cap it tolerates. */
function usefulCaps(pool: Pool, { spec }: Job): readonly UsefulCap[] {
  const full = { capWatts: 0, speed: 1 };
  const floorCapWatts = floorCap(pool, spec);
  const curve = curveOf(pool, spec.workloadClass);
  if (floorCapWatts === 0 || curve === undefined) {
    return [full];
  }
  const top = pool.gpuCap?.highestWatts ?? 0;
  const measured = curve.points
    .map((point) => point.capWatts)
    .filter((capWatts) => capWatts > floorCapWatts && capWatts < top)
    .toReversed();
  return [
    full,
    ...[...measured.slice(0, capsMax - 1), floorCapWatts].map((capWatts) => ({
      capWatts,
      speed: speedUnder(curve, capWatts),
    })),
  ];
}

import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { ceilingsAt } from "../power/horizons.ts";
import { gpuCountOf } from "../power/bounds.ts";
import { createHorizon, holdsUntilMs } from "../power/ledger.ts";
import { Trial } from "../power/trial.ts";
import { known } from "../state/assert.ts";
import type { Pool, SiteState } from "../state/site-state.ts";

/** When a gang could start, if nothing but running walltimes stood in its way. */
export interface EarliestStart {
  readonly startAtMs: number;
  readonly nodes: readonly number[];
}

export interface GangSize {
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  readonly walltimeMs: number;
}

/** What does not fit now does not fit in this second either: plans lie in the future. */
export const planLeadMs = 1000;

/** How many moments between the first and the last end are looked at when watts bind. */
const powerSteps = 8;

/**
 * The earliest start that running walltimes allow: first the moment from which enough GPUs are
 * free, then, when watts are still short, a later one. The answer errs to the later side by at most
 * 1/2^powerSteps of the longest remaining walltime, and never exceeds that walltime.
 *
 * @returns undefined when it would not fit even after everything that runs has ended
 */
export function earliestStart(
  pool: Pool,
  gang: GangSize,
  nowMs: number,
  leadMs: number = planLeadMs,
): EarliestStart | undefined {
  const freeAt = freeMoments(pool, gang.gpusPerNode, nowMs);
  if (freeAt.length < gang.nodeCount) {
    return undefined;
  }
  const moments = Float64Array.from(freeAt, (one) => one.atMs).toSorted();
  const gpusFreeAt = Math.max(known(moments[gang.nodeCount - 1], "moment"), nowMs + leadMs);
  if (gpusFreeAt === Infinity) {
    return undefined;
  }
  let found = nodesAt(pool, gang, freeAt, gpusFreeAt);
  if (found !== undefined) {
    return found;
  }
  let tooEarly = gpusFreeAt;
  let last = lastEndMs(pool.site, nowMs + leadMs);
  found = nodesAt(pool, gang, freeAt, last);
  if (found === undefined) {
    return nodesAfterBudgets(pool, gang, freeAt, last);
  }
  for (let step = 0; step < powerSteps && last - tooEarly > 1; step += 1) {
    const middle = Math.floor((tooEarly + last) / 2);
    const earlier = nodesAt(pool, gang, freeAt, middle);
    if (earlier === undefined) {
      tooEarly = middle;
    } else {
      found = earlier;
      last = middle;
    }
  }
  return found;
}

/** With everything ended, only a budget can stand in the way: look at the moments where one ends. */
function nodesAfterBudgets(
  pool: Pool,
  gang: GangSize,
  freeAt: readonly FreeMoment[],
  lastMs: number,
): EarliestStart | undefined {
  const ends = pool.site.budgets
    .map((budget) => (budget.until === undefined ? 0 : toNumber(budget.until)))
    .filter((atMs) => atMs > lastMs)
    .toSorted((a, b) => a - b);
  for (const atMs of ends) {
    const found = nodesAt(pool, gang, freeAt, atMs);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

interface FreeMoment {
  readonly node: number;
  readonly atMs: number;
}

/** For each node that takes attempts and is large enough: from when it has the GPUs free. */
function freeMoments(pool: Pool, gpusPerNode: number, nowMs: number): FreeMoment[] {
  const { site } = pool;
  const moments: FreeMoment[] = [];
  for (let node = 0; node < site.nodeFlags.length; node += 1) {
    if (site.nodePool[node] !== pool || site.nodeFlags[node] !== 0) {
      continue;
    }
    const total = site.nodeGpuCount[node] ?? 0;
    if (total < gpusPerNode) {
      continue;
    }
    moments.push({ node, atMs: freeMomentOf(site, node, total - gpusPerNode, nowMs) });
  }
  return moments;
}

/** From when a node holds at most `heldMax` GPUs. An overdue attempt is expected to go at once. */
function freeMomentOf(site: SiteState, node: number, heldMax: number, nowMs: number): number {
  let held = site.gpusHeld[node] ?? 0;
  if (held <= heldMax) {
    return nowMs;
  }
  const ends = (site.attemptsOnNode[node] ?? [])
    .map((attempt) => ({
      atMs: Math.max(holdsUntilMs(attempt), nowMs + stopGraceMs),
      gpuCount: gpuCountOf(attempt.placement.gpuMasks[attempt.placement.nodes.indexOf(node)] ?? 0),
    }))
    .toSorted((a, b) => a.atMs - b.atMs);
  for (const end of ends) {
    held -= end.gpuCount;
    if (held <= heldMax) {
      return end.atMs;
    }
  }
  return Infinity;
}

function lastEndMs(site: SiteState, leastMs: number): number {
  let last = leastMs;
  for (const attempts of site.attemptsOnNode) {
    for (const attempt of attempts) {
      last = Math.max(last, holdsUntilMs(attempt));
    }
  }
  return last;
}

/** Nodes for the gang from `atMs` on, on a ledger of that moment and every known one after it. */
function nodesAt(
  pool: Pool,
  gang: GangSize,
  freeAt: readonly FreeMoment[],
  atMs: number,
): EarliestStart | undefined {
  const { site } = pool;
  const untilMs = atMs + gang.walltimeMs + stopGraceMs;
  const ledger = [
    createHorizon(site, atMs, ceilingsAt(site, atMs)),
    ...site.horizons.filter((horizon) => horizon.atMs > atMs),
  ];
  const trial = new Trial(site, ledger, untilMs);
  for (const one of freeAt) {
    if (trial.nodes.length === gang.nodeCount) {
      break;
    }
    if (one.atMs <= atMs) {
      trial.add(one.node, gang.gpusPerNode);
    }
  }
  trial.undo();
  return trial.nodes.length === gang.nodeCount
    ? { startAtMs: atMs, nodes: trial.nodes }
    : undefined;
}

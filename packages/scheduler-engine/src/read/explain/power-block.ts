import { toNumber } from "@ertis/quantities";
import type { DomainKind } from "@ertis/site-model";
import { smallestGrowthWatts, type Wanted } from "../../placement/room.ts";
import { availableNodes } from "../../power/free-counts.ts";
import { domainOfColumn, transferOfColumn, visitAbove } from "../../state/columns.ts";
import { growthWatts } from "../../power/ledger.ts";
import { ceilingWatts as curtailedTo, isFelt, recoveredAtMs } from "../../power/recovery.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import { type Trial, withTrial } from "../../power/what-if/trial.ts";
import { known } from "../../state/assert.ts";
import type { Horizon, SiteState, LostSupply } from "../../state/site-state.ts";
import type { PowerBudget } from "../../words/command.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { lowestBudget } from "../../power/budgets.ts";

/** The domain where a gang's watts end. Watts are those of the domain itself, losses included. */
export interface PowerBlock {
  /** Path. */
  readonly domain: string;
  readonly kind: DomainKind;
  /** So many more domains of its kind keep nodes out of the gang at that moment, too. */
  readonly alikeCount: number;
  /** The smallest of the usable limit, the budget and the curtailment at the moment that binds. */
  readonly ceilingWatts: number;
  /** Rounded down. */
  readonly freeWatts: number;
  /** What the gang would add there, apart from nodes that find watts elsewhere. Rounded up. */
  readonly neededWatts: number;
  /** The budget that binds; absent: a curtailment or the limit does. */
  readonly budget: PowerBudget | undefined;
  /** Part of what feeds the domain is gone, and its limit binds. */
  readonly lostSupply?: LostSupply;
  /** The curtailment that binds. */
  readonly curtailment: Curtailment | undefined;
  /** That one is over, and gives its watts back until then. */
  readonly givesBackUntilMs?: number;
  /** When it binds; absent: now. */
  readonly atMs: number | undefined;
  /** One of the supplies of the domain binds, not the domain as a whole: watts are those of the supply. */
  readonly supply: SupplyAfterFailure | undefined;
}

/** A supply of a domain with distributed redundancy. */
export interface SupplyAfterFailure {
  readonly name: string;
  /** The supply whose load it would take over; undefined: it takes over nothing. */
  readonly failed: string | undefined;
}

interface Blame {
  /** Column of the ledger: a domain or a transfer sum. */
  readonly domain: number;
  readonly horizon: Horizon;
  /** Nodes with enough free GPUs that this domain keeps from being taken. */
  nodeCount: number;
  /** Scaled growth of the domain by one more node, the smallest that did not fit. */
  unit: number;
}

/**
 * Fills the gang in as a placement does and notes for each node left out the highest domain without
 * room; the one that keeps out most nodes binds.
 *
 * @returns undefined when the gang fits
 */
export function powerBlock(
  wanted: Wanted,
  horizons: readonly Horizon[],
  nowMs: number,
): PowerBlock | undefined {
  const { site } = wanted.pool;
  const relevant = horizons.filter((horizon) => horizon.atMs < wanted.holdsUntilMs);
  const blames = new Map<string, Blame>();
  return withTrial(site, relevant, wanted.holdsUntilMs, (trial) => {
    fill({ wanted, horizons: relevant, trial, blames }, 0);
    if (trial.nodes.length === wanted.nodeCount) {
      return undefined;
    }
    const worst = worstOf(blames);
    return worst === undefined
      ? undefined
      : { ...describe(wanted, trial, worst, nowMs), alikeCount: countAlike(wanted, blames, worst) };
  });
}

interface Filling {
  readonly wanted: Wanted;
  readonly horizons: readonly Horizon[];
  readonly trial: Trial;
  readonly blames: Map<string, Blame>;
}

function fill(filling: Filling, domain: number): void {
  const { wanted, trial } = filling;
  const { pool } = wanted;
  const { site } = pool;
  const available = availableNodes(wanted, domain);
  if (available === 0 || trial.nodes.length === wanted.nodeCount) {
    return;
  }
  const unit = smallestGrowthWatts(wanted) * (site.scaledPerWattMin[domain] ?? 0);
  for (const horizon of filling.horizons) {
    if (!holds(horizon, domain, unit)) {
      blame(filling, { domain, horizon, nodeCount: available, unit });
      return;
    }
  }
  for (let free = wanted.gpusPerNode; free <= pool.gpuCountMax; free += 1) {
    for (const node of site.nodesOf[domain] ?? []) {
      if (trial.nodes.length === wanted.nodeCount) {
        return;
      }
      if (site.nodePool[node] === pool && site.countedFree[node] === free) {
        take(filling, node);
      }
    }
  }
  for (const child of site.children[domain] ?? []) {
    fill(filling, child);
  }
}

function take(filling: Filling, node: number): void {
  const { wanted, horizons, trial } = filling;
  if (trial.add(node, wanted)) {
    return;
  }
  const { site } = wanted.pool;
  for (const horizon of horizons) {
    const [highest] = blamesOf(site, horizon, node, growthWatts(site, node, wanted, horizon));
    if (highest !== undefined) {
      blame(filling, highest);
      return;
    }
  }
}

/** Everything above a node that does not carry watts more of it, the highest first. */
function blamesOf(site: SiteState, horizon: Horizon, node: number, watts: number): Blame[] {
  const found: Blame[] = [];
  visitAbove(site, node, watts, (domain, unit) => {
    if (!holds(horizon, domain, unit)) {
      found.unshift({ domain, horizon, nodeCount: 1, unit });
    }
  });
  return found;
}

function holds(horizon: Horizon, domain: number, scaled: number): boolean {
  return (horizon.load[domain] ?? 0) + scaled <= (horizon.ceiling[domain] ?? 0);
}

function blame({ blames }: Filling, one: Blame): void {
  const key = `${one.domain}|${one.horizon.atMs}`;
  const earlier = blames.get(key);
  if (earlier === undefined) {
    blames.set(key, one);
  } else {
    earlier.nodeCount += one.nodeCount;
    earlier.unit = Math.min(earlier.unit, one.unit);
  }
}

/** Keeps out most nodes; of equals the one nearest to the feed, then the earliest. */
function worstOf(blames: ReadonlyMap<string, Blame>): Blame | undefined {
  let worst: Blame | undefined;
  for (const one of blames.values()) {
    if (
      worst === undefined ||
      one.nodeCount > worst.nodeCount ||
      (one.nodeCount === worst.nodeCount &&
        (one.domain < worst.domain ||
          (one.domain === worst.domain && one.horizon.atMs < worst.horizon.atMs)))
    ) {
      worst = one;
    }
  }
  return worst;
}

/** While the trial still stands, so that what the gang has taken below the domain is known. */
function describe(
  wanted: Wanted,
  trial: Trial,
  worst: Blame,
  nowMs: number,
): Omit<PowerBlock, "alikeCount"> {
  const { site } = wanted.pool;
  const { horizon } = worst;
  const domain = known(site.site.domains[domainOfColumn(site, worst.domain)], "domain");
  const sum = transferOfColumn(site, worst.domain);
  const taken = takenScaled(wanted, trial, worst);
  const rest = wanted.nodeCount - trial.nodes.length;
  const ceiling = horizon.ceiling[worst.domain] ?? 0;
  const free = ceiling - (horizon.load[worst.domain] ?? 0) + taken;
  const atMs = horizon.atMs === -Infinity ? nowMs : horizon.atMs;
  // Both are set on domains, never on one of their supplies.
  const here = <One extends { readonly domain: string }>(all: readonly One[]): readonly One[] =>
    sum === undefined ? all.filter((one) => one.domain === domain.id) : [];
  const budget = lowestBudget(here(budgetsOf(site)), atMs);
  const curtailed = lowestTarget(here(site.curtailments), toNumber(domain.usableWatts), atMs);
  const budgetWatts = budget === undefined ? Infinity : toNumber(budget.ceiling);
  const lost = sum === undefined ? site.lostSupplies.get(domain.index) : undefined;
  const limitWatts = Math.min(
    toNumber((sum ?? domain).usableWatts),
    lost?.remainingWatts ?? Infinity,
  );
  const ceilingWatts = Math.min(limitWatts, budgetWatts, curtailed?.watts ?? Infinity);
  const isCurtailed = ceilingWatts < Math.min(limitWatts, budgetWatts);
  const curtailment = isCurtailed ? curtailed?.curtailment : undefined;
  return {
    domain: domain.id,
    kind: domain.kind,
    ceilingWatts,
    freeWatts: Math.max(0, Math.floor(free / domain.loadScale)),
    neededWatts: Math.ceil((taken + rest * worst.unit) / domain.loadScale),
    budget: ceilingWatts < limitWatts && ceilingWatts === budgetWatts ? budget : undefined,
    curtailment,
    ...(curtailment !== undefined && toNumber(curtailment.end) <= atMs
      ? { givesBackUntilMs: recoveredAtMs(curtailment) }
      : {}),
    atMs: horizon.atMs === -Infinity ? undefined : horizon.atMs,
    supply: sum === undefined ? undefined : { name: sum.supply, failed: sum.failed },
    ...(lost !== undefined && ceilingWatts === limitWatts ? { lostSupply: lost } : {}),
  };
}

function countAlike(
  { pool: { site } }: Wanted,
  blames: ReadonlyMap<string, Blame>,
  worst: Blame,
): number {
  const kindOf = ({ domain }: Blame): DomainKind | undefined =>
    transferOfColumn(site, domain) === undefined ? site.site.domains[domain]?.kind : undefined;
  const kind = kindOf(worst);
  return [...blames.values()].filter(
    (one) =>
      one.domain !== worst.domain &&
      one.horizon === worst.horizon &&
      kind !== undefined &&
      kindOf(one) === kind,
  ).length;
}

/** Of the curtailments that are felt at a moment the one that allows least, and what it allows. */
function lowestTarget(
  curtailments: readonly Curtailment[],
  usableWatts: number,
  atMs: number,
): { readonly curtailment: Curtailment; readonly watts: number } | undefined {
  const [lowest] = curtailments
    .filter((one) => isFelt(one, atMs))
    .map((curtailment) => ({ curtailment, watts: curtailedTo(curtailment, usableWatts, atMs) }))
    .toSorted((a, b) => a.watts - b.watts);
  return lowest;
}

/** What the nodes of a trial add at a domain. */
function takenScaled(wanted: Wanted, trial: Trial, at: Blame): number {
  const { site } = wanted.pool;
  let taken = 0;
  for (const node of trial.nodes) {
    visitAbove(site, node, growthWatts(site, node, wanted, at.horizon), (domain, scaled) => {
      taken += domain === at.domain ? scaled : 0;
    });
  }
  return taken;
}

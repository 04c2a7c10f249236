import type { Attempt } from "../state/job.ts";
import type { Horizon, SiteState } from "../state/site-state.ts";
import { highestWatts } from "./attempt-watts.ts";
import { capInForce, type ClassCaps, cutWatts, cutWattsOf, isAboveCap } from "../state/caps.ts";
import { visitAbove } from "../state/columns.ts";
import { type GangLoad, gangLoad } from "./gang-load.ts";
import { holdsUntilMs } from "./attempt-ends.ts";
import type { RaiseWindows } from "./raise-windows.ts";

/** Would every domain of a ledger carry an attempt at a higher cap, at every moment while it may run? */
export function mayRaise(
  site: SiteState,
  horizons: readonly Horizon[],
  attempt: Attempt,
  capWatts: number,
): boolean {
  const untilMs = holdsUntilMs(attempt);
  const bears = bearing(site, attempt, capWatts);
  return horizons.every((horizon) => horizon.atMs >= untilMs || bears(horizon));
}

/**
 * Would bounds stay within what they must not exceed, now and at every known moment while the attempt may
 * run at that cap? For curtailments, whose targets somebody else looks after: a raise takes no watts from a start that is
 * promised for later, from a budget to come, nor from who is away for a moment.
 */
export function mayRaiseWithin(
  site: SiteState,
  windows: RaiseWindows,
  attempt: Attempt,
  capWatts: number,
): boolean {
  const bears = bearing(site, attempt, capWatts);
  return bears(windows.hardNow) && windows.whileRunning(attempt, capWatts).every(bears);
}

type Ledger = Pick<Horizon, "load" | "ceiling">;

/** Tells of a ledger whether it bears an attempt at another cap. */
function bearing(site: SiteState, attempt: Attempt, capWatts: number): (ledger: Ledger) => boolean {
  const load = gangLoad(site, attempt.heldNodes, attempt.gpusPerNode);
  const { caps } = load;
  // Nearly all are capped alike on all their nodes: then one product a domain says it.
  const isAlike = caps !== undefined && attempt.capInForce === undefined;
  if (isAlike && isAboveCap(capWatts, attempt.capWatts)) {
    const watts = raiseOfGpu(caps, attempt, capWatts);
    return (ledger) => isCarriedBy(ledger, load, watts);
  }
  const more = moreScaled(site, attempt, capWatts);
  return (ledger) => isCarried(ledger, more);
}

/** The highest whole cap up to the one that is wanted at which they would; its own where none is. */
export function highestRaiseWithin(
  site: SiteState,
  windows: RaiseWindows,
  attempt: Attempt,
  capWatts: number,
): number {
  if (mayRaiseWithin(site, windows, attempt, capWatts)) {
    return capWatts;
  }
  const highest = highestWatts(site, attempt);
  let fits = attempt.capWatts || highest;
  let tooMuch = capWatts || highest;
  while (tooMuch - fits > 1) {
    const middle = (fits + tooMuch) >> 1;
    if (mayRaiseWithin(site, windows, attempt, middle)) {
      fits = middle;
    } else {
      tooMuch = middle;
    }
  }
  return fits;
}

/** Watts that each GPU of an attempt counts more at least under a higher cap: what is sure before a closer look. */
export function leastRaiseOfGpu(site: SiteState, attempt: Attempt, capWatts: number): number {
  const { caps } = gangLoad(site, attempt.heldNodes, attempt.gpusPerNode);
  return caps === undefined || attempt.capInForce !== undefined
    ? 1
    : Math.max(1, raiseOfGpu(caps, attempt, capWatts));
}

/** Watts that a GPU of a gang counts more under a higher cap. */
function raiseOfGpu(caps: ClassCaps, attempt: Attempt, capWatts: number): number {
  const { gpusPerNode } = attempt;
  const before = cutWattsOf(caps, gpusPerNode, attempt.capWatts);
  return (before - cutWattsOf(caps, gpusPerNode, capWatts)) / gpusPerNode;
}

function isCarriedBy(ledger: Ledger, load: GangLoad, watts: number): boolean {
  const { domains, scaledPerGpuWatt } = load;
  // The feed, which is full most often, stands at the end of the first node's.
  for (let at = domains.length - 1; at >= 0; at -= 1) {
    const domain = domains[at] ?? 0;
    const scaled = (scaledPerGpuWatt[at] ?? 0) * watts;
    if ((ledger.load[domain] ?? 0) + scaled > (ledger.ceiling[domain] ?? 0)) {
      return false;
    }
  }
  return true;
}

function isCarried({ load, ceiling }: Ledger, more: ReadonlyMap<number, number>): boolean {
  for (const [domain, scaled] of more) {
    if ((load[domain] ?? 0) + scaled > (ceiling[domain] ?? 0)) {
      return false;
    }
  }
  return true;
}

/** What a raise adds to the domains above an attempt. */
function moreScaled(site: SiteState, attempt: Attempt, capWatts: number): Map<number, number> {
  const more = new Map<number, number>();
  for (const node of attempt.heldNodes) {
    const before = capInForce(attempt, node);
    if (!isAboveCap(capWatts, before)) {
      continue;
    }
    const watts =
      cutWatts(site, node, attempt.gpusPerNode, before) -
      cutWatts(site, node, attempt.gpusPerNode, capWatts);
    visitAbove(site, node, watts, (column, scaled) => {
      more.set(column, (more.get(column) ?? 0) + scaled);
    });
  }
  return more;
}

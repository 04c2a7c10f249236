import { toNumber } from "@ertis/quantities";
import type { PowerDomain } from "@ertis/site-model";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { gangLoad } from "../../power/gang-load.ts";
import { isInForce } from "../../power/horizons.ts";
import { ceilingWatts, isFelt } from "../../power/recovery.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { activeAttempts, type Attempt, type Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { freeWatts } from "../power/free-watts.ts";
import { attemptSpeedPermille } from "../jobs/job-view.ts";
import { curtailmentCause, type MoveCause } from "../curtailments/moved-by.ts";

type CurtailmentCause = Extract<MoveCause, { readonly kind: "curtailment" }>;

/** A job that runs below full speed: how far, and what has taken its watts and nodes. */
export interface HeldBack {
  /** Of the whole gang at full power, in thousandths. */
  readonly speedPermille: number;
  readonly nodeCount: number;
  readonly nodeCountFull: number;
  /** Of every GPU; 0: not capped. */
  readonly capWatts: number;
  /**
   * Curtailments and budgets in force that leave less than the watts which its caps take from it; where none does, the
   * next ones that will.
   */
  readonly causes: readonly Exclude<MoveCause, { readonly kind: "nodes" }>[];
  /** Where those are none: curtailments that are felt over it all the same, and leave as much below their ceilings. */
  readonly inForce: readonly CurtailmentCause[];
  /** The curtailment that stopped it before it came back on fewer nodes; undefined: none did. */
  readonly pausedFor: string | undefined;
  /** So many nodes it is to have again, after which curtailment that is on over it; undefined: it keeps those that it has. */
  readonly growsTo: { readonly nodeCount: number; readonly after?: Curtailment } | undefined;
  /** Where nobody ordered it: the domain above it that keeps its caps down, having the smallest part of what they miss. */
  readonly tightest:
    | {
        readonly domain: string;
        readonly freeWatts: number;
        /** As much as full power would take: ramps, a quota or promised starts keep its caps from rising. */
        readonly isEnough: boolean;
      }
    | undefined;
}

/** Of an array its slowest task; undefined: all run at full speed. */
export function heldBack(state: EngineState, job: Job): HeldBack | undefined {
  const [slowest] = activeAttempts(job)
    .filter(({ phase }) => phase === "starting" || phase === "running")
    .map((attempt) => ({ attempt, speedPermille: attemptSpeedPermille(state, attempt) }))
    .toSorted((a, b) => a.speedPermille - b.speedPermille);
  const site = slowest && state.sites.get(slowest.attempt.placement.site);
  if (slowest === undefined || site === undefined) {
    return undefined;
  }
  const { attempt, speedPermille } = slowest;
  const nodeCount = attempt.placement.nodes.length;
  const { capWatts } = attempt;
  if (nodeCount === job.spec.nodeCount && capWatts === 0) {
    return undefined;
  }
  const missing = missingScaled(site, attempt);
  const { nowMs } = state;
  const felt = feltOver(site, missing, nowMs);
  const now = [...tooLowFor(site, felt, missing, nowMs), ...budgetsIn(site, missing, nowMs)];
  const causes = now.length > 0 ? now : causesToCome(site, missing, holdsUntilMs(attempt));
  const before = job.history.findLast(({ task }) => task === attempt.task);
  return {
    speedPermille,
    nodeCount,
    nodeCountFull: job.spec.nodeCount,
    capWatts,
    causes,
    inForce: causes.length > 0 ? [] : felt.map((one) => curtailmentCause(one, nowMs)),
    pausedFor: nodeCount < job.spec.nodeCount ? before?.pausedFor : undefined,
    growsTo: growsTo(state, site, attempt),
    tightest: causes.length > 0 ? undefined : tightestOf(site, missing),
  };
}

/** Of several that are on, the last one to end. */
function growsTo(
  { curtailments: { shrunk }, nowMs }: EngineState,
  site: SiteState,
  attempt: Attempt,
): HeldBack["growsTo"] {
  const { nodes } = attempt.placement;
  const nodeCount = shrunk.get(taskIdOf(attempt))?.nodeCount ?? 0;
  const [after] = site.curtailments
    .filter((one) => isFelt(one, nowMs) && toNumber(one.end) > nowMs)
    .filter((one) => isBelow(site, nodes, one.domain))
    .toSorted((a, b) => toNumber(b.end) - toNumber(a.end));
  return nodeCount > nodes.length ? { nodeCount, ...(after && { after }) } : undefined;
}

/** The first window to come, while it may still run, in which what is missing does not fit: caps stay down for it. */
function causesToCome(
  site: SiteState,
  missing: ReadonlyMap<number, number>,
  untilMs: number,
): HeldBack["causes"] {
  for (const { atMs, load, ceiling } of site.horizons.slice(1)) {
    const isTooMuch = ({ domain }: { readonly domain: string }): boolean => {
      const at = site.domainIndexById.get(domain) ?? -1;
      return (load[at] ?? 0) + (missing.get(at) ?? -Infinity) > (ceiling[at] ?? 0);
    };
    const curtailments = site.curtailments
      .filter((one) => isFelt(one, atMs) && isTooMuch(one))
      .map((curtailment) => ({
        kind: "curtailment" as const,
        curtailment,
        fromMs: toNumber(curtailment.start),
      }));
    const budgets = budgetsOf(site)
      .filter((one) => isInForce(one, atMs) && isTooMuch(one))
      .map((budget) => ({ kind: "budget" as const, budget, fromMs: toNumber(budget.from) }));
    if (atMs < untilMs && curtailments.length + budgets.length > 0) {
      return [...curtailments, ...budgets];
    }
  }
  return [];
}

/** What its GPUs would add at full power to each domain above them, scaled; empty: it is not capped. */
function missingScaled(
  site: SiteState,
  { capWatts, heldNodes, gpusPerNode }: Attempt,
): ReadonlyMap<number, number> {
  const highest = site.nodePool[heldNodes[0] ?? -1]?.gpuCap?.highestWatts ?? 0;
  const missing = new Map<number, number>();
  if (capWatts !== 0 && highest > capWatts) {
    const { domains, scaledPerGpuWatt } = gangLoad(site, heldNodes, gpusPerNode);
    domains.forEach((domain, at) => {
      if (domain < site.parent.length) {
        missing.set(domain, (scaledPerGpuWatt[at] ?? 0) * (highest - capWatts));
      }
    });
  }
  return missing;
}

/** Is less left below a ceiling than is missing there? */
function isFull(
  site: SiteState,
  domain: PowerDomain,
  ceilingScaled: number,
  missing: ReadonlyMap<number, number>,
): boolean {
  const more = missing.get(domain.index);
  const now = known(site.horizons[0], "the horizon of now");
  return more !== undefined && (now.load[domain.index] ?? 0) + more > ceilingScaled;
}

function domainOf(
  site: SiteState,
  { domain }: { readonly domain: string },
): PowerDomain | undefined {
  return site.site.domains[site.domainIndexById.get(domain) ?? -1];
}

/** Curtailments that are felt over it, in the order of their starts. */
function feltOver(
  site: SiteState,
  missing: ReadonlyMap<number, number>,
  nowMs: number,
): readonly Curtailment[] {
  return site.curtailments
    .filter((one) => missing.has(domainOf(site, one)?.index ?? -1) && isFelt(one, nowMs))
    .toSorted((a, b) => toNumber(a.start) - toNumber(b.start));
}

/** Those that leave too little: a planned one what its steering says, the others what bounds leave below their ceilings. */
function tooLowFor(
  site: SiteState,
  felt: readonly Curtailment[],
  missing: ReadonlyMap<number, number>,
  nowMs: number,
): readonly CurtailmentCause[] {
  const ceilingOf = (one: Curtailment, { usableWatts, loadScale }: PowerDomain): number =>
    site.startRooms.get(one.id)?.ceilingScaled ??
    ceilingWatts(one, toNumber(usableWatts), nowMs) * loadScale;
  return felt
    .filter((one) => {
      const domain = domainOf(site, one);
      return domain !== undefined && isFull(site, domain, ceilingOf(one, domain), missing);
    })
    .map((curtailment) => curtailmentCause(curtailment, nowMs));
}

/** One above what the domain carries anyway takes none. */
function budgetsIn(
  site: SiteState,
  missing: ReadonlyMap<number, number>,
  nowMs: number,
): HeldBack["causes"] {
  return budgetsOf(site)
    .filter((one) => {
      const domain = domainOf(site, one);
      return (
        domain !== undefined &&
        one.ceiling < domain.usableWatts &&
        isInForce(one, nowMs) &&
        isFull(site, domain, toNumber(one.ceiling) * domain.loadScale, missing)
      );
    })
    .map((budget) => ({ kind: "budget", budget }));
}

/** Where the smallest part of what is missing fits: the GPUs of a gang have one cap, and rise together. */
function tightestOf(site: SiteState, missing: ReadonlyMap<number, number>): HeldBack["tightest"] {
  return [...missing]
    .flatMap(([at, scaled]) => {
      const domain = site.site.domains[at];
      return domain === undefined
        ? []
        : [{ domain, more: Math.ceil(scaled / domain.loadScale), free: freeWatts(site, domain) }];
    })
    .toSorted((a, b) => a.free / a.more - b.free / b.more)
    .map(({ domain, free, more }) => ({
      domain: domain.id,
      freeWatts: free,
      isEnough: free >= more,
    }))[0];
}

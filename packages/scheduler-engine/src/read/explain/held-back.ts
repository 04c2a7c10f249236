import { toNumber } from "@ertis/quantities";
import { isInForce } from "../../power/horizons.ts";
import { isFelt } from "../../power/recovery.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { activeAttempts, type Attempt, type Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { freeWatts } from "../power/free-watts.ts";
import { attemptSpeedPermille } from "../jobs/job-view.ts";
import type { MoveCause } from "../curtailments/moved-by.ts";

/** A job that runs below full speed: how far, and what has taken its watts and nodes. */
export interface HeldBack {
  /** Of the whole gang at full power, in thousandths. */
  readonly speedPermille: number;
  readonly nodeCount: number;
  readonly nodeCountFull: number;
  /** Of every GPU; 0: not capped. */
  readonly capWatts: number;
  /** Curtailments and budgets in force on a domain that it is in. */
  readonly causes: readonly Exclude<MoveCause, { readonly kind: "nodes" }>[];
  /** The curtailment that stopped it before it came back on fewer nodes; undefined: none did. */
  readonly pausedFor: string | undefined;
  /** Where nobody ordered it: the domain above it with the fewest watts free. */
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
  const above = domainsAbove(site, attempt);
  const missing = missingWatts(site, attempt);
  const causes = [
    ...curtailmentsIn(site, above, state.nowMs),
    ...budgetsIn(site, above, { nowMs: state.nowMs, missing }),
  ];
  const before = job.history.findLast(({ task }) => task === attempt.task);
  return {
    speedPermille,
    nodeCount,
    nodeCountFull: job.spec.nodeCount,
    capWatts,
    causes,
    pausedFor: nodeCount < job.spec.nodeCount ? before?.pausedFor : undefined,
    tightest: capWatts === 0 || causes.length > 0 ? undefined : tightestOf(site, above, missing),
  };
}

/** The domains of its nodes and all above them, by index. */
function domainsAbove(site: SiteState, { heldNodes }: Attempt): ReadonlySet<number> {
  const above = new Set<number>();
  for (const node of heldNodes) {
    for (let at = site.nodeDomain[node] ?? -1; at >= 0 && !above.has(at);) {
      above.add(at);
      at = site.parent[at] ?? -1;
    }
  }
  return above;
}

/** What its GPUs would draw more at full power; 0: not capped. */
function missingWatts(site: SiteState, { capWatts, heldNodes, gpusPerNode }: Attempt): number {
  const highest = site.nodePool[heldNodes[0] ?? -1]?.gpuCap?.highestWatts ?? 0;
  return capWatts === 0 ? 0 : Math.max(0, highest - capWatts) * gpusPerNode * heldNodes.length;
}

function isIn(
  site: SiteState,
  above: ReadonlySet<number>,
  { domain }: { readonly domain: string },
): boolean {
  return above.has(site.domainIndexById.get(domain) ?? -1);
}

function curtailmentsIn(
  site: SiteState,
  above: ReadonlySet<number>,
  nowMs: number,
): HeldBack["causes"] {
  return site.curtailments
    .filter((one) => isIn(site, above, one) && isFelt(one, nowMs))
    .toSorted((a, b) => toNumber(a.start) - toNumber(b.start))
    .map((curtailment) => ({ kind: "curtailment", curtailment }));
}

/** Those that have no room for the watts that are missing; one above what the domain carries anyway takes none. */
function budgetsIn(
  site: SiteState,
  above: ReadonlySet<number>,
  { nowMs, missing }: { readonly nowMs: number; readonly missing: number },
): HeldBack["causes"] {
  return budgetsOf(site)
    .filter((one) => {
      const domain = site.site.domains[site.domainIndexById.get(one.domain) ?? -1];
      const isFull =
        domain !== undefined &&
        one.ceiling < domain.usableWatts &&
        freeWatts(site, domain) < missing;
      return isFull && isIn(site, above, one) && isInForce(one, nowMs);
    })
    .map((budget) => ({ kind: "budget", budget }));
}

function tightestOf(
  site: SiteState,
  above: ReadonlySet<number>,
  missing: number,
): HeldBack["tightest"] {
  return [...above]
    .flatMap((at) => site.site.domains[at] ?? [])
    .map((domain) => ({ domain: domain.id, freeWatts: freeWatts(site, domain) }))
    .toSorted((a, b) => a.freeWatts - b.freeWatts)
    .map((one) => ({ ...one, isEnough: one.freeWatts >= missing }))[0];
}

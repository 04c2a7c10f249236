import type { RampTally } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { DomainKind, PowerDomain, Ramp } from "@ertis/site-model";
import { budgetsOf } from "../../power/site-budgets.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { LostSupply, SiteState } from "../../state/site-state.ts";
import type { PowerBudget } from "../../words/command.ts";
import type { Rejection } from "../../words/rejection.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { allowedMean } from "../curtailments/allowed-mean.ts";
import {
  capSums,
  curtailmentAt,
  type DomainDraw,
  drawOf,
} from "../curtailments/domain-curtailed.ts";
import { type BudgetChange, lowestBudget, nextBudgetChange } from "../../power/budgets.ts";
import { measuredIn, sinceStart } from "./draw-since-start.ts";
import { freeWatts } from "./free-watts.ts";
import { type GivingBack, givingBackAt } from "./giving-back.ts";
import { rampRecord } from "./ramp-record.ts";
import { type SupplyView, supplyViews } from "./supply-views.ts";
import { type TreeSums, treeSums } from "./tree-sums.ts";

/**
 * One domain and how full it is. Watts are what its own breaker sees, losses, cooling and fixed
 * loads below it included; uses are rounded up and what is free is rounded down, once.
 */
export interface DomainView {
  readonly id: string;
  readonly kind: DomainKind;
  /** Absent for the feed. */
  readonly parent: string | undefined;
  readonly childCount: number;
  /** Nameplates of its supplies. */
  readonly limitWatts: number;
  /** What bounds may never exceed. */
  readonly usableWatts: number;
  /** The lowest budget in force. */
  readonly budget: PowerBudget | undefined;
  /** The smaller of usable limit and budget. */
  readonly ceilingWatts: number;
  readonly binds: "limit" | "budget";
  /** In-force bounds of all nodes below, and fixed loads. */
  readonly boundWatts: number;
  readonly fixedWatts: number;
  /** The part of `boundWatts` that would go if every attempt ended. */
  readonly reservedWatts: number;
  /** What may still be started, see `free-watts.ts`. */
  readonly freeWatts: number;
  readonly excess: Excess | undefined;
  readonly nextBudgetChange: BudgetChange | undefined;
  readonly nodeCount: number;
  readonly nodeHeldCount: number;
  /** Draining ones included. */
  readonly nodeCordonedCount: number;
  readonly nodeDrainingCount: number;
  readonly nodeLostCount: number;
  readonly nodeOffCount: number;
  readonly gpuCount: number;
  readonly gpuHeldCount: number;
  readonly gpuCordonedCount: number;
  /** On nodes that are lost or off. */
  readonly gpuLostCount: number;
  /** Off to save power: no part of those that are lost or off. */
  readonly nodeAsleepCount: number;
  readonly gpuAsleepCount: number;
  /** Mean draw of the last minute that was measured, just after the start of a curtailment since then; undefined: nobody measures, or not lately. */
  readonly draw: DomainDraw | undefined;
  /** The curtailment in force with the lowest target. */
  readonly curtailment: Curtailment | undefined;
  /** One that is over and still holds back what is free. */
  readonly givingBack: GivingBack | undefined;
  /** What `curtailment` allows of mean draw in the minute that was measured last; without a draw, in the one that runs. */
  readonly allowedWatts: number | undefined;
  /** GPUs that attempts hold below full power. */
  readonly gpuCappedCount: number;
  /** What caps in force take off the bound. */
  readonly capSavedWatts: number;
  readonly ramp: Ramp | undefined;
  /** Part of what feeds it is gone; undefined: nothing is. */
  readonly lostSupply: LostSupply | undefined;
  /** What came that no plan made; undefined without a ramp. */
  readonly rampRecord: Readonly<RampTally> | undefined;
  /** Its supplies after the worst failure for each; empty unless they share their spare capacity. */
  readonly supplies: readonly SupplyView[];
}

/** A budget was lowered below what runs: bounds there only fall until they fit. */
export interface Excess {
  readonly watts: number;
  readonly budget: PowerBudget;
  /** What stays when every attempt has ended: idle nodes and fixed loads. */
  readonly idleWatts: number;
  /** True: endings alone do not make it fit, nodes would have to be switched off. */
  readonly isAboveIdle: boolean;
}

export interface TreePage {
  /** Root of the part wanted; absent: the feed. */
  readonly root?: string;
  /** Levels below the root; absent: all. */
  readonly depth?: number;
  readonly size: number;
  /** Id of the last domain listed before. */
  readonly after?: string;
}

export interface PowerTree {
  readonly kind: "power-tree";
  readonly site: string;
  /** Revision of the site file the state stands on. */
  readonly revision: string;
  /** Depth first, parents before children. */
  readonly domains: readonly DomainView[];
  /** Id to go on after; absent: nothing more. */
  readonly next: string | undefined;
}

export function powerTree(
  state: EngineState,
  siteId: string,
  page: TreePage,
): PowerTree | Rejection {
  const site = state.sites.get(siteId);
  if (site === undefined) {
    return { kind: "rejected", code: "unknown-site", message: `site "${siteId}" is not known` };
  }
  const root = page.root === undefined ? 0 : site.domainIndexById.get(page.root);
  const after = page.after === undefined ? -1 : site.domainIndexById.get(page.after);
  if (root === undefined || after === undefined) {
    const id = root === undefined ? page.root : page.after;
    return {
      kind: "rejected",
      code: "unknown-domain",
      message: `${siteId} has no domain "${id ?? ""}"`,
    };
  }
  const listed = depthFirst(site, root, page.depth ?? Infinity);
  const from = after === -1 ? 0 : listed.indexOf(after) + 1;
  const chosen = listed.slice(from, from + page.size);
  const last = chosen.at(-1);
  const isMore = from + chosen.length < listed.length;
  const view = domainViewer(state, site);
  return {
    kind: "power-tree",
    site: siteId,
    revision: site.site.revision,
    domains: chosen.map(view),
    next: isMore && last !== undefined ? site.site.domains[last]?.id : undefined,
  };
}

/** One domain, for example after a budget was set on it. */
export function getDomain(
  state: EngineState,
  siteId: string,
  domainId: string,
): DomainView | undefined {
  const site = state.sites.get(siteId);
  const domain = site?.domainIndexById.get(domainId);
  return site === undefined || domain === undefined ? undefined : domainViewer(state, site)(domain);
}

function depthFirst(site: SiteState, root: number, depth: number): number[] {
  const listed: number[] = [];
  const visit = (domain: number, left: number): void => {
    listed.push(domain);
    if (left > 0) {
      for (const child of site.children[domain] ?? []) {
        visit(child, left - 1);
      }
    }
  };
  visit(root, depth);
  return listed;
}

/** Sums the site up once, then describes domains of it. */
function domainViewer(state: EngineState, site: SiteState): (domain: number) => DomainView {
  const sums = treeSums(site);
  const caps = capSums(site);
  const budgetsAt = new Map<string, PowerBudget[]>();
  for (const budget of budgetsOf(site)) {
    const own = budgetsAt.get(budget.domain) ?? [];
    own.push(budget);
    budgetsAt.set(budget.domain, own);
  }
  return (index) => {
    const domain = known(site.site.domains[index], "domain");
    const budgets = budgetsAt.get(domain.id) ?? [];
    const curtailment = curtailmentAt(site, domain.id, state.nowMs);
    const record = state.curtailments.records.get(curtailment?.id ?? "");
    const draw = sinceStart(record, drawOf(state, site, index));
    return {
      id: domain.id,
      kind: domain.kind,
      parent: site.site.domains[domain.parentIndex]?.id,
      childCount: site.children[index]?.length ?? 0,
      ...power(site, domain, sums, lowestBudget(budgets, state.nowMs)),
      nextBudgetChange: nextBudgetChange(budgets, state.nowMs),
      ...counts(index, sums),
      draw,
      curtailment,
      givingBack: givingBackAt(site, domain, state.nowMs),
      allowedWatts: record && allowedMean(record, measuredIn(state, record, draw)),
      gpuCappedCount: caps.gpuCount[index] ?? 0,
      capSavedWatts: Math.floor((caps.savedScaled[index] ?? 0) / domain.loadScale),
      ramp: domain.ramp,
      lostSupply: site.lostSupplies.get(index),
      rampRecord: rampRecord(state, site.site.id, domain),
      supplies: supplyViews(site, domain),
    };
  };
}

function power(
  site: SiteState,
  domain: PowerDomain,
  sums: TreeSums,
  budget: PowerBudget | undefined,
): Pick<
  DomainView,
  | "limitWatts"
  | "usableWatts"
  | "budget"
  | "ceilingWatts"
  | "binds"
  | "boundWatts"
  | "fixedWatts"
  | "reservedWatts"
  | "freeWatts"
  | "excess"
> {
  const { index, loadScale } = domain;
  const load = site.horizons[0]?.load[index] ?? 0;
  const idle = sums.idleScaled[index] ?? 0;
  const usableWatts = toNumber(domain.usableWatts);
  const budgetWatts = budget === undefined ? Infinity : toNumber(budget.ceiling);
  const ceilingWatts = Math.min(usableWatts, budgetWatts);
  const boundWatts = Math.ceil(load / loadScale);
  const idleWatts = Math.ceil(idle / loadScale);
  return {
    limitWatts: toNumber(domain.limitWatts),
    usableWatts,
    budget,
    ceilingWatts,
    binds: budgetWatts < usableWatts ? "budget" : "limit",
    boundWatts,
    fixedWatts: toNumber(domain.fixedWatts),
    reservedWatts: Math.ceil((load - idle) / loadScale),
    freeWatts: freeWatts(site, domain),
    excess:
      budget === undefined || boundWatts <= budgetWatts
        ? undefined
        : {
            watts: boundWatts - budgetWatts,
            budget,
            idleWatts,
            isAboveIdle: idleWatts > budgetWatts,
          },
  };
}

function counts(
  index: number,
  sums: TreeSums,
): Record<Exclude<keyof TreeSums, "idleScaled">, number> {
  return {
    nodeCount: sums.nodeCount[index] ?? 0,
    nodeHeldCount: sums.nodeHeldCount[index] ?? 0,
    nodeCordonedCount: sums.nodeCordonedCount[index] ?? 0,
    nodeDrainingCount: sums.nodeDrainingCount[index] ?? 0,
    nodeLostCount: sums.nodeLostCount[index] ?? 0,
    nodeOffCount: sums.nodeOffCount[index] ?? 0,
    gpuCount: sums.gpuCount[index] ?? 0,
    gpuHeldCount: sums.gpuHeldCount[index] ?? 0,
    gpuCordonedCount: sums.gpuCordonedCount[index] ?? 0,
    gpuLostCount: sums.gpuLostCount[index] ?? 0,
    nodeAsleepCount: sums.nodeAsleepCount[index] ?? 0,
    gpuAsleepCount: sums.gpuAsleepCount[index] ?? 0,
  };
}

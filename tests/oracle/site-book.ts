import { toNumber } from "@ertis/quantities";
import { type PowerBudget, stopGraceMs } from "@ertis/scheduler-engine";
import { budgetWindows, isBudgetInForce, type NodeClass, type Site } from "@ertis/site-model";
import type { AttemptRecord } from "./job-record.ts";
import { Ledger } from "./ledger.ts";
import { boundWatts, createPowerTree, type PowerTree, type Share } from "./power-tree.ts";

/** Budgets of a site file are known so long before they begin. */
const planningMs = 31 * 86_400_000;

/** What the events say of one node. */
export interface NodeRecord {
  isCordoned: boolean;
  isDraining: boolean;
  isLost: boolean;
  isOff: boolean;
  drainDeadlineMs: number | undefined;
  /** GPUs held, as bit masks. */
  readonly holds: Map<AttemptRecord, number>;
  /** Caps of attempts that it may hold them to: the last it acknowledged, and all ordered since. */
  readonly possibleCaps: Map<AttemptRecord, readonly number[]>;
}

/** One site as the events tell it. */
export class SiteBook {
  readonly site: Site;
  readonly tree: PowerTree;
  readonly indexById: ReadonlyMap<string, number>;
  readonly nodes: readonly NodeRecord[];
  /** What is in force now. */
  readonly ledger: Ledger;
  /** What would still be in force at the start of each known budget, by that moment in ms. */
  readonly planned = new Map<number, Ledger>();
  readonly budgets = new Map<string, PowerBudget>();
  /** Domains whose load grew by the last event. */
  readonly grown = new Set<number>();

  constructor(
    site: Site,
    deratingOf: (domainId: string) => Share | undefined,
    before: SiteBook | undefined,
  ) {
    this.site = site;
    this.tree = createPowerTree(site, deratingOf);
    this.indexById = new Map(site.nodes.map((node) => [node.id, node.index]));
    this.nodes = site.nodes.map(({ id }) => before?.nodeById(id) ?? emptyNode());
    for (const [id, budget] of before?.budgets ?? []) {
      this.budgets.set(id, budget);
    }
    this.ledger = this.recompute(undefined);
  }

  nodeById(id: string): NodeRecord | undefined {
    return this.nodes[this.indexById.get(id) ?? -1];
  }

  classOf(node: number): NodeClass | undefined {
    return this.site.nodeClasses[this.site.nodes[node]?.classIndex ?? -1];
  }

  /** Brings the ledgers up to date after facts about a node changed. */
  touch(node: number): void {
    for (const domain of this.ledger.set(node, this.#watts(node, undefined))) {
      this.grown.add(domain);
    }
    for (const [atMs, ledger] of this.planned) {
      ledger.set(node, this.#watts(node, atMs));
    }
  }

  /** After time passed or budgets changed: one planned ledger for each start still to come. */
  planBudgets(nowMs: number): void {
    const starts = new Set(
      [
        ...[...this.budgets.values()].map((one) => toNumber(one.from)),
        ...this.#fileStarts(nowMs),
      ].filter((from) => from > nowMs),
    );
    for (const atMs of this.planned.keys()) {
      if (!starts.has(atMs)) {
        this.planned.delete(atMs);
      }
    }
    for (const atMs of starts) {
      if (!this.planned.has(atMs)) {
        this.planned.set(atMs, this.recompute(atMs));
      }
    }
  }

  /** Smallest budget in force on a domain, in watts, or undefined. */
  budgetWatts(domain: number, atMs: number): number | undefined {
    const id = this.site.domains[domain]?.id;
    let least: number | undefined;
    for (const budget of this.budgets.values()) {
      const isOver = budget.until !== undefined && toNumber(budget.until) <= atMs;
      if (budget.domain === id && toNumber(budget.from) <= atMs && !isOver) {
        least = Math.min(least ?? Infinity, toNumber(budget.ceiling));
      }
    }
    for (const budget of this.site.budgets) {
      if (budget.domainIndex === domain && isBudgetInForce(budget, atMs)) {
        least = Math.min(least ?? Infinity, toNumber(budget.ceilingWatts));
      }
    }
    return least;
  }

  /** Starts of the file's budgets that a plan has to know. */
  #fileStarts(nowMs: number): readonly number[] {
    const span = { fromMs: nowMs, untilMs: nowMs + planningMs };
    return this.site.budgets.flatMap((budget) =>
      budgetWindows(budget, span).map((window) => window.fromMs),
    );
  }

  /** A ledger from nothing: of now, or of a moment when walltimes have run out. */
  recompute(atMs: number | undefined): Ledger {
    const ledger = new Ledger(this.tree);
    this.nodes.forEach((_, node) => {
      ledger.set(node, this.#watts(node, atMs));
    });
    return ledger;
  }

  #watts(node: number, atMs: number | undefined): number {
    const record = this.nodes[node];
    const nodeClass = this.classOf(node);
    if (record === undefined || nodeClass === undefined || record.isOff) {
      return 0;
    }
    const holdings: { gpuCount: number; capWatts: number }[] = [];
    for (const [attempt, mask] of record.holds) {
      // A lost node may go on for ever.
      if (atMs === undefined || record.isLost || attempt.endsByMs + stopGraceMs > atMs) {
        holdings.push({ gpuCount: bitCount(mask), capWatts: capInForce(attempt, record) });
      }
    }
    return boundWatts(nodeClass, holdings);
  }
}

/** The highest cap that a node may still follow: of every order since the last it answered. 0: none. */
function capInForce(attempt: AttemptRecord, record: NodeRecord): number {
  const possible = record.possibleCaps.get(attempt) ?? [attempt.capWatts];
  return possible.includes(0) ? 0 : Math.max(...possible);
}

export function bitCount(mask: number): number {
  return mask.toString(2).replaceAll("0", "").length;
}

function emptyNode(): NodeRecord {
  return {
    isCordoned: false,
    isDraining: false,
    isLost: false,
    isOff: false,
    drainDeadlineMs: undefined,
    holds: new Map(),
    possibleCaps: new Map(),
  };
}

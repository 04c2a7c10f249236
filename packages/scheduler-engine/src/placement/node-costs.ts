import { Heap } from "../state/heap.ts";

/** A node that was taken. */
const taken = -1;

interface Entry {
  readonly node: number;
  readonly cost: number;
}

/**
 * What it costs to free each node, the cheapest first, of equal ones in order of the site file. Most of a
 * site costs nothing or cannot be freed at all: neither is sorted, and who has no attempt that may go is
 * looked at when it is its turn.
 */
export class NodeCosts {
  readonly #nodeCount: number;
  /** Of the nodes whose cost was set: few of a large site. */
  readonly #costs = new Map<number, number>();
  readonly #isFree: (node: number) => boolean;
  readonly #costly = new Heap<Entry>((a, b) =>
    a.cost === b.cost ? a.node < b.node : a.cost < b.cost,
  );
  /** No node before it is known to be free but by an entry of the heap. */
  #freeFrom = 0;

  /**
   * @param isFree may a node be taken at once? That is so of all that cost nothing, and does not change of
   * those whose cost is not set.
   */
  constructor(nodeCount: number, isFree: (node: number) => boolean) {
    this.#nodeCount = nodeCount;
    this.#isFree = isFree;
  }

  /** Undefined: it was not set, or is taken. */
  costOf(node: number): number | undefined {
    const cost = this.#costs.get(node);
    return cost === taken ? undefined : cost;
  }

  /** Infinity: it cannot be freed as things stand. */
  set(node: number, cost: number): void {
    this.#costs.set(node, cost);
    if (cost !== Infinity && (cost > 0 || node < this.#freeFrom)) {
      this.#costly.push({ node, cost });
    }
  }

  /** Takes the cheapest node out; undefined: no other can be freed. */
  take(): number | undefined {
    const free = this.#nextFree();
    const costly = this.#nextCostly();
    const isCostlyFirst =
      costly !== undefined && (free === undefined || (costly.cost === 0 && costly.node < free));
    const node = isCostlyFirst ? costly.node : free;
    if (node !== undefined) {
      this.#costs.set(node, taken);
    }
    return node;
  }

  #nextFree(): number | undefined {
    while (this.#freeFrom < this.#nodeCount) {
      if (this.#isFree(this.#freeFrom) && (this.#costs.get(this.#freeFrom) ?? 0) === 0) {
        return this.#freeFrom;
      }
      this.#freeFrom += 1;
    }
    return undefined;
  }

  /** Entries of nodes that cost something else by now are dropped. */
  #nextCostly(): Entry | undefined {
    let first = this.#costly.peek();
    while (first !== undefined && this.#costs.get(first.node) !== first.cost) {
      this.#costly.pop();
      first = this.#costly.peek();
    }
    return first;
  }
}

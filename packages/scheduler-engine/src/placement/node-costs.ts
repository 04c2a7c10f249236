import { Heap } from "../state/heap.ts";

/** A node that is not to be taken. */
const notThere = Number.NaN;

interface Entry {
  readonly node: number;
  readonly cost: number;
}

/**
 * What it costs to free each node, the cheapest first, of equal ones in order of the site file. Most of a
 * site costs nothing or cannot be freed at all: neither is sorted.
 */
export class NodeCosts {
  readonly #costs: Float64Array;
  readonly #costly = new Heap<Entry>((a, b) =>
    a.cost === b.cost ? a.node < b.node : a.cost < b.cost,
  );
  /** No node before it is known to be free but by an entry of the heap. */
  #freeFrom = 0;

  constructor(nodeCount: number) {
    this.#costs = new Float64Array(nodeCount).fill(notThere);
  }

  /** Undefined: it is not there. */
  costOf(node: number): number | undefined {
    const cost = this.#costs[node] ?? notThere;
    return Number.isNaN(cost) ? undefined : cost;
  }

  /** Infinity: it cannot be freed as things stand. */
  set(node: number, cost: number): void {
    this.#costs[node] = cost;
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
      this.#costs[node] = notThere;
    }
    return node;
  }

  #nextFree(): number | undefined {
    while (this.#freeFrom < this.#costs.length) {
      if (this.#costs[this.#freeFrom] === 0) {
        return this.#freeFrom;
      }
      this.#freeFrom += 1;
    }
    return undefined;
  }

  /** Entries of nodes that cost something else by now are dropped. */
  #nextCostly(): Entry | undefined {
    let first = this.#costly.peek();
    while (first !== undefined && this.#costs[first.node] !== first.cost) {
      this.#costly.pop();
      first = this.#costly.peek();
    }
    return first;
  }
}

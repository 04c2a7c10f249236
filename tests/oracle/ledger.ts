import type { PowerTree } from "./power-tree.ts";

/** Watts of every node and what they add up to at every domain, exactly. */
export class Ledger {
  readonly #tree: PowerTree;
  readonly #nodeWatts: number[];
  readonly #load: bigint[];

  constructor(tree: PowerTree) {
    this.#tree = tree;
    this.#nodeWatts = tree.site.nodes.map(() => 0);
    this.#load = tree.parent.map(() => 0n);
    tree.fixed.forEach((fixed, domain) => {
      this.#add(domain, fixed);
    });
  }

  /** Sets the watts of a node. @returns the domains above it whose load grew */
  set(node: number, watts: number): readonly number[] {
    const change = watts - (this.#nodeWatts[node] ?? 0);
    const domain = this.#tree.site.nodes[node]?.domainIndex;
    if (change === 0 || domain === undefined) {
      return [];
    }
    this.#nodeWatts[node] = watts;
    const touched = this.#add(domain, BigInt(change) * (this.#tree.perNodeWatt[domain] ?? 0n));
    return change > 0 ? touched : [];
  }

  nodeWatts(node: number): number {
    return this.#nodeWatts[node] ?? 0;
  }

  /** In units of 1/scale watt. */
  load(domain: number): bigint {
    return this.#load[domain] ?? 0n;
  }

  /** Rounded up: the safe side. */
  loadWatts(domain: number): number {
    const scale = this.#tree.scale[domain] ?? 1n;
    return Number((this.load(domain) + scale - 1n) / scale);
  }

  #add(first: number, units: bigint): number[] {
    const touched: number[] = [];
    let change = units;
    for (let domain = first; domain >= 0; domain = this.#tree.parent[domain] ?? -1) {
      this.#load[domain] = this.load(domain) + change;
      touched.push(domain);
      change *= this.#tree.perUnitUp[domain] ?? 0n;
    }
    return touched;
  }
}

import { toNumber } from "@ertis/quantities";
import type { Site } from "@ertis/site-model";

const one = { numerator: 1, denominator: 1 };

/** True watts of nodes and domains, kept up to date node by node. */
export class PlantPower {
  readonly #site: Site;
  readonly #nodeWatts: Float64Array;
  readonly #domainWatts: Float64Array;
  readonly #loadFactor: Float64Array;
  readonly #changed = new Set<number>();

  constructor(site: Site) {
    this.#site = site;
    this.#nodeWatts = new Float64Array(site.nodes.length);
    this.#domainWatts = new Float64Array(site.domains.length);
    this.#loadFactor = Float64Array.from(
      site.domains,
      ({ loadFactor }) => loadFactor.numerator / loadFactor.denominator,
    );
    this.#addFixed();
  }

  /** From now on cooling and losses of a domain take so much; undefined: what its site file says. */
  setLoadFactor(domain: number, factor: number | undefined): void {
    const { numerator, denominator } = this.#site.domains[domain]?.loadFactor ?? one;
    this.#loadFactor[domain] = factor ?? numerator / denominator;
    this.#domainWatts.fill(0);
    this.#addFixed();
    for (const { index, domainIndex } of this.#site.nodes) {
      const watts = this.#nodeWatts[index] ?? 0;
      this.#add(domainIndex, watts * (this.#loadFactor[domainIndex] ?? 1));
    }
  }

  setNode(node: number, watts: number): void {
    const change = watts - (this.#nodeWatts[node] ?? 0);
    const domain = this.#site.nodes[node]?.domainIndex ?? -1;
    if (change === 0 || domain < 0) {
      return;
    }
    this.#nodeWatts[node] = watts;
    this.#changed.add(node);
    this.#add(domain, change * (this.#loadFactor[domain] ?? 1));
  }

  nodeWatts(node: number): number {
    return this.#nodeWatts[node] ?? 0;
  }

  /** Nodes whose draw changed since the last time. */
  takeChanged(): readonly number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  domainWatts(domain: number): number {
    return this.#domainWatts[domain] ?? 0;
  }

  #addFixed(): void {
    for (const { index, fixedWatts } of this.#site.domains) {
      this.#add(index, toNumber(fixedWatts));
    }
  }

  #add(first: number, watts: number): void {
    let change = watts;
    for (let at = first; at >= 0; at = this.#site.domains[at]?.parentIndex ?? -1) {
      this.#domainWatts[at] = (this.#domainWatts[at] ?? 0) + change;
      const parent = this.#site.domains[at]?.parentIndex ?? -1;
      change *= this.#loadFactor[parent] ?? 1;
    }
  }
}

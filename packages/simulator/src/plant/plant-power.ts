import { toNumber } from "@ertis/quantities";
import type { Site } from "@ertis/site-model";

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
    for (const domain of site.domains) {
      this.#add(domain.index, toNumber(domain.fixedWatts));
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

  #add(first: number, watts: number): void {
    let change = watts;
    for (let at = first; at >= 0; at = this.#site.domains[at]?.parentIndex ?? -1) {
      this.#domainWatts[at] = (this.#domainWatts[at] ?? 0) + change;
      const parent = this.#site.domains[at]?.parentIndex ?? -1;
      change *= this.#loadFactor[parent] ?? 1;
    }
  }
}

import { toNumber } from "@ertis/quantities";
import type { Site } from "@ertis/site-model";
import { EnergyCounter } from "./energy-counter.ts";

const one = { numerator: 1, denominator: 1 };

/** True watts of nodes and domains, kept up to date node by node. */
export class PlantPower {
  readonly #site: Site;
  readonly #nodeWatts: Float64Array;
  readonly #domains: readonly EnergyCounter[];
  readonly #loadFactor: Float64Array;
  readonly #changed = new Set<number>();

  constructor(site: Site, startMs: number) {
    this.#site = site;
    this.#nodeWatts = new Float64Array(site.nodes.length);
    this.#domains = site.domains.map(() => new EnergyCounter(0, startMs));
    this.#loadFactor = Float64Array.from(
      site.domains,
      ({ loadFactor }) => loadFactor.numerator / loadFactor.denominator,
    );
    this.#addFixed(startMs);
  }

  /** From now on cooling and losses of a domain take so much; undefined: what its site file says. */
  setLoadFactor(domain: number, factor: number | undefined, nowMs: number): void {
    const { numerator, denominator } = this.#site.domains[domain]?.loadFactor ?? one;
    this.#loadFactor[domain] = factor ?? numerator / denominator;
    for (const drawn of this.#domains) {
      drawn.set(0, nowMs);
    }
    this.#addFixed(nowMs);
    for (const { index, domainIndex } of this.#site.nodes) {
      const watts = this.#nodeWatts[index] ?? 0;
      this.#add(domainIndex, watts * (this.#loadFactor[domainIndex] ?? 1), nowMs);
    }
  }

  setNode(node: number, watts: number, nowMs: number): void {
    const change = watts - (this.#nodeWatts[node] ?? 0);
    const domain = this.#site.nodes[node]?.domainIndex ?? -1;
    if (change === 0 || domain < 0) {
      return;
    }
    this.#nodeWatts[node] = watts;
    this.#changed.add(node);
    this.#add(domain, change * (this.#loadFactor[domain] ?? 1), nowMs);
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
    return this.#domains[domain]?.watts ?? 0;
  }

  /** What a domain has drawn since the start. */
  domainWattMs(domain: number, nowMs: number): number {
    return this.#domains[domain]?.wattMsAt(nowMs) ?? 0;
  }

  #addFixed(nowMs: number): void {
    for (const { index, fixedWatts } of this.#site.domains) {
      this.#add(index, toNumber(fixedWatts), nowMs);
    }
  }

  #add(first: number, watts: number, nowMs: number): void {
    let change = watts;
    for (let at = first; at >= 0; at = this.#site.domains[at]?.parentIndex ?? -1) {
      const drawn = this.#domains[at];
      drawn?.set(drawn.watts + change, nowMs);
      const parent = this.#site.domains[at]?.parentIndex ?? -1;
      change *= this.#loadFactor[parent] ?? 1;
    }
  }
}

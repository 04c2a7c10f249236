import type { AttemptKey } from "@ertis/scheduler-engine";
import type { NodeClass, Site } from "@ertis/site-model";
import { boundWatts, createPowerTree, type PowerTree } from "./power-tree.ts";
import { type SupplyLoad, supplyLoads } from "./supplies.ts";

/** What an attempt holds, as the events say it. */
export interface HeldAttempt {
  readonly key: AttemptKey;
  readonly gpuCount: number;
  readonly masks: ReadonlyMap<number, number>;
  /** Caps sent, oldest first; the last is the wanted one. 0: none. */
  readonly sent: number[];
  /** By node: position in `sent` of the order that is acknowledged last. */
  readonly acknowledged: Map<number, number>;
}

/** In force is the highest of the acknowledged cap and all that were sent after it. */
export function capInForce(attempt: HeldAttempt, node: number): number {
  let highest = -1;
  for (let at = attempt.acknowledged.get(node) ?? 0; at < attempt.sent.length; at += 1) {
    const cap = attempt.sent[at] ?? 0;
    if (cap === 0) {
      return 0;
    }
    highest = Math.max(highest, cap);
  }
  return Math.max(0, highest);
}

/** Bounds in force of one site, summed up from events alone. */
export class SiteBook {
  readonly site: Site;
  readonly tree: PowerTree;
  readonly #supplies: ReadonlyMap<number, readonly SupplyLoad[]>;
  readonly holds: Set<HeldAttempt>[];
  readonly isOff: boolean[];
  /** Domains whose load grew since `takeGrown`. */
  readonly #grown = new Set<number>();
  readonly #nodeWatts: Float64Array;
  readonly #load: Float64Array;

  constructor(site: Site) {
    this.site = site;
    this.tree = createPowerTree(site);
    this.#supplies = supplyLoads(site);
    this.holds = site.nodes.map(() => new Set());
    this.isOff = site.nodes.map(() => false);
    this.#nodeWatts = new Float64Array(site.nodes.length);
    this.#load = new Float64Array(site.domains.length);
    for (const { index } of site.domains) {
      this.#add(index, this.tree.fixed[index] ?? 0);
    }
    for (const { index } of site.nodes) {
      this.touch(index);
    }
  }

  /** Brings a node's bound up to date. */
  touch(node: number): void {
    const watts = this.isOff[node] === true ? 0 : this.#boundOf(node);
    const change = watts - (this.#nodeWatts[node] ?? 0);
    if (change === 0) {
      return;
    }
    this.#nodeWatts[node] = watts;
    const domain = this.site.nodes[node]?.domainIndex ?? 0;
    this.#add(domain, change * (this.tree.perNodeWatt[domain] ?? 0));
  }

  nodeWatts(node: number): number {
    return this.#nodeWatts[node] ?? 0;
  }

  /** Watts in force at a domain. */
  loadWatts(domain: number): number {
    return (this.#load[domain] ?? 0) / (this.tree.scale[domain] ?? 1);
  }

  usableWatts(domain: number): number {
    return (this.tree.usable[domain] ?? 0) / (this.tree.scale[domain] ?? 1);
  }

  isOver(domain: number): boolean {
    return (this.#load[domain] ?? 0) > (this.tree.usable[domain] ?? 0);
  }

  /** Supplies of a domain that would carry too much after some single failure, each in a sentence. */
  suppliesOver(domain: number): readonly string[] {
    const scale = this.tree.scale[domain] ?? 1;
    return (this.#supplies.get(domain) ?? []).flatMap(
      ({ supply, failed, children, usableWatts }) => {
        let units = this.tree.fixed[domain] ?? 0;
        for (const child of children) {
          units += (this.#load[child] ?? 0) * (this.tree.perUnitUp[child] ?? 0);
        }
        return units > usableWatts * scale
          ? [
              `${(units / scale).toFixed(1)} W in force on ${supply} if ${failed} fails, it carries ${usableWatts} W`,
            ]
          : [];
      },
    );
  }

  takeGrown(): readonly number[] {
    const grown = [...this.#grown];
    this.#grown.clear();
    return grown;
  }

  /** Sums everything up again. @returns the domains whose kept sums are not these */
  recheck(): readonly number[] {
    const load = Float64Array.from(this.tree.fixed);
    for (const { index, domainIndex } of this.site.nodes) {
      const watts = this.isOff[index] === true ? 0 : this.#boundOf(index);
      load[domainIndex] =
        (load[domainIndex] ?? 0) + watts * (this.tree.perNodeWatt[domainIndex] ?? 0);
    }
    for (let at = load.length - 1; at > 0; at -= 1) {
      const parent = this.tree.parent[at] ?? 0;
      load[parent] = (load[parent] ?? 0) + (load[at] ?? 0) * (this.tree.perUnitUp[at] ?? 0);
    }
    return [...load.keys()].filter((at) => load[at] !== this.#load[at]);
  }

  #boundOf(node: number): number {
    const nodeClass: NodeClass | undefined =
      this.site.nodeClasses[this.site.nodes[node]?.classIndex ?? -1];
    const held = [...(this.holds[node] ?? [])].map((attempt) => ({
      gpuCount: attempt.gpuCount,
      capWatts: capInForce(attempt, node),
    }));
    return nodeClass === undefined ? 0 : boundWatts(nodeClass, held);
  }

  #add(first: number, units: number): void {
    let change = units;
    for (let at = first; at >= 0; at = this.tree.parent[at] ?? -1) {
      this.#load[at] = (this.#load[at] ?? 0) + change;
      if (change > 0) {
        this.#grown.add(at);
      }
      change *= this.tree.perUnitUp[at] ?? 0;
    }
  }
}

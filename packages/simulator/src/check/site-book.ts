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
  /** Watts that are left of a supply, by domain. */
  readonly #left = new Map<number, number>();

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

  /** What survives any single failure, all supplies there. */
  limitWatts(domain: number): number {
    return (this.tree.usable[domain] ?? 0) / (this.tree.scale[domain] ?? 1);
  }

  /** The same, with what is lost now. */
  usableWatts(domain: number): number {
    return Math.min(this.limitWatts(domain), this.#left.get(domain) ?? Infinity);
  }

  /** Undefined: all supplies are there. */
  setLeft(domain: number, watts: number | undefined): void {
    if (watts === undefined) {
      this.#left.delete(domain);
    } else {
      this.#left.set(domain, watts);
    }
  }

  isOver(domain: number): boolean {
    const scale = this.tree.scale[domain] ?? 1;
    const left = (this.#left.get(domain) ?? Infinity) * scale;
    return (this.#load[domain] ?? 0) > Math.min(this.tree.usable[domain] ?? 0, left);
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

  /** What a domain would carry if all that is ordered were done, and how many attempts there go on. */
  orderedWatts(
    domain: number,
    {
      isLeaving,
      isGoingOff,
    }: {
      readonly isLeaving: (key: AttemptKey) => boolean;
      readonly isGoingOff: (node: number) => boolean;
    },
  ): { readonly watts: number; readonly runningCount: number } {
    const running = new Set<HeldAttempt>();
    const load = this.#sumUp((node) => {
      const staying = [...(this.holds[node] ?? [])].filter(({ key }) => !isLeaving(key));
      if (staying.length > 0 && this.#isBelow(node, domain)) {
        staying.forEach((attempt) => running.add(attempt));
      }
      return staying.length === 0 && isGoingOff(node)
        ? 0
        : this.#boundWith(node, staying, ({ sent }) => sent.at(-1) ?? 0);
    });
    const watts = (load[domain] ?? 0) / (this.tree.scale[domain] ?? 1);
    return { watts, runningCount: running.size };
  }

  /** Sums everything up again. @returns the domains whose kept sums are not these */
  recheck(): readonly number[] {
    const load = this.#sumUp((node) => this.#boundOf(node));
    return [...load.keys()].filter((at) => load[at] !== this.#load[at]);
  }

  #sumUp(boundOf: (node: number) => number): Float64Array {
    const load = Float64Array.from(this.tree.fixed);
    for (const { index, domainIndex } of this.site.nodes) {
      const watts = this.isOff[index] === true ? 0 : boundOf(index);
      load[domainIndex] =
        (load[domainIndex] ?? 0) + watts * (this.tree.perNodeWatt[domainIndex] ?? 0);
    }
    for (let at = load.length - 1; at > 0; at -= 1) {
      const parent = this.tree.parent[at] ?? 0;
      load[parent] = (load[parent] ?? 0) + (load[at] ?? 0) * (this.tree.perUnitUp[at] ?? 0);
    }
    return load;
  }

  #isBelow(node: number, domain: number): boolean {
    let at = this.site.nodes[node]?.domainIndex ?? -1;
    while (at >= 0 && at !== domain) {
      at = this.tree.parent[at] ?? -1;
    }
    return at === domain;
  }

  #boundOf(node: number): number {
    return this.#boundWith(node, this.holds[node] ?? [], (attempt) => capInForce(attempt, node));
  }

  #boundWith(
    node: number,
    attempts: Iterable<HeldAttempt>,
    capOf: (attempt: HeldAttempt) => number,
  ): number {
    const nodeClass: NodeClass | undefined =
      this.site.nodeClasses[this.site.nodes[node]?.classIndex ?? -1];
    const held = Array.from(attempts, (attempt) => ({
      gpuCount: attempt.gpuCount,
      capWatts: capOf(attempt),
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

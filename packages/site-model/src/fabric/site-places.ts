import type { Expansion } from "../expand.ts";
import { didYouMean } from "../reader/index.ts";
import type { DomainKind } from "../site.ts";
import type { UnitKind } from "./read-fabric.ts";

/** Nodes `first` to `end - 1`: what is below one domain stands together. */
export interface NodeRun {
  readonly first: number;
  readonly end: number;
}

/** Names that a wrong one is compared with. */
const mostHinted = 200;

function stemOf(id: string): string {
  return id.slice(0, id.lastIndexOf("/") + 1);
}

/** Looks up in an expanded site what stands where. */
export class SitePlaces {
  readonly #expansion: Expansion;
  readonly #runs: NodeRun[];
  readonly #runById = new Map<string, NodeRun>();
  /** Ids by what they begin with, up to the last part; made when a hint is asked for. */
  #namesBeside: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(expansion: Expansion) {
    this.#expansion = expansion;
    const { domains, nodes } = expansion;
    const first = domains.map(() => nodes.length);
    const end = domains.map(() => 0);
    for (const { index, id, domainIndex } of nodes) {
      this.#runById.set(id, { first: index, end: index + 1 });
      first[domainIndex] = Math.min(first[domainIndex] ?? index, index);
      end[domainIndex] = index + 1;
    }
    for (const { index, parentIndex } of domains.toReversed()) {
      if (parentIndex >= 0) {
        first[parentIndex] = Math.min(first[parentIndex] ?? 0, first[index] ?? 0);
        end[parentIndex] = Math.max(end[parentIndex] ?? 0, end[index] ?? 0);
      }
    }
    this.#runs = domains.map(({ index }) => ({ first: first[index] ?? 0, end: end[index] ?? 0 }));
    domains.forEach(({ id, index }) => {
      this.#runById.set(id, this.#runs[index] ?? { first: 0, end: 0 });
    });
  }

  /** What is below a domain, or a node alone. */
  find(id: string): NodeRun | undefined {
    return this.#runById.get(id);
  }

  /** Everything of one kind in order, each with the domain of kind `within` above it, if there is one. */
  units(
    unit: UnitKind,
    within: DomainKind,
  ): readonly { readonly id: string; readonly run: NodeRun; readonly under: number | undefined }[] {
    const { domains, nodes } = this.#expansion;
    if (unit === "node") {
      return nodes.map(({ id, index, domainIndex }) => {
        const run = { first: index, end: index + 1 };
        return { id, run, under: this.#above(domainIndex, within) };
      });
    }
    return domains
      .filter(({ kind }) => kind === unit)
      .map(({ id, index, parentIndex }) => {
        const run = this.#runs[index] ?? { first: 0, end: 0 };
        return { id, run, under: this.#above(parentIndex, within) };
      });
  }

  #above(from: number, kind: DomainKind): number | undefined {
    const { domains } = this.#expansion;
    for (let at = from; at >= 0; at = domains[at]?.parentIndex ?? -1) {
      if (domains[at]?.kind === kind) {
        return at;
      }
    }
    return undefined;
  }

  /** A hint for an id that is not there, from the names beside it. */
  hintFor(id: string): string {
    this.#namesBeside ??= Map.groupBy(this.#runById.keys(), stemOf);
    const stem = stemOf(id);
    const beside = this.#namesBeside.get(stem) ?? [];
    const names = beside.slice(0, mostHinted).map((one) => one.slice(stem.length));
    return didYouMean(id.slice(stem.length), names);
  }

  nodeId(index: number): string {
    return this.#expansion.nodes[index]?.id ?? "";
  }

  get nodeCount(): number {
    return this.#expansion.nodes.length;
  }
}

import { numbered, readRange } from "../counts.ts";
import { isAbove } from "../declaration.ts";
import type { Expansion } from "../expand.ts";
import { mostDomains } from "../prove.ts";
import type { Located, Place, Problems } from "../reader/index.ts";
import type { FabricDomain, FabricLevel, SiteNode } from "../site.ts";
import { checkFabric } from "./check-fabric.ts";
import type { DeclaredLevel, DeclaredSwitch, Every } from "./read-fabric.ts";
import { type NodeRun, SitePlaces } from "./site-places.ts";

/**
 * The domains of a fabric on the whole site, all phases built: which node hangs where does not change
 * when a later phase comes. What is wrong is reported.
 */
export function placeFabric(
  problems: Problems,
  levels: readonly DeclaredLevel[],
  { siteId, whole }: { readonly siteId: string; readonly whole: Expansion },
): readonly FabricLevel[] {
  if (levels.length === 0) {
    return [];
  }
  const places = new SitePlaces(whole);
  const placed = levels.map((level) => ({
    name: level.name,
    domains:
      level.every === undefined
        ? new Switches(problems, siteId, places).place(level.switches)
        : countOut(problems, level, { every: level.every.value, places }),
  }));
  checkFabric(problems, levels, placed, places.nodeCount);
  return placed;
}

/** The same without the nodes, and then the domains, that do not stand yet. */
export function keepStanding(
  levels: readonly FabricLevel[],
  whole: readonly SiteNode[],
  standing: readonly SiteNode[],
): readonly FabricLevel[] {
  if (levels.length === 0) {
    return [];
  }
  const indexes = new Map(standing.map(({ id, index }) => [id, index]));
  return levels.map(({ name, domains }) => ({
    name,
    domains: domains
      .map((domain) => ({
        name: domain.name,
        nodes: domain.nodes.flatMap((node) => indexes.get(whole[node]?.id ?? "") ?? []),
      }))
      .filter(({ nodes }) => nodes.length > 0),
  }));
}

/** Looks up what hangs on the switches of one level. */
class Switches {
  readonly #problems: Problems;
  readonly #siteId: string;
  readonly #places: SitePlaces;
  /** By node: the switch that has it. */
  readonly #ownerOf = new Map<number, string>();

  constructor(problems: Problems, siteId: string, places: SitePlaces) {
    this.#problems = problems;
    this.#siteId = siteId;
    this.#places = places;
  }

  place(switches: readonly DeclaredSwitch[]): readonly FabricDomain[] {
    return switches.map(({ name, paths }) => {
      const nodes = paths.flatMap((path) =>
        this.#problems.isFull ? [] : this.#nodesAt(name, path),
      );
      return { name, nodes: nodes.toSorted((a, b) => a - b) };
    });
  }

  #nodesAt(name: string, { value: path, at }: Located<string>): readonly number[] {
    const stem = path.slice(0, path.lastIndexOf("/") + 1);
    const last = path.slice(stem.length);
    const found: number[] = [];
    for (const one of last.includes("..") ? readRange(this.#problems, last, at) : [last]) {
      const id = `${this.#siteId}/${stem}${one}`;
      const run = this.#places.find(id);
      if (run === undefined) {
        this.#problems.add(
          at,
          `the site has no domain and no node "${stem}${one}"${this.#places.hintFor(id)}: write a path below the site`,
        );
        return found;
      }
      if (!this.#take(run, name, { at, found })) {
        return found;
      }
    }
    return found;
  }

  /** Stops at the first node that is taken, so that no file names the same nodes again and again for long. */
  #take(
    { first, end }: NodeRun,
    name: string,
    { at, found }: { readonly at: Place; readonly found: number[] },
  ): boolean {
    for (let node = first; node < end; node += 1) {
      const owner = this.#ownerOf.get(node);
      if (owner !== undefined) {
        const where = owner === name ? `twice in "${name}"` : `in "${owner}" and in "${name}"`;
        this.#problems.add(
          at,
          `${this.#places.nodeId(node)} is ${where}: a node has one place on each level`,
        );
        return false;
      }
      this.#ownerOf.set(node, name);
      found.push(node);
    }
    return true;
  }
}

function nodesOf({ first, end }: NodeRun): readonly number[] {
  return Array.from({ length: end - first }, (_, at) => first + at);
}

/** Groups of neighbours; the last of a group may be smaller. */
function countOut(
  problems: Problems,
  { name, at, within }: DeclaredLevel,
  { every, places }: { readonly every: Every; readonly places: SitePlaces },
): readonly FabricDomain[] {
  const kind = within?.value ?? "feed";
  if (within !== undefined && every.unit !== "node" && !isAbove(kind, every.unit)) {
    problems.add(within.at, `a ${kind} holds no ${every.unit}: name what holds them`);
    return [];
  }
  const groups: number[][] = [];
  let taken = every.count;
  let before: number | undefined;
  for (const { id, run, under } of places.units(every.unit, kind)) {
    if (under === undefined) {
      problems.add(within?.at ?? at, `${id} is in no ${kind}: name another kind, or leave it out`);
      return [];
    }
    if (taken === every.count || under !== before) {
      groups.push([]);
      taken = 0;
    }
    groups.at(-1)?.push(...nodesOf(run));
    taken += 1;
    before = under;
  }
  if (groups.length === 0) {
    problems.add(at, `the site has no ${every.unit}: count what it has`);
  }
  if (groups.length > mostDomains) {
    problems.add(at, `this level has ${groups.length} domains, at most ${mostDomains} are allowed`);
    return [];
  }
  const names = numbered(name, 1, groups.length, groups.length);
  return groups.map((nodes, index) => ({ name: names[index] ?? "", nodes }));
}

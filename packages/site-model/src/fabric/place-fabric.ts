import { numbered, readRange } from "../counts.ts";
import { isAbove } from "../declaration.ts";
import type { Expansion } from "../expand.ts";
import { mostDomains } from "../prove.ts";
import type { Problems } from "../reader/index.ts";
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
        ? level.switches.map((one) => placeSwitch(problems, one, { siteId, places }))
        : countOut(problems, level, { every: level.every.value, places }),
  }));
  checkFabric(problems, levels, placed, places);
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

function placeSwitch(
  problems: Problems,
  { name, paths }: DeclaredSwitch,
  { siteId, places }: { readonly siteId: string; readonly places: SitePlaces },
): FabricDomain {
  const nodes = new Set<number>();
  for (const { value: path, at } of paths) {
    const stem = path.slice(0, path.lastIndexOf("/") + 1);
    const last = path.slice(stem.length);
    const names = last.includes("..") ? readRange(problems, last, at) : [last];
    for (const one of names) {
      const id = `${siteId}/${stem}${one}`;
      const run = places.find(id);
      if (run === undefined) {
        problems.add(
          at,
          `the site has no domain and no node "${stem}${one}"${places.hintFor(id)}: write a path below the site`,
        );
        break;
      }
      nodesOf(run).forEach((node) => nodes.add(node));
    }
  }
  return { name, nodes: [...nodes].toSorted((a, b) => a - b) };
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

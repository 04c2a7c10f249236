import type { Place, Problems } from "../reader/index.ts";
import type { FabricLevel } from "../site.ts";
import type { DeclaredLevel } from "./read-fabric.ts";
import type { SitePlaces } from "./site-places.ts";

/** A domain of a level, as each node sees it: its position in the level, or -1. */
type DomainOfNode = Int32Array;

/**
 * A fabric is a tree: names are unique, a node hangs on one domain of a level at most, and a domain
 * lies whole in one of each level above, or in none.
 */
export function checkFabric(
  problems: Problems,
  declared: readonly DeclaredLevel[],
  levels: readonly FabricLevel[],
  places: SitePlaces,
): void {
  checkNames(problems, declared, levels);
  const columns = levels.map((level, at) => {
    const placeOf = (domain: number): Place | undefined =>
      declared[at]?.switches[domain]?.at ?? declared[at]?.at;
    return domainsOfNodes(problems, level, { places, placeOf });
  });
  levels.forEach((level, at) => {
    for (let above = at + 1; above < levels.length; above += 1) {
      const upper = levels[above];
      const column = columns[above];
      const place = declared[above]?.at;
      if (upper !== undefined && column !== undefined && place !== undefined) {
        checkInside(problems, level, { upper, column, place });
      }
    }
  });
}

function checkNames(
  problems: Problems,
  declared: readonly DeclaredLevel[],
  levels: readonly FabricLevel[],
): void {
  const taken = new Set<string>();
  levels.forEach(({ domains }, at) => {
    domains.forEach(({ name }, index) => {
      const place = declared[at]?.switches[index]?.at ?? declared[at]?.at;
      if (taken.has(name) && place !== undefined) {
        problems.add(place, `duplicate name "${name}" in the fabric: rename or remove one`);
      }
      taken.add(name);
    });
  });
}

interface Around {
  readonly places: SitePlaces;
  readonly placeOf: (domain: number) => Place | undefined;
}

function domainsOfNodes(
  problems: Problems,
  { domains }: FabricLevel,
  { places, placeOf }: Around,
): DomainOfNode {
  const column = new Int32Array(places.nodeCount).fill(-1);
  domains.forEach(({ name, nodes }, index) => {
    const shared = nodes.find((node) => column[node] !== -1);
    const place = placeOf(index);
    if (shared !== undefined && place !== undefined) {
      const other = domains[column[shared] ?? -1]?.name ?? "";
      problems.add(
        place,
        `${places.nodeId(shared)} is in "${other}" and in "${name}": a node has one place on each level`,
      );
    }
    nodes.forEach((node) => {
      column[node] = index;
    });
  });
  return column;
}

interface Above {
  readonly upper: FabricLevel;
  readonly column: DomainOfNode;
  readonly place: Place;
}

function checkInside(
  problems: Problems,
  level: FabricLevel,
  { upper, column, place }: Above,
): void {
  for (const { name, nodes } of level.domains) {
    const inside = new Set(nodes.map((node) => column[node] ?? -1));
    if (inside.size > 1) {
      const others = [...inside]
        .map((at) => upper.domains[at]?.name)
        .map((one) => (one === undefined ? "nothing" : `"${one}"`));
      problems.add(
        place,
        `"${name}" of level ${level.name} lies in ${others.slice(0, 2).join(" and in ")} of level ${upper.name}: each domain lies whole in one of a level above, smallest level first`,
      );
      return;
    }
  }
}

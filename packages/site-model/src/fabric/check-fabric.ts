import type { Place, Problems } from "../reader/index.ts";
import type { FabricLevel } from "../site.ts";
import type { DeclaredLevel } from "./read-fabric.ts";

/** A domain of a level, as each node sees it: its position in the level, or -1. */
type DomainOfNode = Int32Array;

/**
 * A fabric is a tree: names are unique, and a domain lies whole in one of each level above, or in none.
 */
export function checkFabric(
  problems: Problems,
  declared: readonly DeclaredLevel[],
  levels: readonly FabricLevel[],
  nodeCount: number,
): void {
  checkNames(problems, declared, levels);
  const columns = levels.map((level) => domainsOfNodes(level, nodeCount));
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

function domainsOfNodes({ domains }: FabricLevel, nodeCount: number): DomainOfNode {
  const column = new Int32Array(nodeCount).fill(-1);
  domains.forEach(({ nodes }, index) => {
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

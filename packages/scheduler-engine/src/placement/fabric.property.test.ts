import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs, Hub } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Wanted } from "./room.ts";
import { canHoldOn, findNodes } from "./search.ts";

type Random = (below: number) => number;

function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Two rows of racks of two classes, all limits drawn, and a fabric that cuts across rows and racks. */
function randomSite(random: Random): string {
  const pick = (...words: readonly string[]): string => words[random(words.length)] ?? "";
  const rackA = 9 + random(14);
  const rackB = 9 + random(14);
  const row = 20 + random(45);
  return `site: hub
title: A small site
nodeClasses:
  hungry-8: {gpuModel: H100, gpuCount: 8, idle: 2 kW, peak: 10 kW, partUse: ${pick("share", "peak")}, source: assumption}
  lean-8: {gpuModel: H100, gpuCount: 8, idle: 2 kW, peak: 6 kW, partUse: ${pick("share", "peak")}, source: assumption}
phases:
  - {name: first, built: true}
templates:
  rack-a: {kind: rack, limit: ${rackA} kW, nodes: 2 × hungry-8, source: assumption}
  rack-b: {kind: rack, limit: ${rackB} kW, nodes: [1 × hungry-8, 1 × lean-8], source: assumption}
  row-a: {kind: row, limit: ${row} kW, racks: [2 × rack-${pick("a", "b")}, 1 × rack-b], source: assumption}
fabric:
  - {level: nvlink, every: ${pick("1 node", "1 rack")}, source: assumption}
  - level: leaf
    source: assumption
    domains:
      leaf-a: [row-1/rack-1, row-2/rack-2]
      leaf-b: [row-1/rack-2..rack-3]
      leaf-c: row-2/rack-1
  - {level: pod, domains: {pod-1: [row-1, row-2/rack-1..rack-2]}, source: assumption}
feed:
  limit: ${60 + random(60)} kW
  source: assumption
  rows: 2 × row-a
`;
}

function* choices(from: readonly number[], count: number): Generator<readonly number[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let at = 0; at + count <= from.length; at += 1) {
    for (const rest of choices(from.slice(at + 1), count - 1)) {
      yield [from[at] ?? -1, ...rest];
    }
  }
}

/** Tries every choice of nodes against the ledger of this moment. */
function holds(wanted: Wanted, nodes: readonly number[]): boolean {
  for (const chosen of choices(nodes, wanted.nodeCount)) {
    if (canHoldOn(wanted, chosen)) {
      return true;
    }
  }
  return false;
}

function freeCount(site: SiteState, nodes: readonly number[], gpusPerNode: number): number {
  return nodes.filter((node) => (site.countedFree[node] ?? -1) >= gpusPerNode).length;
}

/** Says what was found, after proving that no smaller and no fuller domain would have held the gang. */
function check(site: SiteState, wanted: Wanted): string {
  const found = findNodes(wanted);
  if (found !== undefined) {
    expect(canHoldOn(wanted, found)).toBe(true);
  }
  for (const level of site.site.fabric) {
    const holding = level.domains.filter(({ nodes }) => holds(wanted, nodes));
    if (holding.length > 0) {
      const chosen = holding.find(
        ({ nodes }) => found?.every((node) => nodes.includes(node)) === true,
      );
      expect(
        chosen,
        `level ${level.name} holds it: ${holding[0]?.name}, found ${found?.join(" ") ?? "nothing"}`,
      ).toBeDefined();
      const counts = holding.map(({ nodes }) => freeCount(site, nodes, wanted.gpusPerNode));
      expect(freeCount(site, chosen?.nodes ?? [], wanted.gpusPerNode)).toBe(Math.min(...counts));
      return level.name;
    }
  }
  return found === undefined ? "none" : "spread";
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

test("no smaller domain of the fabric would have held what was placed", () => {
  const seen = new Map<string, number>();
  for (const seed of seeds) {
    const random = seeded(seed);
    const hub = new Hub(randomSite(random));
    const site = known(hub.state.sites.get("hub"), "site");
    for (let step = 0; step < 12; step += 1) {
      for (const nodeCount of [2, 3, 4, 5]) {
        const wanted: Wanted = {
          pool: known(site.pools[0], "pool"),
          nodeCount,
          gpusPerNode: [2, 4, 8][random(3)] ?? 8,
          capWatts: 0,
          floorCapWatts: 0,
          holdsUntilMs: hub.nowMs + hourMs,
          mayUseKept: true,
        };
        const where = check(site, wanted);
        seen.set(where, (seen.get(where) ?? 0) + 1);
      }
      const walltime = milliseconds((1 + random(5)) * hourMs);
      hub.run({ nodeCount: 1, gpusPerNode: [1, 2, 4, 8][random(4)] ?? 8, walltime });
    }
  }
  for (const where of ["nvlink", "leaf", "pod", "spread", "none"]) {
    expect(seen.get(where) ?? 0, where).toBeGreaterThan(10);
  }
});

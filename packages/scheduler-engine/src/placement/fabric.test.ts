import { milliseconds } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { hourMs, Hub, smallHub } from "../testing/test-hub.ts";

/** Two halls of one row of two racks of two nodes, and a network. */
function hubText(...levels: readonly string[]): string {
  const lines = levels.map((level) => `  - {${level}, source: assumption}\n`).join("");
  return smallHub(200).replace("feed:\n", `fabric:\n${lines}feed:\n`);
}

const rack = (hall: number, at: number): string => `sub-1/hall-${hall}/row-1/rack-${at}`;

/** Each switch has a rack in either hall. */
const crossing = `level: leaf, domains: {a: [${rack(1, 1)}, ${rack(2, 1)}], b: [${rack(1, 2)}, ${rack(2, 2)}]}`;
const byHall = "level: leaf, every: 1 hall";

/** Nodes of the gang that was started last, numbered hall, rack, node. */
function lastPlaces(hub: Hub): readonly string[] {
  const site = hub.state.sites.get("hub");
  const last = [...(site?.attempts ?? [])].toSorted((a, b) => a.job - b.job).at(-1);
  return (last?.placement.nodes ?? []).map((node) =>
    (site?.site.nodes[node]?.id ?? "")
      .replaceAll(/[^0-9/]/g, "")
      .replace(/^\/\d+\/(\d+)\/\d+/, "$1"),
  );
}

describe("a gang", () => {
  test("stays on one switch, though one hall of the power tree would hold it", () => {
    const hub = new Hub(hubText(crossing));
    hub.run({ nodeCount: 4 });
    expect(lastPlaces(hub)).toEqual(["1/1/1", "1/1/2", "2/1/1", "2/1/2"]);
  });

  test("goes to the fullest switch that holds it", () => {
    const hub = new Hub(
      hubText(`level: leaf, domains: {a: ${rack(1, 1)}, b: [${rack(1, 2)}, ${rack(2, 2)}]}`),
    );
    hub.run({ nodeCount: 1 });
    expect(lastPlaces(hub)).toEqual(["1/1/1"]);
    hub.run({ nodeCount: 2 });
    expect(lastPlaces(hub)).toEqual(["1/2/1", "1/2/2"]);
    hub.run({ nodeCount: 2 });
    expect(lastPlaces(hub)).toEqual(["2/2/1", "2/2/2"]);
  });

  test("is kept together by the power tree when no switch holds it", () => {
    const hub = new Hub(hubText(`level: leaf, domains: {a: [${rack(1, 1)}], b: [${rack(2, 1)}]}`));
    hub.run({ nodeCount: 1 });
    hub.run({ nodeCount: 4 });
    expect(lastPlaces(hub)).toEqual(["2/1/1", "2/1/2", "2/2/1", "2/2/2"]);
  });

  test("goes to the next switch when the fuller one has the nodes but not the watts", () => {
    const text = hubText(
      `level: leaf, domains: {a: ${rack(1, 1)}, b: [${rack(1, 2)}, ${rack(2, 2)}]}`,
    );
    const hub = new Hub(text.replace("limit: 50 kW", "limit: 13 kW"));
    hub.run({ nodeCount: 2 });
    expect(lastPlaces(hub)).toEqual(["1/2/1", "2/2/1"]);
  });

  test("follows an edited file; what runs stays", () => {
    const hub = new Hub(hubText(byHall));
    hub.run({ nodeCount: 1, walltime: milliseconds(9 * hourMs) });
    expect(hub.register(hubText(crossing)).kind).toBe("done");
    hub.run({ nodeCount: 3 });
    expect(lastPlaces(hub)).toEqual(["1/1/2", "2/1/1", "2/1/2"]);
  });
});

import { expect, test } from "vitest";
import { Hub } from "../testing/test-hub.ts";

/** Two classes of one GPU model: two nodes of the lean one fit where of the hungry one only one does. */
function mixedHub(templates: string, hall: string): Hub {
  return new Hub(`site: hub
title: A small site
nodeClasses:
  hungry-8: {gpuModel: H100, gpuCount: 8, idle: 2 kW, peak: 10 kW, partUse: share, source: assumption}
  lean-8: {gpuModel: H100, gpuCount: 8, idle: 2 kW, peak: 6 kW, partUse: share, source: assumption}
phases:
  - {name: first, built: true}
templates:
${templates}
feed:
  limit: 2 MW
  source: assumption
  substations:
    - name: sub-1
      limit: 2 MW
      source: assumption
      halls:
        - {name: hall-1, phase: first, limit: 2 MW, ${hall}, source: assumption}
`);
}

/** Where the nodes of the one running gang stand, without the part that all have in common. */
function placesOf(hub: Hub): readonly string[] {
  const site = hub.state.sites.get("hub");
  return [...(site?.attempts ?? [])].flatMap(({ placement }) =>
    placement.nodes.map(
      (node) => site?.site.nodes[node]?.id.replace("hub/sub-1/hall-1/", "") ?? "",
    ),
  );
}

test("a gang stays in the one rack that holds it, however many before it only look as if", () => {
  const hub = mixedHub(
    `  rack-a: {kind: rack, limit: 15 kW, nodes: 2 × hungry-8, source: assumption}
  rack-b: {kind: rack, limit: 15 kW, nodes: 2 × lean-8, source: assumption}
  row-a: {kind: row, limit: 2 MW, racks: [30 × rack-a, 1 × rack-b], source: assumption}`,
    "rows: 1 × row-a",
  );
  hub.run({ nodeCount: 2 });
  expect(placesOf(hub)).toEqual(["row-1/rack-31/node-1", "row-1/rack-31/node-2"]);
});

test("a gang stays in a row that holds it on its lean nodes only", () => {
  const hub = mixedHub(
    `  rack-a: {kind: rack, limit: 15 kW, nodes: 1 × hungry-8, source: assumption}
  rack-b: {kind: rack, limit: 15 kW, nodes: 1 × lean-8, source: assumption}
  row-a: {kind: row, limit: 15 kW, racks: [1 × rack-a, 2 × rack-b], source: assumption}`,
    "rows: 2 × row-a",
  );
  hub.run({ nodeCount: 2 });
  expect(placesOf(hub)).toEqual(["row-1/rack-2/node-1", "row-1/rack-3/node-1"]);
});

test("a row whose racks hold a gang is found behind any number of rows whose racks do not", () => {
  const hub = mixedHub(
    `  rack-a: {kind: rack, limit: 11 kW, nodes: 2 × lean-8, source: assumption}
  rack-b: {kind: rack, limit: 7 kW, nodes: 2 × lean-8, source: assumption}
  row-a: {kind: row, limit: 2 MW, racks: [2 × rack-b, 1 × rack-a], source: assumption}
  row-b: {kind: row, limit: 2 MW, racks: 3 × rack-a, source: assumption}`,
    "rows: [20 × row-a, 1 × row-b]",
  );
  hub.run({ nodeCount: 3 });
  expect(new Set(placesOf(hub).map((place) => place.split("/")[0]))).toEqual(new Set(["row-21"]));
});

import { expect, test } from "vitest";
import { errorLines, smallSite, smallSiteWith } from "./test-sites.ts";

const wrongFile = `site: Wrong_Site
title: Everything at once
tariff: 12
nodeClasses:
  h100-8:
    gpuModel: H100-SXM-80GB
    gpuCount: 17
    idle: 11 kW
    peak: 10.2 kW
    partUse: share
    source: assumption
phases:
  - {name: first, built: yes}
templates:
  rack-a:
    kind: rack
    limit: 3 kW
    nodes: 2 × a100-8
    source: assumption
  row-a:
    kind: row
    limit: 60
    racks: 2 × rack-a
  row-b:
    kind: row
    template: row-c
  row-c:
    kind: row
    template: row-b
feed:
  limit: 1 MW
  redundancy: N+1
  source: assumption
  halls:
    - name: hall-1
      phase: second
      limit: 150 kW
      rows: 2 × row-a
      source: assumption
    - name: hall-1
      limit: 150 kW
      loadFactor: 0.8
      rows: 2 × row-d
      source: assumption
`;

test("a wrong file gives all of its mistakes at once, in the order of the file", () => {
  expect(errorLines(wrongFile)).toEqual([
    '1:7 site: "Wrong_Site" is not a name: use a-z, 0-9 and -, starting and ending with a letter or digit',
    '3:1 tariff: unknown key "tariff" in a site file (did you mean "tariffs"?): allowed are "site", "title", "nodeClasses", "curves", "phases", "templates", "fabric", "budgets" or "feed"',
    '7:15 nodeClasses.h100-8.gpuCount: found "17", but a whole number from 1 to 16 is allowed',
    "9:11 nodeClasses.h100-8.peak: peak 10200 W is below idle 11000 W: peak is the most the node may draw, correct one of them",
    '13:26 phases[0].built: found "yes", allowed are "true" or "false"',
    '18:12 templates.rack-a.nodes: unknown node class "a100-8" (did you mean "h100-8"?): the file has "h100-8", use one of them or add it',
    '22:5 templates.row-a.limit: numbers without a source (limit, racks): add source: to this block and name where it is from, or write "assumption" with the reason',
    '22:12 templates.row-a.limit: "60" has no unit: write a number and W, kW, MW or GW, for example "300 MW" or "10.2 kW"',
    "29:15 templates.row-c.template: template cycle row-b → row-c → row-b: a template cannot contain itself, remove one use",
    "32:15 feed.redundancy: N+1 with one supply: one must be able to fail, so write at least two, for example supplies: 3 × 25 MW, or redundancy: none",
    '36:14 feed.halls[0].phase: unknown phase "second": the file has "first", use one of them or add it',
    '40:13 feed.halls[1].name: duplicate name "hall-1" in the same domain: rename or remove one',
    '42:19 feed.halls[1].loadFactor: found "0.8", but a decimal from 1 to 10 with at most 6 places is allowed',
    '43:13 feed.halls[1].rows: unknown template "row-d" (did you mean "row-a"?): the file has "rack-a", "row-a", "row-b" or "row-c", use one of them or add it',
  ]);
});

test("a cycle over two templates is reported once, with the way around it", () => {
  const text = smallSiteWith(
    "feed:\n",
    `  row-b: {kind: row, template: row-c}
  row-c: {kind: row, template: row-b}
feed:
`,
  ).replace("rows: 2 × row-a", "rows: 2 × row-b");
  expect(errorLines(text)).toEqual([
    "29:32 templates.row-c.template: template cycle row-b → row-c → row-b: a template cannot contain itself, remove one use",
  ]);
});

test("the small site itself has no mistake", () => {
  expect(errorLines(smallSite)).toEqual([]);
  expect(errorLines(smallSite, "all")).toEqual([]);
});

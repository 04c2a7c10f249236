import { describe, expect, test } from "vitest";
import { errorLines, smallSite, smallSiteWith } from "./test-sites.ts";

/** One mistake, one message: its line and column, path, and what it must say. */
const mistakes: readonly (readonly [
  what: string,
  find: string,
  replacement: string,
  expected: RegExp,
])[] = [
  [
    "a unit missing",
    "limit: 1 MW",
    "limit: 300",
    /^29:10 feed\.limit: "300" has no unit: write a number and W, kW, MW or GW/,
  ],
  ["an unknown unit", "limit: 1 MW", "limit: 1 mw", /feed\.limit: .*unknown unit "mw"/],
  ["half a watt", "fixed: 1 kW", "fixed: 0.5 W", /fixed: "0.5 W" is not a whole number of watts/],
  ["no limit", "    limit: 60 kW\n", "", /^\d+:\d+ templates\.row-a: this row has no limit/],
  ["a limit of zero", "limit: 1 MW", "limit: 0 W", /feed\.limit: supplies must be above 0 W/],
  [
    "limit and supplies",
    "limit: 1 MW",
    "limit: 1 MW\n  supplies: 2 × 1 MW",
    /"limit" and "supplies" in one block: keep one/,
  ],
  ["no supplies", "supplies: 3 × 100 kW", "supplies: []", /found 0 supplies, allowed are 1 to 64/],
  ["65 supplies", "3 × 100 kW", "65 × 100 kW", /found 65 supplies, allowed are 1 to 64/],
  [
    "a rack that cannot carry its idle nodes",
    "supplies: 2 × 25 kW",
    "supplies: 2 × 4999 W",
    /^\d+:\d+ templates\.rack-a\.supplies: usable 4999 W of this rack \(limit 9998 W, 2N\) cannot carry 5000 W, the fixed load and the idle draw of 2 nodes: raise the limit or hold fewer nodes/,
  ],
  [
    "a row that cannot carry its network and idle nodes after derating",
    "limit: 60 kW",
    "limit: 17149 W",
    /usable 13719 W of this row \(limit 17149 W, derating 0\.8\) cannot carry 13720 W/,
  ],
  [
    "a substation that cannot carry the cooling of idle nodes after a failure",
    "supplies: 3 × 100 kW",
    "supplies: [34.8 kW, 34.7 kW, 100 kW]",
    /usable 69500 W of this substation \(limit 169500 W, N\+1\) cannot carry 69600 W, .* of 16 nodes, load factor 1\.25/,
  ],
  ["a feed that cannot", "limit: 1 MW", "limit: 69599 W", /usable 69599 W of this feed/],
  [
    "an unknown node class",
    "nodes: 2 × h100-8",
    "nodes: 2 × h100-9",
    /templates\.rack-a\.nodes: unknown node class "h100-9" \(did you mean "h100-8"\?\)/,
  ],
  [
    "an unknown template",
    "racks: 2 × rack-a",
    "racks: 2 × rack-b",
    /unknown template "rack-b" \(did you mean "rack-a"\?\): the file has "rack-a" or "row-a"/,
  ],
  [
    "a template of another kind",
    "rows: 2 × row-a",
    "rows: 2 × rack-a",
    /template "rack-a" is a rack, but a row is needed here/,
  ],
  ["an unknown phase", "phase: second", "phase: third", /unknown phase "third"/],
  [
    "a template that builds on itself",
    "kind: row",
    "kind: row\n    template: row-a",
    /template cycle row-a → row-a/,
  ],
  [
    "N+1 with one supply",
    "supplies: 3 × 100 kW",
    "limit: 300 kW",
    /redundancy: N\+1 with one supply: one must be able to fail, so write at least two/,
  ],
  [
    "2N with three supplies",
    "supplies: 2 × 25 kW",
    "supplies: 3 × 25 kW",
    /redundancy: 2N with 3 supplies: .* write an even number/,
  ],
  [
    "an unknown redundancy",
    "redundancy: N+1",
    "redundancy: N+2",
    /found "N\+2", allowed are "none"/,
  ],
  [
    "distributed redundancy",
    "redundancy: N+1",
    "redundancy: distributed",
    /"distributed" .* comes later/,
  ],
  [
    "a derating above 1",
    "derating: 0.8",
    "derating: 80",
    /derating: found "80", but a decimal above 0, at most 1/,
  ],
  ["a derating of 0", "derating: 0.8", "derating: 0", /derating: found "0"/],
  [
    "a load factor below 1",
    "loadFactor: 1.25",
    "loadFactor: 0.9",
    /loadFactor: found "0.9", but a decimal from 1 to 10/,
  ],
  ["a load factor in words", "loadFactor: 1.25", "loadFactor: PUE", /found "PUE", but a decimal/],
  [
    "a load factor too fine to be exact",
    "limit: 1 MW",
    "limit: 300 GW\n  loadFactor: 1.000001",
    /feed\.loadFactor: loads of this feed would need steps of 1\/4000000 W/,
  ],
  [
    "idle above peak",
    "peak: 10.2 kW",
    "peak: 2 kW",
    /nodeClasses\.h100-8\.peak: peak 2000 W is below idle 2500 W/,
  ],
  ["no GPUs", "gpuCount: 8", "gpuCount: 0", /gpuCount: found "0", but a whole number from 1 to 16/],
  ["a billion GPUs", "gpuCount: 8", "gpuCount: 1000000000", /gpuCount: found "1000000000"/],
  ["a GPU model with spaces", "H100-SXM-80GB", "H100 SXM", /"H100 SXM" is not a GPU model/],
  [
    "an unknown part use",
    "partUse: share",
    "partUse: half",
    /found "half", allowed are "share" or "peak"/,
  ],
  [
    "a missing field",
    "    gpuCount: 8\n",
    "",
    /nodeClasses\.h100-8: "gpuCount" is missing: write for example gpuCount: 8/,
  ],
  [
    "an unknown key",
    "networkPerNode:",
    "networkPerNodes:",
    /unknown key "networkPerNodes" in a template \(did you mean "networkPerNode"\?\)/,
  ],
  [
    "a reserved key",
    "title: A",
    "tariffs: {}\ntitle: A",
    /"tariffs" \(prices by hour and season\) comes later/,
  ],
  ["a curve", "loadFactor: 1.25", "temperatureCurve: 3", /"temperatureCurve" .* comes later/],
  [
    "a number without a source",
    "racks: 2 × rack-a\n    source: assumption",
    "racks: 2 × rack-a",
    /templates\.row-a\.limit: numbers without a source \(limit, derating, networkPerNode, racks\)/,
  ],
  [
    "a source that is none",
    "racks: 2 × rack-a\n    source: assumption",
    "racks: 2 × rack-a\n    source: todo",
    /source: "todo" names no source/,
  ],
  [
    "a figure that its sources leave out",
    "limit: 1 MW\n  source: assumption",
    "limit: 1 MW\n  source: {limit: assumption}",
    /feed\.substations: a number without a source \(substations\)/,
  ],
  [
    "a source for nothing",
    "limit: 1 MW\n  source: assumption",
    "limit: 1 MW\n  source: {fixed: assumption, other: assumption}",
    /a source for "fixed", which is not in this block/,
  ],
  [
    "a duplicate name in a list",
    "name: hall-2",
    "name: hall-1",
    /^44:17 feed\.substations\[0\]\.halls\[1\]\.name: duplicate name "hall-1"/,
  ],
  [
    "a duplicate key",
    "site: small",
    "site: small\nsite: small",
    /^2:1 site: duplicate name "site", first on line 1/,
  ],
  [
    "a duplicate phase",
    "{name: first, built: true}",
    "{name: first, built: true}\n  - {name: first, built: true}",
    /duplicate name "first"/,
  ],
  [
    "phases out of order",
    "{name: first, built: true}",
    "{name: first, built: false}\n  - {name: late, built: true}",
    /phase "late" is built but an earlier one is not/,
  ],
  [
    "a phase that is maybe built",
    "built: false",
    "built: maybe",
    /found "maybe", allowed are "true" or "false"/,
  ],
  [
    "a name with capitals",
    "name: hall-1",
    "name: Hall-1",
    /"Hall-1" is not a name: use a-z, 0-9 and -/,
  ],
  [
    "a name with control characters",
    "name: hall-1",
    'name: "hall\\u0007"',
    /"hall\\u0007" is not a name/,
  ],
  [
    "a name of 64 characters",
    "name: hall-1",
    `name: ${"h".repeat(64)}`,
    /has 64 characters, at most 63/,
  ],
  ["a site id with a slash", "site: small", "site: a/b", /"a\/b" is not a name/],
  ["no name", "name: hall-1\n          ", "", /a hall needs either name: hall-1 or names/],
  ["an empty title", "title: A small site", "title:", /title: found "", but a title has 1 to 120/],
  [
    "a range that runs backwards",
    "name: hall-1",
    "names: hall-3..hall-1",
    /"hall-3..hall-1" is not a range/,
  ],
  ["a range of two stems", "name: hall-1", "names: hall-1..room-3", /is not a range/],
  ["a range of uneven padding", "name: hall-1", "names: hall-01..hall-100", /is not a range/],
  [
    "a range of a billion",
    "name: hall-1",
    "names: hall-1..hall-999999999",
    /has 999999999 names, at most 10000/,
  ],
  [
    "a count of zero",
    "nodes: 2 × h100-8",
    "nodes: 0 × h100-8",
    /found "0 × h100-8", but a count is 1 to 10000/,
  ],
  [
    "a count of a billion",
    "racks: 2 × rack-a",
    "racks: 1000000000 × rack-a",
    /but a count is 1 to 10000/,
  ],
  [
    "nodes outside a rack",
    "racks: 2 × rack-a",
    "nodes: 2 × h100-8",
    /nodes in a row, but nodes stand in racks/,
  ],
  ["a hall in a row", "racks: 2 × rack-a", "halls: 2 × rack-a", /a row cannot hold a hall/],
  [
    "an empty row",
    "    racks: 2 × rack-a\n",
    "",
    /this row holds nothing: write for example racks/,
  ],
  ["an empty list", "racks: 2 × rack-a", "racks: []", /an empty list: name at least one rack/],
  [
    "a list for a value",
    "limit: 1 MW",
    "limit: [1 MW]",
    /found a list of 1 item, but a single value/,
  ],
  [
    "a value for a block",
    "nodeClasses:\n",
    "nodeClasses:\n  other: 3\n",
    /nodeClasses\.other: found "3", but a node class is a block/,
  ],
  [
    "an alias",
    "title: A small site",
    "title: &a A small site",
    /a YAML anchor \(&a\) is not allowed/,
  ],
  ["a tag", "gpuCount: 8", "gpuCount: !!int 8", /not readable as YAML: Unresolved tag/],
  ["a broken line", "title: A small site", "title: [", /not readable as YAML/],
];

describe("one mistake gives one message", () => {
  test.each(mistakes)("%s", (_, find, replacement, expected) => {
    const lines = errorLines(smallSiteWith(find, replacement));
    expect(lines.join("\n")).toMatch(expected);
    expect(lines).toHaveLength(1);
  });
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

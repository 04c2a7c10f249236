import { describe, expect, test } from "vitest";
import { diffSites } from "../diff-sites.ts";
import type { PhaseChoice } from "../parse-site.ts";
import { errorLines, siteOf, smallSite, smallSiteWith } from "../test-sites.ts";

/** The small site (two rows of two racks of two nodes; as many in the second phase) with these levels. */
function withFabric(...levels: readonly string[]): string {
  const lines = levels.map((level) => `  - {${level}, source: assumption}\n`);
  return smallSiteWith("feed:\n", `fabric:\n${lines.join("")}feed:\n`);
}

/** By level: the names of its domains and the short names of their nodes. */
function fabricOf(text: string, phases: PhaseChoice = "built"): unknown {
  const site = siteOf(text, phases);
  const shortName = (node: number): string =>
    site.nodes[node]?.id.replace("small/substation-1/", "").replaceAll(/[a-z]+-/g, "") ?? "";
  return Object.fromEntries(
    site.fabric.map(({ name, domains }) => [
      name,
      Object.fromEntries(domains.map((one) => [one.name, one.nodes.map(shortName).join(" ")])),
    ]),
  );
}

describe("a fabric", () => {
  test("counts neighbours, anew in each domain that it names", () => {
    const text = withFabric(
      "level: nvlink, every: 1 rack",
      "level: leaf, every: 3 racks, within: hall",
      "level: pod, every: 1 hall",
    );
    expect(fabricOf(text)).toEqual({
      nvlink: {
        "nvlink-1": "1/1/1/1 1/1/1/2",
        "nvlink-2": "1/1/2/1 1/1/2/2",
        "nvlink-3": "1/2/1/1 1/2/1/2",
        "nvlink-4": "1/2/2/1 1/2/2/2",
      },
      leaf: {
        "leaf-1": "1/1/1/1 1/1/1/2 1/1/2/1 1/1/2/2 1/2/1/1 1/2/1/2",
        "leaf-2": "1/2/2/1 1/2/2/2",
      },
      pod: {
        "pod-1": "1/1/1/1 1/1/1/2 1/1/2/1 1/1/2/2 1/2/1/1 1/2/1/2 1/2/2/1 1/2/2/2",
      },
    });
  });

  test("names what is irregular, by domain, range and node", () => {
    const text = withFabric(
      "level: leaf, domains: {a: [substation-1/hall-1/row-2, substation-1/hall-1/row-1/rack-1/node-2], b: substation-1/hall-1/row-1/rack-2..rack-2}",
    );
    expect(fabricOf(text)).toEqual({
      leaf: { a: "1/1/1/2 1/2/1/1 1/2/1/2 1/2/2/1 1/2/2/2", b: "1/1/2/1 1/1/2/2" },
    });
  });

  test("moves nobody when a later phase is built", () => {
    const text = withFabric("level: leaf, every: 3 racks");
    expect(fabricOf(text)).toMatchObject({ leaf: { "leaf-2": "1/2/2/1 1/2/2/2" } });
    expect(fabricOf(text, "all")).toMatchObject({
      leaf: { "leaf-2": "1/2/2/1 1/2/2/2 2/1/1/1 2/1/1/2 2/1/2/1 2/1/2/2" },
    });
  });

  test("is part of the revision and of what an edited file changes", () => {
    const before = siteOf(withFabric("level: leaf, every: 1 rack"));
    const same = siteOf(withFabric("level: leaf, every: 2 nodes"));
    const after = siteOf(withFabric("level: leaf, every: 3 nodes"));
    expect(same.revision).toBe(before.revision);
    expect(after.revision).not.toBe(before.revision);
    expect(before.revision).not.toBe(siteOf(smallSite).revision);
    expect(diffSites(before, same)).toMatchObject({ fabricAdded: [], fabricRemoved: [] });
    const { fabricAdded, fabricRemoved } = diffSites(before, after);
    expect(fabricRemoved).toHaveLength(4);
    expect(fabricAdded.map(({ nodes }) => nodes.length)).toEqual([3, 3, 2]);
  });
});

const row = "substation-1/hall-1/row-1";

const mistakes: readonly (readonly [what: string, level: string, expected: RegExp])[] = [
  [
    "neither",
    "level: leaf",
    /^29:5 fabric\[0\]: a level of the fabric needs either every: 4 racks/,
  ],
  ["both", "level: leaf, every: 1 rack, domains: {a: hall-1}", /needs either every/],
  ["no name", "every: 1 rack", /"level" is missing/],
  [
    "a count of nothing",
    "level: leaf, every: 0 racks",
    /^29:26 fabric\[0\]\.every: found "0 racks"/,
  ],
  [
    "a unit that is not known",
    "level: leaf, every: 2 cages",
    /found "2 cages", but every is a count/,
  ],
  ["what holds no such thing", "level: leaf, every: 1 hall, within: row", /a row holds no hall/],
  [
    "within alone",
    "level: leaf, within: row, domains: {a: substation-1}",
    /within belongs to every/,
  ],
  ["an unknown key", "level: leaf, evry: 1 rack", /unknown key "evry".*did you mean "every"/],
  [
    "an unknown place",
    "level: leaf, domains: {a: substation-1/hall-l}",
    /no domain and no node "substation-1\/hall-l" \(did you mean "hall-1"\?\)/,
  ],
  [
    "a range that ends too late",
    `level: leaf, domains: {a: ${row}/rack-1..rack-3}`,
    /no node "substation-1\/hall-1\/row-1\/rack-3"/,
  ],
  ["nothing on a switch", "level: leaf, domains: {a: []}", /nothing hangs on "a"/],
  [
    "a node on two switches",
    `level: leaf, domains: {a: ${row}, b: ${row}/rack-2/node-1}`,
    /^29:\d+ fabric\[0\]\.domains\.b: small\/substation-1\/hall-1\/row-1\/rack-2\/node-1 is in "a" and in "b"/,
  ],
];

describe("a fabric is refused", () => {
  test.each([
    ["the same nodes again and again", "substation-1", /is twice in "a": a node has one place/],
    ["thousands of nodes that are not there", "substation-1/hall-1/row-1/rack-1/node-x", /no node/],
  ])("soon, when it names %s", (_, path, expected) => {
    const paths = Array.from({ length: 20_000 }, () => `\n      - ${path}`).join("");
    const text = withFabric(`level: leaf, every: 1 row`)
      .replace(
        "- {level: leaf, every: 1 row, source: assumption}",
        `- level: leaf\n    source: assumption\n    domains:\n     a:${paths}`,
      )
      .replace("nodes: 2 × h100-8", "nodes: 9999 × h100-8")
      .replaceAll(/(?<=limit: |× )\d+ kW/g, "900 MW")
      .replace("limit: 1 MW", "limit: 4 GW");
    const startedMs = performance.now();
    expect(errorLines(text).join("\n")).toMatch(expected);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test.each(mistakes)("with %s", (_, level, expected) => {
    expect(errorLines(withFabric(level)).join("\n")).toMatch(expected);
  });

  test("when a domain is cut by a level above it", () => {
    const lines = errorLines(
      withFabric("level: nvlink, every: 1 rack", "level: leaf, every: 3 nodes"),
    );
    expect(lines).toEqual([
      expect.stringMatching(
        /^30:\d+ fabric\[1\]\.level: "nvlink-2" of level nvlink lies in "leaf-1" and in "leaf-2"/,
      ),
    ]);
  });

  test("when two domains have one name", () => {
    const lines = errorLines(withFabric("level: leaf, every: 1 rack", "level: leaf, every: 1 row"));
    expect(lines.join("\n")).toMatch(/duplicate name "leaf-1" in the fabric/);
  });

  test("without a source", () => {
    const text = withFabric("level: leaf, every: 1 rack").replace(
      "1 rack, source: assumption",
      "1 rack",
    );
    expect(errorLines(text).join("\n")).toMatch(/a level of the fabric without a source/);
  });

  test("when racks are counted in rows that it does not have", () => {
    const text = withFabric("level: leaf, every: 1 row, within: substation").replace(
      "rows: 2 × row-a\n          source: assumption\n        - name: hall-2",
      "racks: 2 × rack-a\n          source: assumption\n        - name: hall-2",
    );
    expect(errorLines(text)).toEqual([]);
    const counted = text.replace("every: 1 row, within: substation", "every: 1 rack, within: row");
    expect(errorLines(counted).join("\n")).toMatch(/hall-1\/rack-1 is in no row/);
  });
});

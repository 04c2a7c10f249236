import { toNumber } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { errorLines, siteOf, smallSite, smallSiteWith } from "./test-sites.ts";

describe("a small site", () => {
  const site = siteOf(smallSite);

  test("expands parents first, whole subtrees together", () => {
    expect(site.domains.map((domain) => domain.id)).toEqual([
      "small",
      "small/substation-1",
      "small/substation-1/hall-1",
      "small/substation-1/hall-1/row-1",
      "small/substation-1/hall-1/row-1/rack-1",
      "small/substation-1/hall-1/row-1/rack-2",
      "small/substation-1/hall-1/row-2",
      "small/substation-1/hall-1/row-2/rack-1",
      "small/substation-1/hall-1/row-2/rack-2",
    ]);
    expect(site.domains.map((domain) => domain.parentIndex)).toEqual([-1, 0, 1, 2, 3, 3, 2, 6, 6]);
    expect(site.nodes.map((node) => node.id).slice(0, 3)).toEqual([
      "small/substation-1/hall-1/row-1/rack-1/node-1",
      "small/substation-1/hall-1/row-1/rack-1/node-2",
      "small/substation-1/hall-1/row-1/rack-2/node-1",
    ]);
    expect(site.nodes.map((node) => node.domainIndex)).toEqual([4, 4, 5, 5, 7, 7, 8, 8]);
    expect(site.domains.every((domain, index) => domain.index === index)).toBe(true);
    expect(site.nodes.every((node, index) => node.index === index)).toBe(true);
  });

  test("has the limits its supplies, redundancy and derating leave", () => {
    const limits = site.domains
      .slice(0, 5)
      .map(({ kind, limitWatts, usableWatts, redundancy }) => [
        kind,
        toNumber(limitWatts),
        toNumber(usableWatts),
        redundancy,
      ]);
    expect(limits).toEqual([
      ["feed", 1_000_000, 1_000_000, "none"],
      ["substation", 300_000, 200_000, "N+1"],
      ["hall", 150_000, 150_000, "none"],
      ["row", 60_000, 48_000, "none"],
      ["rack", 50_000, 25_000, "2N"],
    ]);
    expect(site.domains[1]?.supplyWatts.map(toNumber)).toEqual([100_000, 100_000, 100_000]);
  });

  test("counts loads in whole quarters of a watt above the cooling", () => {
    const scales = site.domains
      .slice(0, 5)
      .map((domain) => [domain.loadScale, domain.nodeMultiplier, domain.parentMultiplier]);
    expect(scales).toEqual([
      [4, 4, 0],
      [4, 5, 1],
      [1, 1, 5],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    expect(site.domains[1]?.loadFactor).toEqual({ numerator: 5, denominator: 4 });
  });

  test("folds the network share of nodes into the fixed load of the row", () => {
    expect(site.domains.map((domain) => toNumber(domain.fixedWatts)).slice(0, 5)).toEqual([
      0, 1_000, 0, 3_720, 0,
    ]);
  });

  test("says where each limit is written", () => {
    const lines = smallSite.split("\n");
    const [feed, , , row, rack] = site.domains;
    expect(feed?.source.file).toBe("small.yaml");
    expect(lines[(feed?.source.line ?? 0) - 1]).toContain("limit: 1 MW");
    expect(lines[(row?.source.line ?? 0) - 1]).toContain("limit: 60 kW");
    expect(lines[(rack?.source.line ?? 0) - 1]).toContain("supplies: 2 × 25 kW");
  });
});

describe("caps and ramps", () => {
  test("are what the file says, templates included, and absent without it", () => {
    const text = smallSiteWith("partUse: share", "partUse: share\n    gpuCap: 200 W..700 W")
      .replace("derating: 0.8", "derating: 0.8\n    ramp: 12 kW/s over 10 s")
      .replace("limit: 1 MW", "limit: 1 MW\n  ramp: 0.72 MW/min over 60 s");
    const site = siteOf(text);
    expect(site.nodeClasses[0]?.gpuCap).toEqual({ lowestWatts: 200, highestWatts: 700 });
    expect(site.domains.slice(0, 4).map(({ ramp }) => ramp)).toEqual([
      { watts: 720_000, perMs: 60_000, windowMs: 60_000 },
      undefined,
      undefined,
      { watts: 12_000, perMs: 1_000, windowMs: 10_000 },
    ]);
    const bare = siteOf(smallSite);
    expect(bare.nodeClasses[0]).not.toHaveProperty("gpuCap");
    expect(bare.domains[0]).not.toHaveProperty("ramp");
  });

  test("leave the revision of a file that says nothing about them as it was", () => {
    expect(siteOf(smallSite).revision).toBe(
      "4e7ffa6d9206d4d13a28bbabc192337f541f2539edc7cb56042b19d942a40db1",
    );
  });
});

describe("phases", () => {
  const phaseById = (text: string): ReadonlyMap<string, string | undefined> =>
    new Map(siteOf(text, "all").domains.map(({ id, phase }) => [id, phase]));

  test("are known of every domain, from the one that names them down", () => {
    const phases = phaseById(smallSite);
    expect(phases.get("small")).toBeUndefined();
    expect(phases.get("small/substation-1")).toBeUndefined();
    expect(phases.get("small/substation-1/hall-1")).toBe("first");
    expect(phases.get("small/substation-1/hall-1/row-2/rack-1")).toBe("first");
    expect(phases.get("small/substation-1/hall-2")).toBe("second");
  });

  test("of a domain are the latest of it and those above", () => {
    const named = "name: substation-1\n";
    const late = smallSiteWith(named, `${named}      phase: second\n`);
    expect(phaseById(late).get("small/substation-1/hall-1")).toBe("second");
    const early = smallSiteWith(named, `${named}      phase: first\n`);
    expect(phaseById(early).get("small/substation-1/hall-2")).toBe("second");
    expect(phaseById(early).get("small/substation-1")).toBe("first");
  });

  test("bring their halls: built, all, or the first so many", () => {
    expect(siteOf(smallSite).phases).toEqual(["first"]);
    expect(siteOf(smallSite, "all").phases).toEqual(["first", "second"]);
    expect(siteOf(smallSite, "built").nodes).toHaveLength(8);
    expect(siteOf(smallSite, "all").nodes).toHaveLength(16);
    expect(siteOf(smallSite, 1)).toEqual(siteOf(smallSite));
    expect(siteOf(smallSite, 2)).toEqual(siteOf(smallSite, "all"));
    expect(siteOf(smallSite, 0).nodes).toHaveLength(0);
  });

  test.each([3, -1, 0.5, Number.NaN])("%s phases are refused", (count) => {
    expect(errorLines(smallSite, count).join()).toContain("but the file has 2");
  });

  test("not asked for are proved all the same", () => {
    const broken = smallSite.replace(/(name: hall-2[\s\S]*?limit: )150 kW/, "$115 kW");
    expect(errorLines(broken)).toHaveLength(1);
  });
});

describe("templates", () => {
  test("are filled in where a block says nothing, and give way where it does", () => {
    const text = smallSiteWith(
      "          rows: 2 × row-a\n",
      `          rows:
            - {name: left, template: row-a}
            - {name: right, template: row-a, limit: 70 kW, source: assumption}
`,
    );
    const rows = siteOf(text).domains.filter((domain) => domain.kind === "row");
    expect(
      rows.map(({ id, usableWatts }) => [id.split("/").at(-1), toNumber(usableWatts)]),
    ).toEqual([
      ["left", 48_000],
      ["right", 56_000],
    ]);
  });

  test("may build on templates", () => {
    const text = smallSiteWith(
      "  row-a:\n",
      "  row-b:\n    kind: row\n    template: row-a\n    racks: 3 × rack-a\n    source: assumption\n  row-a:\n",
    ).replace("rows: 2 × row-a", "rows: [1 × row-a, 1 × row-b]");
    expect(siteOf(text).nodes).toHaveLength(4 + 6);
  });
});

test("names are numbered with as many digits as the largest number needs", () => {
  const text = smallSiteWith("rows: 2 × row-a", "rows: [8 x row-a, 2*row-a]")
    .replaceAll("limit: 150 kW", "limit: 500 kW")
    .replace("3 × 100 kW", "3 × 400 kW");
  const names = siteOf(text)
    .domains.filter((domain) => domain.kind === "row")
    .map((domain) => domain.id.split("/").at(-1));
  expect(names).toEqual([
    "row-01",
    "row-02",
    "row-03",
    "row-04",
    "row-05",
    "row-06",
    "row-07",
    "row-08",
    "row-09",
    "row-10",
  ]);
});

test("small sites may skip levels", () => {
  const text = `${smallSite.slice(0, smallSite.indexOf("feed:"))}feed:
  limit: 30 kW
  racks: 1 × rack-a
  source: assumption
`;
  expect(siteOf(text).domains.map((domain) => domain.id)).toEqual(["small", "small/rack-1"]);
});

describe("the revision", () => {
  const { revision } = siteOf(smallSite);

  test("is a SHA-256 that comments, order, spelling and templates do not change", () => {
    expect(revision).toMatch(/^[0-9a-f]{64}$/);
    const same = [
      `# A comment.\n${smallSite}`,
      smallSiteWith("limit: 1 MW", "limit: 1000 kW"),
      smallSiteWith("limit: 1 MW\n  source: assumption", "source: assumption, no\n  limit: '1 MW'"),
      smallSiteWith("rows: 2 × row-a", "rows: [{names: row-1..row-2, template: row-a}]"),
      smallSite.replaceAll("row-a", "row-z"),
    ];
    for (const text of same) {
      expect(siteOf(text).revision).toBe(revision);
    }
  });

  test.each([
    ["limit: 1 MW", "limit: 1001 kW"],
    ["peak: 10.2 kW", "peak: 10.3 kW"],
    ["partUse: share", "partUse: peak"],
    ["fixed: 1 kW", "fixed: 2 kW"],
    ["loadFactor: 1.25", "loadFactor: 1.2"],
    ["nodes: 2 × h100-8", "nodes: 1 × h100-8"],
    ["name: hall-1", "name: hall-9"],
    ["3 × 100 kW", "[100 kW, 100 kW, 101 kW]"],
    ["site: small", "site: smaller"],
  ])("changes with %s → %s", (find, replacement) => {
    expect(siteOf(smallSiteWith(find, replacement)).revision).not.toBe(revision);
  });

  test("changes with the phases", () => {
    expect(siteOf(smallSite, "all").revision).not.toBe(revision);
  });
});

test("curves are what the file says, with their source and line", () => {
  const text = smallSiteWith(
    "phases:\n",
    "curves:\n  - gpuModel: H100-SXM-80GB\n    class: inference\n    points: [[500 W, 0.807, 480 W], [700 W, 1, 690 W]]\n    source: a sweep of our own\nphases:\n",
  );
  expect(siteOf(text).curves).toEqual([
    {
      gpuModel: "H100-SXM-80GB",
      workloadClass: "inference",
      points: [
        { capWatts: 500, speed: 0.807, drawWatts: 480 },
        { capWatts: 700, speed: 1, drawWatts: 690 },
      ],
      source: "a sweep of our own",
      writtenAt: { file: "small.yaml", line: 14 },
    },
  ]);
  expect(siteOf(text).revision).not.toBe(siteOf(smallSite).revision);
});

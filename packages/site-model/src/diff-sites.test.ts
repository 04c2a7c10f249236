import { toNumber } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { diffSites, type SiteDiff } from "./diff-sites.ts";
import { itemAt, siteOf, smallSite, smallSiteWith } from "./test-sites.ts";

const before = siteOf(smallSite);

function sizes(diff: SiteDiff): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(diff)
      .map(([key, list]) => [key, list.length] as const)
      .filter(([, length]) => length > 0),
  );
}

describe("diffSites", () => {
  test("finds nothing between equal sites, however they are written", () => {
    const after = siteOf(smallSiteWith("rows: 2 × row-a", "rows: [1 × row-a, 1 × row-a]"));
    expect(sizes(diffSites(before, after))).toEqual({});
  });

  test("finds what a phase adds, and the reverse", () => {
    const after = siteOf(smallSite, "all");
    const diff = diffSites(before, after);
    expect(sizes(diff)).toEqual({ domainsAdded: 7, nodesAdded: 8 });
    expect(diff.domainsAdded[0]?.id).toBe("small/substation-1/hall-2");
    expect(sizes(diffSites(after, before))).toEqual({ domainsRemoved: 7, nodesRemoved: 8 });
  });

  test("finds a changed limit at every domain it is true for", () => {
    const after = siteOf(smallSiteWith("limit: 60 kW", "limit: 55 kW"));
    const { domainsChanged } = diffSites(before, after);
    expect(domainsChanged.map(({ id, fields }) => [id.split("/").at(-1), fields])).toEqual([
      ["row-1", ["limitWatts", "usableWatts", "supplyWatts"]],
      ["row-2", ["limitWatts", "usableWatts", "supplyWatts"]],
    ]);
    expect(toNumber(itemAt(domainsChanged, 0).after.usableWatts)).toBe(44_000);
  });

  test("finds a redundancy that leaves the supplies alone", () => {
    const after = siteOf(smallSiteWith("redundancy: N+1", "redundancy: none"));
    expect(diffSites(before, after).domainsChanged.map(({ fields }) => fields)).toEqual([
      ["usableWatts", "redundancy"],
    ]);
  });

  test("finds a node's new class, and not its new position among the classes", () => {
    const withClass = smallSiteWith(
      "nodeClasses:\n",
      "nodeClasses:\n  a100-8: {gpuModel: A100, gpuCount: 8, idle: 1 kW, peak: 6 kW, partUse: peak, source: assumption}\n",
    );
    expect(sizes(diffSites(before, siteOf(withClass)))).toEqual({ nodeClassesAdded: 1 });
    const after = siteOf(withClass.replace("nodes: 2 × h100-8", "nodes: [1 × h100-8, 1 × a100-8]"));
    const { nodesChanged } = diffSites(before, after);
    expect(nodesChanged).toHaveLength(4);
    expect(nodesChanged[0]).toMatchObject({
      id: "small/substation-1/hall-1/row-1/rack-1/node-2",
      classBefore: "h100-8",
      classAfter: "a100-8",
    });
  });

  test("finds new caps of a class and a new ramp, which are new revisions", () => {
    const capped = siteOf(
      smallSiteWith("partUse: share", "partUse: share\n    gpuCap: 200 W..700 W"),
    );
    const ramped = siteOf(smallSiteWith("limit: 1 MW", "limit: 1 MW\n  ramp: 6 kW/min over 60 s"));
    expect(diffSites(before, capped).nodeClassesChanged[0]?.fields).toEqual(["gpuCap"]);
    expect(diffSites(before, ramped).domainsChanged.map(({ id, fields }) => [id, fields])).toEqual([
      ["small", ["ramp"]],
    ]);
    expect(new Set([before, capped, ramped].map(({ revision }) => revision)).size).toBe(3);
  });

  test("finds changed figures of a class, once", () => {
    const after = siteOf(smallSiteWith("peak: 10.2 kW", "peak: 9 kW"));
    expect(sizes(diffSites(before, after))).toEqual({ nodeClassesChanged: 1 });
    expect(diffSites(before, after).nodeClassesChanged[0]?.fields).toEqual(["peakWatts"]);
  });
});

import { readFileSync } from "node:fs";
import { toNumber } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { parseSite, type PhaseChoice } from "./parse-site.ts";
import type { Site } from "./site.ts";
import { itemAt, scaledLoads } from "./test-sites.ts";

const root = new URL("../../../", import.meta.url);

function loadSite(file: string, phases: PhaseChoice): Site {
  const result = parseSite({ file, text: readFileSync(new URL(file, root), "utf8"), phases });
  if (result.kind === "errors") {
    throw new Error(result.errors.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  }
  return result.site;
}

function gpuCountOf(site: Site): number {
  const counts = site.nodes.map((node) => site.nodeClasses[node.classIndex]?.gpuCount ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

function peakLoadsWatts(site: Site): readonly number[] {
  const loads = scaledLoads(site, "peakWatts");
  return loads.map((load, index) => load / itemAt(site.domains, index).loadScale);
}

function peakWattsOf(site: Site): number {
  return itemAt(peakLoadsWatts(site), 0);
}

function feedWattsOf(site: Site): number {
  return toNumber(itemAt(site.domains, 0).usableWatts);
}

describe("pavlodar-hub", () => {
  test("at full build is what 300 MW carry", () => {
    const hub = loadSite("infra/sites/pavlodar-hub.yaml", "all");
    expect(feedWattsOf(hub)).toBe(300_000_000);
    expect(hub.nodes).toHaveLength(20_160);
    expect(gpuCountOf(hub)).toBe(161_280);
    expect(peakWattsOf(hub)).toBeLessThanOrEqual(300_000_000);
    expect(peakWattsOf(hub)).toBeGreaterThan(299_000_000);
  });

  test("is light in its first phase, and grows with every phase", () => {
    const counts = [1, 2, 3, 4, 5, 6, 7].map(
      (phases) => loadSite("infra/sites/pavlodar-hub.yaml", phases).nodes.length,
    );
    expect(counts).toEqual([960, 3_360, 6_720, 10_080, 13_440, 16_800, 20_160]);
    expect(loadSite("infra/sites/pavlodar-hub.yaml", "built").nodes).toHaveLength(960);
  });

  test("expands in under two seconds", () => {
    const startMs = performance.now();
    loadSite("infra/sites/pavlodar-hub.yaml", "all");
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  test("over-built for the benchmark needs more than its feed carries", () => {
    const hub = loadSite("tests/benchmarks/sites/pavlodar-hub-overbuilt.yaml", "built");
    expect(hub.nodes).toHaveLength(23_500);
    expect(gpuCountOf(hub)).toBe(188_000);
    expect(peakWattsOf(hub)).toBeGreaterThan(300_000_000);
  });
});

test("ai-data-center fills 50 MW with three node classes", () => {
  const site = loadSite("infra/sites/ai-data-center.yaml", "all");
  expect(feedWattsOf(site)).toBe(50_000_000);
  expect(new Set(site.nodes.map((node) => node.classIndex)).size).toBe(3);
  expect(peakWattsOf(site)).toBeGreaterThan(50_000_000);
  expect(loadSite("infra/sites/ai-data-center.yaml", "built").nodes).toHaveLength(672);
});

test("national-supercomputer is a tenth of the AI data center", () => {
  const site = loadSite("infra/sites/national-supercomputer.yaml", "built");
  expect(feedWattsOf(site)).toBe(5_000_000);
  expect(peakWattsOf(site)).toBeGreaterThan(5_000_000);
});

test.each([
  "infra/sites/pavlodar-hub.yaml",
  "infra/sites/ai-data-center.yaml",
  "infra/sites/national-supercomputer.yaml",
])("%s binds by watts inside, too: no row carries all of its nodes at their peaks", (file) => {
  const site = loadSite(file, "all");
  const loads = peakLoadsWatts(site);
  const rows = site.domains.filter((domain) => domain.kind === "row");
  expect(rows.length).toBeGreaterThan(0);
  for (const { index, usableWatts } of rows) {
    expect(loads[index]).toBeGreaterThan(toNumber(usableWatts));
  }
});

test("the example of the README is a site file", () => {
  const readme = readFileSync(new URL("packages/site-model/README.md", root), "utf8");
  const text = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(parseSite({ file: "README.md", text })).toMatchObject({ kind: "site" });
});

test("every site says which caps its GPUs take, and how fast its feed may change", () => {
  for (const name of ["pavlodar-hub", "ai-data-center", "national-supercomputer"]) {
    const site = loadSite(`infra/sites/${name}.yaml`, "all");
    expect(site.nodeClasses.filter(({ gpuCap }) => gpuCap === undefined)).toEqual([]);
    expect(itemAt(site.domains, 0).ramp?.windowMs).toBe(60_000);
  }
});

import { toNumber } from "@ertis/quantities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diffSites } from "./diff-sites.ts";
import { parseSite } from "./parse-site.ts";
import type { Site } from "./site.ts";
import { itemAt, scaledLoads, siteOf } from "./test-sites.ts";

interface RandomHall {
  readonly supplyKilowatts: readonly number[];
  readonly deratingPercent: number;
  readonly fixedWatts: number;
  readonly factorHundredths: number;
  readonly rows: readonly {
    readonly primary: number;
    readonly step: number;
    readonly nodeCount: number;
    readonly isLater: boolean;
  }[];
}

const halls: fc.Arbitrary<RandomHall> = fc.record({
  supplyKilowatts: fc.array(fc.integer({ min: 20, max: 90 }), { minLength: 2, maxLength: 5 }),
  deratingPercent: fc.integer({ min: 60, max: 100 }),
  fixedWatts: fc.integer({ min: 0, max: 3_000 }),
  factorHundredths: fc.integer({ min: 100, max: 150 }),
  rows: fc.array(
    fc.record({
      primary: fc.nat({ max: 100 }),
      step: fc.nat({ max: 100 }),
      nodeCount: fc.integer({ min: 1, max: 3 }),
      isLater: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  ),
});

const idleWatts = 2_500;

function fedBy(hall: RandomHall, row: RandomHall["rows"][number]): readonly [number, number] {
  const count = hall.supplyKilowatts.length;
  const primary = row.primary % count;
  return [primary, (primary + 1 + (row.step % (count - 1))) % count];
}

function textOf(hall: RandomHall): string {
  const supplies = hall.supplyKilowatts.map((kilowatts, index) => `ups-${index}: ${kilowatts} kW`);
  const rows = hall.rows.map((row, index) => {
    const [primary, reserve] = fedBy(hall, row);
    return `        - {name: row-${index}, phase: ${row.isLater ? "late" : "early"}, limit: 1 MW, primary: ups-${primary}, reserve: ups-${reserve}, source: assumption, racks: [{name: rack-1, limit: 1 MW, nodes: ${row.nodeCount} × n, source: assumption}]}`;
  });
  return `site: random
title: Random
nodeClasses:
  n: {gpuModel: X, gpuCount: 8, idle: ${idleWatts} W, peak: 10 kW, partUse: share, source: assumption}
phases:
  - {name: early, built: true}
  - {name: late, built: false}
feed:
  limit: 10 MW
  source: assumption
  halls:
    - name: hall-1
      supplies: {${supplies.join(", ")}}
      redundancy: distributed
      derating: ${(hall.deratingPercent / 100).toFixed(2)}
      loadFactor: ${(hall.factorHundredths / 100).toFixed(2)}
      fixed: ${hall.fixedWatts} W
      source: assumption
      rows:
${rows.join("\n")}
`;
}

/** What a supply carries when another has failed, row by row, in hundredths of a watt. */
function carriedHundredths(hall: RandomHall, supply: number, failed: number): number {
  let watts = 0;
  for (const row of hall.rows) {
    const [primary, reserve] = fedBy(hall, row);
    if (primary === supply || (primary === failed && reserve === supply)) {
      watts += row.nodeCount * idleWatts;
    }
  }
  return watts * hall.factorHundredths + (watts > 0 ? hall.fixedWatts * 100 : 0);
}

function survivesIdle(hall: RandomHall): boolean {
  return hall.supplyKilowatts.every((_, failed) =>
    hall.supplyKilowatts.every((kilowatts, supply) => {
      const usable = Math.floor((kilowatts * 1_000 * hall.deratingPercent) / 100);
      const isOver = carriedHundredths(hall, supply, failed) > usable * 100;
      return supply === failed || !isOver;
    }),
  );
}

test("a hall is taken exactly when every supply carries its idle draw after every single failure", () => {
  const counts = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(halls, (hall) => {
      const result = parseSite({ file: "random.yaml", text: textOf(hall) });
      const messages = result.kind === "errors" ? result.errors.map(({ message }) => message) : [];
      const isSupplyRefused = messages.some((message) => message.includes("of supply"));
      // The hall as a whole may also be too small: fixed load counts at every supply, and once there.
      const isRefused = messages.some((message) => message.includes("of this hall (limit"));
      expect(isSupplyRefused).toBe(!survivesIdle(hall));
      expect(messages.length > 0).toBe(isSupplyRefused || isRefused);
      counts[messages.length > 0 ? "refused" : "taken"] += 1;
    }),
    { seed: 5, numRuns: 400 },
  );
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(50);
});

test("the sums of a taken hall are what each supply carries after each failure", () => {
  fc.assert(
    fc.property(halls, fc.constantFrom("built" as const, "all" as const), (hall, phases) => {
      const result = parseSite({ file: "random.yaml", text: textOf(hall), phases });
      fc.pre(result.kind === "site");
      const standing =
        phases === "all" ? hall : { ...hall, rows: hall.rows.filter((row) => !row.isLater) };
      const worst = new Map<string, number>();
      for (const { supply, loadHundredths } of sumsOf(result.site)) {
        worst.set(supply, Math.max(worst.get(supply) ?? 0, loadHundredths));
      }
      const expected = hall.supplyKilowatts.map((_, supply) =>
        Math.max(
          0,
          ...hall.supplyKilowatts.map((__, failed) =>
            supply === failed ? 0 : carriedHundredths(standing, supply, failed),
          ),
        ),
      );
      expect(hall.supplyKilowatts.map((_, supply) => worst.get(`ups-${supply}`) ?? 0)).toEqual(
        expected,
      );
    }),
    { seed: 6, numRuns: 300 },
  );
});

/** Idle loads of the transfer sums, by the words of their doc comment. */
function sumsOf(
  site: Site,
): readonly { readonly supply: string; readonly loadHundredths: number }[] {
  const loads = scaledLoads(site, "idleWatts");
  return site.transferSums.map(({ supply, domainIndex, children }) => {
    const domain = itemAt(site.domains, domainIndex);
    let scaled = toNumber(domain.fixedWatts) * domain.loadScale;
    for (const child of children) {
      scaled += itemAt(loads, child) * itemAt(site.domains, child).parentMultiplier;
    }
    return { supply, loadHundredths: (scaled / domain.loadScale) * 100 };
  });
}

const fourOfThree = `site: small
title: A hall on four UPS modules of which any may fail
nodeClasses:
  n: {gpuModel: X, gpuCount: 8, idle: 1 kW, peak: 10 kW, partUse: share, source: assumption}
feed:
  limit: 1 MW
  source: assumption
  halls:
    - name: hall-1
      supplies: {ups-a: 40 kW, ups-b: 40 kW, ups-c: 50 kW, ups-d: 40 kW}
      redundancy: distributed
      derating: 0.9
      source: assumption
      rows:
        - {names: row-1..row-2, template: row, primary: ups-a, reserve: ups-b}
        - {name: row-3, template: row, primary: ups-b, reserve: ups-c}
        - {name: row-4, template: row, primary: ups-c, reserve: ups-a}
templates:
  row: {kind: row, limit: 30 kW, source: assumption, racks: 1 × rack}
  rack: {kind: rack, limit: 30 kW, source: assumption, nodes: 2 × n}
`;

test("supplies, who hangs on them, and what moves where", () => {
  const site = siteOf(fourOfThree);
  const hall = itemAt(site.domains, 1);
  expect(hall.supplyNames).toEqual(["ups-a", "ups-b", "ups-c", "ups-d"]);
  expect(hall.usableWatts).toBe(108_000);
  expect(site.domains.map((domain) => domain.fedBy?.reserve)).toEqual([
    undefined,
    undefined,
    "ups-b",
    undefined,
    "ups-b",
    undefined,
    "ups-c",
    undefined,
    "ups-a",
    undefined,
  ]);
  expect(site.transferSums).toEqual([
    { domainIndex: 1, supply: "ups-a", failed: "ups-c", children: [2, 4, 8], usableWatts: 36_000 },
    { domainIndex: 1, supply: "ups-b", failed: "ups-a", children: [2, 4, 6], usableWatts: 36_000 },
    { domainIndex: 1, supply: "ups-c", failed: "ups-b", children: [6, 8], usableWatts: 45_000 },
  ]);
});

test("another reserve is another site, and a difference of one domain", () => {
  const before = siteOf(fourOfThree);
  const after = siteOf(
    fourOfThree.replace("primary: ups-b, reserve: ups-c", "primary: ups-b, reserve: ups-d"),
  );
  expect(after.revision).not.toBe(before.revision);
  expect(diffSites(before, after).domainsChanged.map(({ id, fields }) => [id, fields])).toEqual([
    ["small/hall-1/row-3", ["fedBy"]],
  ]);
  expect(after.transferSums.map(({ supply, failed }) => [supply, failed])).toEqual([
    ["ups-a", "ups-c"],
    ["ups-b", "ups-a"],
    ["ups-c", undefined],
    ["ups-d", "ups-b"],
  ]);
});

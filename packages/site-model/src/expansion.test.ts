import * as fc from "fast-check";
import { expect, test } from "vitest";
import { domainKinds } from "./declaration.ts";
import { parseSite } from "./parse-site.ts";
import { scaledLoads } from "./test-sites.ts";

/** A random site as a tree of its own, beside which the text is written and the site is parsed. */
interface Block {
  readonly level: number;
  readonly supplyKilowatts: readonly number[];
  readonly redundancy: "none" | "N+1" | "2N";
  readonly deratingPercent: number;
  readonly factorHundredths: number;
  readonly fixedWatts: number;
  readonly networkWatts: number;
  readonly groups: readonly { readonly count: number; readonly block: Block }[];
  readonly nodes: readonly { readonly count: number; readonly classIndex: 0 | 1 }[];
}

const classes = [
  { name: "big", gpuCount: 8, idleWatts: 2_500, peakWatts: 10_200 },
  { name: "tray", gpuCount: 4, idleWatts: 1_000, peakWatts: 6_670 },
] as const;

const pluralKeys: readonly string[] = ["feeds", "substations", "halls", "rows", "racks"];
const rackLevel = 4;

function blockAt(level: number): fc.Arbitrary<Block> {
  const children =
    level === rackLevel
      ? fc.constant([])
      : fc.integer({ min: level + 1, max: rackLevel }).chain((next) =>
          fc.array(fc.record({ count: fc.integer({ min: 1, max: 3 }), block: blockAt(next) }), {
            minLength: 1,
            maxLength: 2,
          }),
        );
  const nodes = fc.record({
    count: fc.integer({ min: 1, max: 12 }),
    classIndex: fc.constantFrom(0 as const, 1 as const),
  });
  return fc.record({
    level: fc.constant(level),
    // An even number of large supplies: every redundancy is possible and idle nodes always fit.
    supplyKilowatts: fc
      .array(fc.integer({ min: 500_000, max: 900_000 }), { minLength: 1, maxLength: 2 })
      .map((half) => [...half, ...half.map((supply) => supply + 1)]),
    redundancy: fc.constantFrom("none", "N+1", "2N"),
    deratingPercent: fc.integer({ min: 10, max: 100 }),
    factorHundredths: fc.oneof(fc.constant(100), fc.integer({ min: 100, max: 160 })),
    fixedWatts: fc.integer({ min: 0, max: 5_000 }),
    networkWatts: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000 })),
    groups: children,
    nodes: level === rackLevel ? fc.array(nodes, { minLength: 1, maxLength: 2 }) : fc.constant([]),
  });
}

function decimalOf(hundredths: number): string {
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
}

/** Writes the block's own lines, and puts its children into `templates`. */
function linesOf(block: Block, templates: string[]): string[] {
  const lines = [
    `supplies: [${block.supplyKilowatts.map((supply) => `${supply} kW`).join(", ")}]`,
    `redundancy: ${block.redundancy}`,
    `derating: ${decimalOf(block.deratingPercent)}`,
    `loadFactor: ${decimalOf(block.factorHundredths)}`,
    `fixed: ${block.fixedWatts} W`,
    `networkPerNode: ${block.networkWatts} W`,
    "source: assumption",
  ];
  const byLevel = new Map<number, string[]>();
  for (const { count, block: child } of block.groups) {
    const inside = linesOf(child, templates);
    const name = `t-${templates.length}`;
    const kind = `kind: ${domainKinds[child.level]}`;
    templates.push([`  ${name}:`, ...[kind, ...inside].map((line) => `    ${line}`)].join("\n"));
    byLevel.set(child.level, [...(byLevel.get(child.level) ?? []), `${count} × ${name}`]);
  }
  for (const [level, groups] of byLevel) {
    lines.push(`${pluralKeys[level]}: [${groups.join(", ")}]`);
  }
  if (block.nodes.length > 0) {
    const groups = block.nodes.map((group) => `${group.count} × ${classes[group.classIndex].name}`);
    lines.push(`nodes: [${groups.join(", ")}]`);
  }
  return lines;
}

function textOf(feed: Block): string {
  const templates: string[] = [];
  const feedLines = linesOf(feed, templates).map((line) => `  ${line}`);
  const classLines = classes.map(
    ({ name, gpuCount, idleWatts, peakWatts }) =>
      `  ${name}: {gpuModel: X, gpuCount: ${gpuCount}, idle: ${idleWatts} W, peak: ${peakWatts} W, partUse: peak, source: assumption}`,
  );
  return [
    "site: random\ntitle: Random\nnodeClasses:",
    ...classLines,
    "templates:",
    ...templates,
    "feed:",
    ...feedLines,
  ].join("\n");
}

interface Naive {
  readonly nodeCount: bigint;
  readonly gpuCount: bigint;
  /** Numerator of the load over 100^depth. */
  readonly load: readonly [numerator: bigint, denominator: bigint];
}

/** Counts and load straight from the random tree, by the definition. */
function naive(block: Block, figure: "idleWatts" | "peakWatts"): Naive {
  let nodeCount = 0n;
  let gpuCount = 0n;
  let [numerator, denominator] = [0n, 1n];
  for (const { count, classIndex } of block.nodes) {
    nodeCount += BigInt(count);
    gpuCount += BigInt(count * classes[classIndex].gpuCount);
    numerator += BigInt(count * classes[classIndex][figure]);
  }
  for (const { count, block: child } of block.groups) {
    const inside = naive(child, figure);
    nodeCount += BigInt(count) * inside.nodeCount;
    gpuCount += BigInt(count) * inside.gpuCount;
    const [childNumerator, childDenominator] = inside.load;
    numerator = numerator * childDenominator + BigInt(count) * childNumerator * denominator;
    denominator *= childDenominator;
  }
  const fixed = BigInt(block.fixedWatts) + BigInt(block.networkWatts) * nodeCount;
  numerator = numerator * BigInt(block.factorHundredths) + fixed * denominator * 100n;
  return { nodeCount, gpuCount, load: [numerator, denominator * 100n] };
}

test("expansion conserves nodes, GPUs and watts, and sums stay exact", () => {
  let parsed = 0;
  fc.assert(
    fc.property(blockAt(0), (feed) => {
      const result = parseSite({ file: "random.yaml", text: textOf(feed) });
      if (result.kind === "errors") {
        // The one refusal a random site can meet: factors that need too fine steps.
        for (const { message } of result.errors) {
          expect(message).toContain("exact range");
        }
        return;
      }
      parsed += 1;
      const { site } = result;
      for (const figure of ["idleWatts", "peakWatts"] as const) {
        const expected = naive(feed, figure);
        const loads = scaledLoads(site, figure);
        expect(loads.every(Number.isSafeInteger)).toBe(true);
        const [numerator, denominator] = expected.load;
        const scale = BigInt(site.domains[0]?.loadScale ?? 0);
        expect(BigInt(loads[0] ?? -1) * denominator).toBe(numerator * scale);
        expect(BigInt(site.nodes.length)).toBe(expected.nodeCount);
        const gpuCounts = site.nodes.map((node) => site.nodeClasses[node.classIndex]?.gpuCount);
        expect(BigInt(gpuCounts.reduce<number>((sum, gpus) => sum + (gpus ?? 0), 0))).toBe(
          expected.gpuCount,
        );
      }
    }),
    { seed: 5, numRuns: 150 },
  );
  expect(parsed).toBeGreaterThan(75);
});

test("ids are unique, parents come first, and subtrees are contiguous", () => {
  fc.assert(
    fc.property(blockAt(0), (feed) => {
      const result = parseSite({ file: "random.yaml", text: textOf(feed) });
      fc.pre(result.kind === "site");
      const { domains, nodes } = result.site;
      const ids = [...domains, ...nodes].map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { id, parentIndex, index } of domains) {
        expect(parentIndex).toBeLessThan(index);
        const parentId = domains[parentIndex]?.id;
        expect(parentId === undefined || id.startsWith(`${parentId}/`)).toBe(true);
      }
      const racks = nodes.map((node) => node.domainIndex);
      expect(racks).toEqual(racks.toSorted((a, b) => a - b));
    }),
    { seed: 6, numRuns: 60 },
  );
});

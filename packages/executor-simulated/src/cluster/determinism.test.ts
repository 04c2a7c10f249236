import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { change, startMs, testSite, wish, type WishParts } from "../test-site.ts";
import { countBits } from "./tenancy.ts";
import { createSimulatedCluster } from "./create-cluster.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";

const physics = {
  nodeFailure: { numerator: 1, denominator: 20 },
  startFailure: { numerator: 1, denominator: 10 },
  noiseSlotMs: 60_000,
  // Greedy and noisy programs, so that only the clipping at the bound keeps them under it.
  drawPermille: { min: 800, max: 1_000 },
  noisePermille: 300,
};

/** A wish at a moment after the start. */
interface Step {
  readonly atMs: number;
  readonly parts: WishParts;
}

/** Jobs on free and busy nodes alike, some stopped later: double use is refused, always the same way. */
const stepsArbitrary: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 7_200_000 }),
      parts: fc.record({
        job: fc.integer({ min: 1, max: 8 }),
        nodes: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
        bits: fc.integer({ min: 1, max: 15 }),
        want: fc.constantFrom("run", "run", "stop", "warn"),
      }),
    }),
    { maxLength: 12 },
  )
  .map((steps) =>
    steps
      .map(({ atMs, parts: { bits, nodes, ...parts } }) => ({
        atMs,
        parts: {
          ...parts,
          nodes: nodes.toSorted((a, b) => a - b),
          gpuMasks: nodes.map(() => bits),
        } satisfies WishParts,
      }))
      .toSorted((a, b) => a.atMs - b.atMs || a.parts.job - b.parts.job),
  );

const endMs = startMs + 20 * 3_600_000;

/** Plays the steps, looking at the cluster at `lookMs` as well: looking must change nothing. */
function play(seed: number, steps: readonly Step[], lookMs: readonly number[]): SimulatedCluster {
  const cluster = createSimulatedCluster({ site: testSite, seed, startMs, physics });
  const looks = lookMs.map((atMs) => ({ atMs, parts: undefined }));
  const moments = [...steps, ...looks].toSorted((a, b) => a.atMs - b.atMs);
  let generation = 0;
  for (const { atMs, parts } of moments) {
    if (parts === undefined) {
      cluster.advance(startMs + atMs);
      cluster.siteMillijoules();
      cluster.nextEventAt();
    } else {
      generation += 1;
      cluster.realize(change(generation, [wish(parts)]), startMs + atMs);
    }
  }
  cluster.advance(endMs);
  return cluster;
}

describe("the same seed and wishes", () => {
  test("give the same reports and the same energy, however time is cut into steps", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        stepsArbitrary,
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 30 }),
        (seed, steps, lookMs) => {
          const once = play(seed, steps, []);
          const often = play(seed, steps, lookMs);
          expect(often.observations(0, 10_000)).toEqual(once.observations(0, 10_000));
          expect(often.siteMillijoules()).toBe(once.siteMillijoules());
          expect(often.inventory()).toEqual(once.inventory());
        },
      ),
      { numRuns: 200, seed: 20_261 },
    );
  });

  test("do not depend on the order in which the wishes of one change are written", () => {
    const wishes = [1, 2, 3, 4].map((job) => wish({ job, nodes: [job - 1] }));
    const play2 = (attempts: typeof wishes): SimulatedCluster => {
      const cluster = createSimulatedCluster({ site: testSite, seed: 3, startMs, physics });
      cluster.realize(change(1, attempts), startMs);
      cluster.advance(endMs);
      return cluster;
    };
    expect(play2(wishes.toReversed()).observations(0, 1_000)).toEqual(
      play2(wishes).observations(0, 1_000),
    );
  });

  test("another seed gives another history", () => {
    const steps = [{ atMs: 0, parts: { job: 1 } }];
    const one = play(1, steps, []).observations(0, 1_000);
    expect(play(2, steps, []).observations(0, 1_000)).not.toEqual(one);
  });
});

describe("draw and energy", () => {
  test("no node ever draws more than its bound, whatever runs and fails", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), stepsArbitrary, (seed, steps) => {
        const cluster = createSimulatedCluster({ site: testSite, seed, startMs, physics });
        let generation = 0;
        const check = (): void => {
          for (let node = 0; node < testSite.nodes.length; node += 1) {
            expect(cluster.drawWatts(node)).toBeLessThanOrEqual(cluster.boundWatts(node));
          }
        };
        for (const { atMs, parts } of steps) {
          generation += 1;
          cluster.realize(change(generation, [wish(parts)]), startMs + atMs);
          check();
          cluster.advance(startMs + atMs + 100_000);
          check();
        }
      }),
      { numRuns: 200, seed: 20_262 },
    );
  });

  test("an idle site uses exactly its idle watts", () => {
    const cluster = createSimulatedCluster({ site: testSite, seed: 1, startMs });
    cluster.advance(startMs + 12_345);
    expect(cluster.siteDrawWatts()).toBe(4 * 2_301 + 2 * 801);
    expect(cluster.siteMillijoules()).toBe(BigInt(4 * 2_301 + 2 * 801) * 12_345n);
  });

  test("the energy of whole-node attempts and of idle nodes adds up to the site's", () => {
    const cluster = createSimulatedCluster({
      site: testSite,
      seed: 5,
      startMs,
      physics: { startDelayMs: { min: 1_000, max: 1_000 } },
    });
    const attempts = [0, 1, 2, 3, 4, 5].map((node) =>
      wish({ job: node + 1, nodes: [node], environment: { ERTIS_SIM_RUNTIME_MS: "1999000" } }),
    );
    cluster.realize(change(1, attempts), startMs);
    cluster.advance(startMs + 2_000_000);
    let total = 0n;
    for (const { attempt } of attempts) {
      total += cluster.energyOf(attempt) ?? 0n;
    }
    expect(total).toBe(cluster.siteMillijoules());
    const exits = cluster
      .observations(0, 1_000)
      .flatMap(({ observation }) =>
        observation.kind === "attempt-exited" ? [BigInt(observation.energyJoules ?? 0)] : [],
      );
    expect(exits).toHaveLength(6);
    for (const [position, joules] of exits.entries()) {
      expect(joules).toBe(
        (cluster.energyOf({ job: position + 1, task: 0, attempt: 1 }) ?? 0n) / 1000n,
      );
    }
  });

  test("energy is what a meter read every second adds up to, also with neighbours on a node", () => {
    const second = { min: 1_000, max: 1_000 };
    const cluster = createSimulatedCluster({
      site: testSite,
      seed: 5,
      startMs,
      physics: { startDelayMs: second, stopConfirmMs: second, termExitMs: second },
    });
    const run = (job: number, node: number, mask: number, runtimeMs: number) =>
      wish({
        job,
        nodes: [node],
        gpuMasks: [mask],
        environment: { ERTIS_SIM_RUNTIME_MS: String(runtimeMs) },
      });
    const steps = new Map([
      [0, [run(1, 0, 0b1, 900_000), run(2, 4, 0b1, 700_000)]],
      [100, [run(3, 0, 0b1110, 400_000), run(4, 4, 0b110, 100_000)]],
      [333, [run(5, 4, 0b1000, 500_000), wish({ job: 1, want: "stop" })]],
    ]);
    let metered = 0n;
    for (let at = 0; at < 1_200; at += 1) {
      cluster.advance(startMs + at * 1_000);
      cluster.realize(change(at, steps.get(at) ?? []), startMs + at * 1_000);
      metered += BigInt(cluster.siteDrawWatts()) * 1_000n;
      cluster.advance(startMs + at * 1_000 + 999);
      if (at % 100 === 0) {
        expect(cluster.siteMillijoules()).toBe(metered - BigInt(cluster.siteDrawWatts()));
      }
    }
    cluster.advance(startMs + 1_200_000);
    expect(cluster.siteMillijoules()).toBe(metered);
    expect(cluster.startCount).toBe(5);
    expect(cluster.violationCount).toBe(0);
  });

  test("a busy node draws more than idle, and its draw moves slowly with time", () => {
    const cluster = createSimulatedCluster({ site: testSite, seed: 5, startMs });
    cluster.realize(
      change(1, [wish({ job: 1, environment: { ERTIS_SIM_RUNTIME_MS: "36000000" } })]),
      startMs,
    );
    const seen = new Set<number>();
    for (let hour = 1; hour <= 9; hour += 1) {
      cluster.advance(startMs + hour * 3_600_000);
      expect(cluster.drawWatts(0)).toBeGreaterThan(2_301);
      seen.add(cluster.drawWatts(0));
    }
    expect(seen.size).toBeGreaterThan(3);
  });

  test("counts bits of a GPU mask", () => {
    expect([0, 1, 0b1011, 0xffff].map(countBits)).toEqual([0, 1, 3, 16]);
  });
});

import type { TraceJob } from "@ertis/simulator";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultRules, gangOf, requestIdOf, submitEntryOf, walltimeOf } from "./rules.ts";

const rules = { ...defaultRules, seed: 7 };

function traceJob(change: Partial<TraceJob> = {}): TraceJob {
  return {
    line: 2,
    submittedAtMs: 1_504_521_041_000,
    durationMs: 66_000,
    gpuCount: 1,
    owner: "11cb48",
    said: {},
    ...change,
  };
}

describe("gangOf", () => {
  it.each([
    [1, 1, 1],
    [8, 1, 8],
    [12, 2, 6],
    [16, 2, 8],
    [24, 3, 8],
    [128, 16, 8],
    // Rounded up: 13 GPUs do not divide over two nodes.
    [13, 2, 7],
  ])("%i GPUs are %i nodes of %i", (gpuCount, nodeCount, gpusPerNode) => {
    expect(gangOf(gpuCount)).toEqual({ nodeCount, gpusPerNode });
  });

  it("never gives fewer GPUs than asked for, and less than one more a node", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (gpuCount) => {
        const { nodeCount, gpusPerNode } = gangOf(gpuCount);
        expect(gpusPerNode).toBeLessThanOrEqual(8);
        expect(nodeCount * gpusPerNode).toBeGreaterThanOrEqual(gpuCount);
        expect(nodeCount * gpusPerNode - gpuCount).toBeLessThan(nodeCount);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("walltimeOf", () => {
  it("is asked for in whole minutes, covers start and duration, and keeps to the limit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 54 * 86_400_000 }),
        fc.integer({ min: 1_000, max: 5_000 }),
        (durationMs, permille) => {
          const walltimeMs = walltimeOf(durationMs, permille, rules);
          expect(walltimeMs % 60_000).toBe(0);
          expect(walltimeMs).toBeGreaterThanOrEqual(durationMs + rules.startAllowanceMs);
          expect(walltimeMs).toBeLessThanOrEqual(rules.walltimeMsMax);
          expect(walltimeMs).toBeLessThanOrEqual((durationMs + 60_000) * 5 + 60_000);
        },
      ),
      { seed: 2, numRuns: 500 },
    );
  });
});

describe("submitEntryOf", () => {
  it("asks for the same job whenever seed and position are the same", () => {
    expect(submitEntryOf(traceJob(), 5, rules)).toEqual(submitEntryOf(traceJob(), 5, rules));
    const walltimes = new Set(
      Array.from({ length: 50 }, (_, seed) => {
        return submitEntryOf(traceJob(), 5, { ...rules, seed }).spec.walltimeMs;
      }),
    );
    expect(walltimes.size).toBeGreaterThan(2);
  });

  it("tells the simulated cluster how long to run and how to end; a tenth of the jobs fails", () => {
    const outcomes = Array.from({ length: 2_000 }, (_, index) => {
      const { spec } = submitEntryOf(traceJob({ durationMs: 0 }), index, rules);
      expect(spec.env?.get("ERTIS_SIM_RUNTIME_MS")).toBe("1000");
      return spec.env?.get("ERTIS_SIM_OUTCOME");
    });
    const failed = outcomes.filter((one) => one === "failed:1").length;
    expect(outcomes.filter((one) => one === "succeeded").length).toBe(2_000 - failed);
    // Four standard deviations of a binomial with 2,000 draws at 10 %.
    expect(Math.abs(failed - 200)).toBeLessThan(54);
  });

  it("gives every job a request id of its own that is a UUID", () => {
    const ids = [0, 1, 82_246].flatMap((index) => [1, 2, 2 ** 32 - 1].map((seed) => [seed, index]));
    const texts = ids.map(([seed = 0, index = 0]) => requestIdOf(seed, index));
    expect(new Set(texts).size).toBe(9);
    for (const text of texts) {
      expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});

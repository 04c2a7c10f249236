import fc from "fast-check";
import { milliseconds } from "@ertis/quantities";
import { expect, it } from "vitest";
import { Hub, hourMs, smallHub } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";
import { earliestStart, startsBefore } from "./earliest.ts";

const anyGang = fc.record({
  nodeCount: fc.integer({ min: 1, max: 8 }),
  gpusPerNode: fc.constantFrom(1, 4, 8),
  quarters: fc.integer({ min: 1, max: 30 }),
});

it("says of any moment whether the earliest start lies before it", () => {
  const answers = new Set<boolean>();
  fc.assert(
    fc.property(
      fc.array(anyGang, { maxLength: 12 }),
      anyGang,
      fc.integer({ min: 28, max: 60 }),
      fc.array(fc.nat(40 * 900_000), { minLength: 20, maxLength: 20 }),
      (running, asked, hallLimitKw, moments) => {
        const hub = new Hub(smallHub(hallLimitKw));
        for (const { nodeCount, gpusPerNode, quarters } of running) {
          const walltime = milliseconds((quarters * hourMs) / 4);
          hub.run({ nodeCount: Math.min(2, nodeCount), gpusPerNode, walltime });
        }
        const pool = known(hub.state.sites.get("hub")?.pools[0], "pool");
        const { nodeCount, gpusPerNode, quarters } = asked;
        const walltimeMs = (quarters * hourMs) / 4;
        const gang = { nodeCount, gpusPerNode, walltimeMs, capWatts: 0, floorCapWatts: 0 };
        const size = { ...gang, mayUseKept: true };
        const startAtMs = earliestStart(pool, size, hub.nowMs)?.startAtMs ?? Infinity;
        const around = startAtMs === Infinity ? [] : [startAtMs - 1, startAtMs, startAtMs + 1];
        for (const atMs of [...moments.map((one) => hub.nowMs + one), ...around]) {
          const isBefore = startsBefore(pool, size, hub.nowMs, atMs);
          expect(isBefore).toBe(startAtMs < atMs);
          answers.add(isBefore);
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(answers.size).toBe(2);
});

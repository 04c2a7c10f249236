import { watts } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { boundWattsByGpusHeld, gpuCountOf, lowestFreeMask } from "./bounds.ts";

function nodeClass(changes: Partial<NodeClass>): NodeClass {
  return {
    name: "one",
    gpuModel: "alpha",
    gpuCount: 4,
    idleWatts: watts(100),
    peakWatts: watts(301),
    partUse: "share",
    ...changes,
  };
}

test("a part-used node is bounded by its share, rounded up, or by its peak", () => {
  expect([...boundWattsByGpusHeld(nodeClass({}))]).toEqual([100, 151, 201, 251, 301]);
  expect([...boundWattsByGpusHeld(nodeClass({ partUse: "peak" }))]).toEqual([
    100, 301, 301, 301, 301,
  ]);
});

test("bounds begin at idle, end at peak, and never fall as more GPUs are held", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.nat({ max: 20_000 }),
      fc.nat({ max: 20_000 }),
      fc.constantFrom("share" as const, "peak" as const),
      (gpuCount, idle, above, partUse) => {
        const table = boundWattsByGpusHeld(
          nodeClass({ gpuCount, idleWatts: watts(idle), peakWatts: watts(idle + above), partUse }),
        );
        expect([table[0], table[gpuCount]]).toEqual([idle, idle + above]);
        expect([...table]).toEqual([...table].toSorted((a, b) => a - b));
      },
    ),
    { seed: 4, numRuns: 200 },
  );
});

test("the lowest free GPUs are taken", () => {
  expect(lowestFreeMask(0b0101, 2)).toBe(0b1010);
  expect(lowestFreeMask(0, 16)).toBe(0xff_ff);
  expect(gpuCountOf(0b1011)).toBe(3);
});

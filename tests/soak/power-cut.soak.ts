import { describe, expect, test } from "vitest";

import { cutPower, missingForPowerCut } from "../conformance/power-cut.ts";

/** Rounds of each kind; `ERTIS_SOAK_ROUNDS` makes a long night of it. */
const roundCount = Number(process.env["ERTIS_SOAK_ROUNDS"] ?? "5");

/** Each round lasts longer than the one before, so that the cuts fall on different work. */
const promiseCounts = Array.from({ length: roundCount }, (_, index) => 3_700 * (index + 1));

const note = missingForPowerCut === undefined ? "" : ` (skipped: ${missingForPowerCut})`;

describe.skipIf(missingForPowerCut !== undefined)(`power cuts${note}`, () => {
  test.each(promiseCounts)("after %i promises: none is broken", async (count) => {
    const { promiseCount, lost, damage } = await cutPower("FULL", count);
    console.log(`FULL: ${String(promiseCount)} promises, ${String(lost.length)} broken`);
    expect(damage).toBeUndefined();
    expect(lost).toEqual([]);
  });

  describe.each(["NORMAL", "OFF"] as const)("of a log with synchronous=%s", (synchronous) => {
    test.each(promiseCounts)("after %i promises: it is caught", async (count) => {
      const { promiseCount, lost, damage } = await cutPower(synchronous, count);
      console.log(
        `${synchronous}: ${String(promiseCount)} promises, ${String(lost.length)} broken ${damage ?? ""}`,
      );
      expect(lost.length).toBeGreaterThan(0);
    });
  });
});

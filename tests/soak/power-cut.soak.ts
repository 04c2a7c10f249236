import { describe, expect, test } from "vitest";

import { cutPower, missingForPowerCut } from "../conformance/power-cut.ts";

/** Rounds of each kind; `ERTIS_SOAK_ROUNDS` makes a long night of it. */
const rounds = Number(process.env["ERTIS_SOAK_ROUNDS"] ?? "5");

const note = missingForPowerCut === undefined ? "" : ` (skipped: ${missingForPowerCut})`;

describe.skipIf(missingForPowerCut !== undefined)(`power cuts${note}`, () => {
  test.each(Array.from({ length: rounds }, (_, index) => (index + 1) * 4_000))(
    "after %i promises: none is broken",
    async (count) => {
      const { promiseCount, lost, damage } = await cutPower("keeps", count);
      console.log(`${String(promiseCount)} promises, ${String(lost.length)} broken`);
      expect(damage).toBeUndefined();
      expect(lost).toEqual([]);
    },
  );

  test.each(Array.from({ length: rounds }, (_, index) => (index + 1) * 4_000))(
    "after %i promises of a log that forgets: it is caught",
    async (count) => {
      const { promiseCount, lost, damage } = await cutPower("forgets", count);
      console.log(
        `${String(promiseCount)} promises, ${String(lost.length)} broken${damage === undefined ? "" : `; ${damage}`}`,
      );
      expect(lost.length).toBeGreaterThan(0);
    },
  );
});

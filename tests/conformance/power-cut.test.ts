import { describe, expect, test } from "vitest";

import { cutPower, missingForPowerCut } from "./power-cut.ts";

const note = missingForPowerCut === undefined ? "" : ` (skipped: ${missingForPowerCut})`;

describe.skipIf(missingForPowerCut !== undefined)(`a power cut${note}`, () => {
  test("loses nothing that was acknowledged", async () => {
    const { promiseCount, lost, damage } = await cutPower("FULL", 6_000);
    expect(damage).toBeUndefined();
    expect(lost).toEqual([]);
    expect(promiseCount).toBeGreaterThanOrEqual(6_000);
  });

  test.each(["NORMAL", "OFF"] as const)(
    "is noticed by this test when the log acknowledges too early (synchronous=%s)",
    async (synchronous) => {
      const { lost } = await cutPower(synchronous, 6_000);
      expect(lost.length).toBeGreaterThan(0);
    },
  );
});

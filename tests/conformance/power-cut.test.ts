import { describe, expect, test } from "vitest";

import { cutPower, missingForPowerCut } from "./power-cut.ts";

const note = missingForPowerCut === undefined ? "" : ` (skipped: ${missingForPowerCut})`;

describe.skipIf(missingForPowerCut !== undefined)(`a power cut${note}`, () => {
  test("loses nothing that was acknowledged", async () => {
    const { promiseCount, lost, damage } = await cutPower("keeps", 6_000);
    expect(damage).toBeUndefined();
    expect(lost).toEqual([]);
    expect(promiseCount).toBeGreaterThanOrEqual(6_000);
  });

  test("is noticed by this test when a log acknowledges before its rows are durable", async () => {
    const { lost } = await cutPower("forgets", 1_500);
    expect(lost.length).toBeGreaterThan(0);
  });
});

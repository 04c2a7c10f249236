import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { EventLog } from "./ports.ts";
import { Housekeeping } from "./retention.ts";

const nothing = (): Promise<never> => Promise.reject(new Error("not asked for here"));
const log: EventLog = {
  append: nothing,
  async *read() {},
  range: nothing,
  latestSnapshot: nothing,
  writeSnapshot: nothing,
  trim: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

test("the larger the state, the rarer its snapshots: each waits for as many characters as the last had", async () => {
  let madeCount = 0;
  let characters = 100;
  const housekeeping = new Housekeeping({
    log,
    retention: { rowsMax: 1_000, ageMax: milliseconds(1_000_000) },
    policy: {
      everyRows: 1_000_000,
      everyCharacters: 100,
      make: () => {
        madeCount += 1;
        return Promise.resolve({ sequence: madeCount, characters });
      },
    },
    reporter: { info: () => {}, warn: () => {} },
  });
  let sequence = 0;
  const commit = async (count: number): Promise<number> => {
    sequence += 1;
    housekeeping.committed(sequence, instant(sequence), 1, count);
    await housekeeping.idle();
    return madeCount;
  };
  expect(await commit(99)).toBe(0);
  characters = 300;
  expect(await commit(1)).toBe(1);
  expect(await commit(299)).toBe(1);
  characters = 0;
  expect(await commit(1)).toBe(2);
  // Nothing was written that time: the last one still counts.
  expect(await commit(299)).toBe(2);
  characters = 50;
  expect(await commit(1)).toBe(3);
  expect(await commit(100)).toBe(4);
});

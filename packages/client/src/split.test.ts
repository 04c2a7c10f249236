import fc from "fast-check";
import { SubmitItem, SubmitJobsRequest } from "@ertis/api";
import { expect, test } from "vitest";
import { toWaitMs } from "./back-off.ts";
import { countThatFit, framedBytes } from "./split.ts";

test("a framed item takes what it takes inside a request", () => {
  for (const length of [0, 1, 50, 90, 126, 127, 128, 200, 16_000, 16_384, 70_000]) {
    const item = SubmitItem.fromPartial({ requestId: "x".repeat(length) });
    const itemBytes = SubmitItem.encode(item).finish().length;
    const requestBytes = SubmitJobsRequest.encode({ items: [item] }).finish().length;
    expect([length, framedBytes(itemBytes)]).toEqual([length, requestBytes]);
  }
});

test("batches hold every item once, in order, within both limits", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5_000), { maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20_000 }),
      (sizesBytes, maxItemCount, maxBytes) => {
        let start = 0;
        while (start < sizesBytes.length) {
          const count = countThatFit(sizesBytes, start, { maxItemCount, maxBytes });
          expect(count).toBeGreaterThanOrEqual(1);
          expect(count).toBeLessThanOrEqual(maxItemCount);
          const batch = sizesBytes.slice(start, start + count);
          const bytes = batch.reduce((sum, itemBytes) => sum + framedBytes(itemBytes), 0);
          expect(count === 1 || bytes < maxBytes).toBe(true);
          start += count;
        }
        expect(start).toBe(sizesBytes.length);
      },
    ),
    { seed: 11 },
  );
});

test("waits double up to the longest, and never fall below half of their bound", () => {
  const backOff = { firstMs: 100, longestMs: 5_000 };
  for (const [retry, boundMs] of [
    [1, 100],
    [2, 200],
    [6, 3_200],
    [7, 5_000],
    [10_000, 5_000],
  ] as const) {
    expect(toWaitMs(backOff, retry, 0)).toBe(boundMs / 2);
    expect(toWaitMs(backOff, retry, 0.999_999)).toBe(boundMs);
  }
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RequestIds } from "./request-ids.ts";

/** Ids that differ in one word only, as careless clients make them. */
function idOf(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}

test("remembers every id through the growth of its ring, and forgets the oldest", () => {
  const ids = new RequestIds();
  for (let job = 1; job <= 5_000; job += 1) {
    ids.add(idOf(job), job, job * 3, 1_000 + job);
  }
  expect(ids.count).toBe(5_000);
  for (const job of [1, 1_024, 1_025, 2_048, 5_000]) {
    expect(ids.find(idOf(job))).toEqual({ job, bodyHash: job * 3 });
    expect(ids.entry(job)).toEqual({
      requestId: idOf(job),
      bodyHash: job * 3,
      acceptedAtMs: 1_000 + job,
    });
  }
  expect(ids.find(idOf(5_001))).toBeUndefined();
  expect(ids.countAcceptedUpTo(1_010, 100)).toBe(10);
  expect(ids.countAcceptedUpTo(1_010, 4)).toBe(4);
  ids.forgetOldest(10);
  expect(ids.find(idOf(10))).toBeUndefined();
  expect(ids.find(idOf(11))).toEqual({ job: 11, bodyHash: 33 });
  expect(ids.oldestAcceptedAtMs()).toBe(1_011);
  ids.forgetOldest(10_000);
  expect([ids.count, ids.oldestAcceptedAtMs()]).toEqual([0, undefined]);
});

test("agrees with a map whatever comes and goes", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 900 }) }) },
    { weight: 1, arbitrary: fc.record({ forget: fc.integer({ min: 0, max: 900 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 12 }), fc.nat(), (steps, salt) => {
      const ids = new RequestIds();
      const kept = new Map<string, number>();
      let job = 0;
      for (const one of steps) {
        if ("add" in one) {
          for (let count = 0; count < one.add; count += 1) {
            job += 1;
            const id = idOf((job * 65_537 + salt) % 2 ** 44);
            ids.add(id, job, job, job);
            kept.set(id, job);
          }
        } else {
          ids.forgetOldest(one.forget);
          for (const id of [...kept.keys()].slice(0, one.forget)) {
            kept.delete(id);
            expect(ids.find(id)).toBeUndefined();
          }
        }
      }
      expect(ids.count).toBe(kept.size);
      for (const [id, number] of kept) {
        expect(ids.find(id)?.job).toBe(number);
      }
    }),
    { seed: 2, numRuns: 20 },
  );
});

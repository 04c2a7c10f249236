import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RequestIds } from "./request-ids.ts";

const uuid = (n: number): string => {
  const hex = n.toString(16).padStart(12, "0");
  return `${hex.slice(4)}-0a1b-4c2d-8e3f-${hex}`;
};

test("remembers exactly what was added and not forgotten, like a Map", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add"), count: fc.integer({ min: 1, max: 9_000 }) }),
    fc.record({ kind: fc.constant("forget"), count: fc.integer({ min: 1, max: 9_000 }) }),
  );
  const firstJobs = fc.constantFrom(1, 4_095, 4_096, 2 ** 32 - 2_000, 2 ** 40);
  fc.assert(
    fc.property(firstJobs, fc.array(step, { maxLength: 8 }), (firstJob, steps) => {
      const ids = new RequestIds();
      let oldest = firstJob;
      let next = firstJob;
      for (const { kind, count } of steps) {
        if (kind === "forget") {
          ids.forgetOldest(count);
          oldest = Math.min(next, oldest + count);
        } else {
          for (const end = next + count; next < end; next += 1) {
            ids.add(uuid(next), next, next + 0.5, next * 10);
          }
        }
      }
      expect(ids.count).toBe(next - oldest);
      expect(ids.oldestAcceptedAtMs()).toBe(next === oldest ? undefined : oldest * 10);
      for (let job = firstJob; job < next; job += 1) {
        const isRemembered = job >= oldest;
        const found = ids.find(uuid(job));
        if (found?.job !== (isRemembered ? job : undefined)) {
          expect.fail(`job ${job} of ${oldest} to ${next}: found ${found?.job}`);
        }
      }
      expect(ids.find(uuid(next))).toBeUndefined();
      if (next > oldest) {
        expect(ids.entry(oldest)).toEqual({
          requestId: uuid(oldest),
          bodyHash: oldest + 0.5,
          acceptedAtMs: oldest * 10,
        });
        expect(ids.countAcceptedUpTo((oldest + 1) * 10, 10)).toBe(Math.min(2, next - oldest));
      }
    }),
    { numRuns: 30, seed: 1 },
  );
});

test("tells ids apart that differ in one digit", () => {
  const ids = new RequestIds();
  const base = "00000000-0000-4000-8000-000000000000";
  const others = Array.from({ length: 32 }, (_, digit) => {
    const at = digit + [8, 12, 16, 20].filter((end) => digit >= end).length;
    return `${base.slice(0, at)}f${base.slice(at + 1)}`;
  });
  others.forEach((id, index) => ids.add(id, index + 1, index, 0));
  expect(ids.find(base)).toBeUndefined();
  expect(others.map((id) => ids.find(id)?.job)).toEqual(others.map((_, index) => index + 1));
  expect(others.map((_, index) => ids.entry(index + 1).requestId)).toEqual(others);
});

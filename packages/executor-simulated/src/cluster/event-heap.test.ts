import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EventHeap, type Happening, happeningRanks, type HappeningKind } from "./event-heap.ts";

const kinds = Object.keys(happeningRanks) as HappeningKind[];
const small = fc.integer({ min: -1, max: 2 });
const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: 3 }),
    kind: fc.constantFrom(...kinds),
    job: small,
    task: small,
    attempt: small,
    node: small,
  }),
  { maxLength: 60 },
);

function drain(items: readonly Happening[]): readonly Happening[] {
  const heap = new EventHeap();
  for (const item of items) {
    heap.push(item);
  }
  const drained: Happening[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    drained.push(next);
  }
  return drained;
}

test("what is due comes out by time, whatever order it went in", () => {
  fc.assert(
    fc.property(
      happenings.chain((items) =>
        fc.tuple(
          fc.constant(items),
          fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length }),
        ),
      ),
      ([items, shuffled]) => {
        const drained = drain(items);
        expect(drain(shuffled)).toEqual(drained);
        expect(drained.map((item) => item.atMs)).toEqual(
          items.map((item) => item.atMs).toSorted((a, b) => a - b),
        );
      },
    ),
    { numRuns: 300, seed: 20_264 },
  );
});

test("at one moment nodes come before attempts, and starts before ends", () => {
  const all = kinds.map((kind) => ({ atMs: 1, kind, job: 1, task: 0, attempt: 1, node: 0 }));
  expect(drain(all.toReversed()).map((item) => item.kind)).toEqual(kinds);
});

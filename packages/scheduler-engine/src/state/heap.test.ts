import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";
import { type Timer, Timers } from "./timers.ts";

test("gives items back in order, however pushes and pops alternate", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer()), { maxLength: 60 }), (moves) => {
      const heap = new Heap<readonly [number, number]>((a, b) =>
        a[0] === b[0] ? a[1] < b[1] : a[0] < b[0],
      );
      let expected: (readonly [number, number])[] = [];
      moves.forEach((value, at) => {
        if (value === null) {
          expect(heap.pop()).toEqual(expected[0]);
          expected = expected.slice(1);
        } else {
          heap.push([value, at]);
          expected = [...expected, [value, at] as const].toSorted(
            (a, b) => a[0] - b[0] || a[1] - b[1],
          );
        }
        expect(heap.peek()).toEqual(expected[0]);
        expect(heap.size).toBe(expected.length);
      });
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("timers of one moment ring in one order: begin, warning, end, then job, task, attempt", () => {
  const timer = (kind: Timer["kind"], job: number, task = 0, attempt = 1): Timer => ({
    atMs: 5,
    kind,
    job,
    task,
    attempt,
  });
  const inOrder = [
    timer("begin", 9),
    timer("warn-walltime", 2),
    timer("end-walltime", 1),
    timer("end-walltime", 2, 0, 1),
    timer("end-walltime", 2, 0, 2),
    timer("end-walltime", 2, 1, 1),
  ];
  const timers = new Timers();
  for (const one of [inOrder[3], inOrder[5], inOrder[0], inOrder[4], inOrder[2], inOrder[1]]) {
    if (one !== undefined) {
      timers.add(one);
    }
  }
  expect(timers.nextAtMs()).toBe(5);
  expect(timers.takeDue(4)).toBeUndefined();
  expect(inOrder.map(() => timers.takeDue(5))).toEqual(inOrder);
  expect([timers.size, timers.takeDue(5)]).toEqual([0, undefined]);
});

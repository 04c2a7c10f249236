import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  allTasks,
  firstTask,
  hasTask,
  noTasks,
  taskCountOf,
  type TaskRanges,
  withoutFirst,
  withoutTask,
  withTask,
} from "./task-ranges.ts";

function listOf(ranges: TaskRanges): readonly number[] {
  const tasks: number[] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    for (let task = ranges[index] ?? 0; task <= (ranges[index + 1] ?? -1); task += 1) {
      tasks.push(task);
    }
  }
  return tasks;
}

test("an array of any size is two numbers", () => {
  expect(allTasks(100_000)).toEqual([0, 99_999]);
  expect(taskCountOf(allTasks(100_000))).toBe(100_000);
  expect(withoutTask(allTasks(100_000), 50_000)).toEqual([0, 49_999, 50_001, 99_999]);
});

test("ranges behave like a set, stay sorted and never touch each other", () => {
  const change = fc.record({ isTaken: fc.boolean(), task: fc.nat({ max: 12 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const expected = new Set(listOf(allTasks(13)));
      let ranges = allTasks(13);
      for (const { isTaken, task } of changes) {
        if (isTaken) {
          ranges = withoutTask(ranges, task);
          expected.delete(task);
        } else if (!expected.has(task)) {
          ranges = withTask(ranges, task);
          expected.add(task);
        }
        const sorted = [...expected].toSorted((a, b) => a - b);
        expect(listOf(ranges)).toEqual(sorted);
        expect(taskCountOf(ranges)).toBe(sorted.length);
        expect(firstTask(ranges)).toBe(sorted[0]);
        expect(listOf(withoutFirst(ranges))).toEqual(sorted.slice(1));
        expect(hasTask(ranges, task)).toBe(expected.has(task));
        for (let index = 2; index < ranges.length; index += 2) {
          expect((ranges[index] ?? 0) - (ranges[index - 1] ?? 0)).toBeGreaterThan(1);
        }
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("nothing is left after the last task", () => {
  expect(withoutFirst(allTasks(1))).toBe(noTasks);
  expect(firstTask(noTasks)).toBeUndefined();
});

/**
 * A set of task numbers as sorted, disjoint [from, to] pairs in one flat list, so that an array of
 * a hundred thousand tasks is two numbers until it is broken up.
 */
export type TaskRanges = readonly number[];

export const noTasks: TaskRanges = [];
/** Shared by every job that is not an array. */
export const onlyTask: TaskRanges = [0, 0];

/** Tasks 0 to `count` - 1. */
export function allTasks(count: number): TaskRanges {
  return count === 1 ? onlyTask : [0, count - 1];
}

export function taskCountOf(ranges: TaskRanges): number {
  let count = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    count += (ranges[index + 1] ?? 0) - (ranges[index] ?? 0) + 1;
  }
  return count;
}

/** The lowest task, or undefined when there is none. */
export function firstTask(ranges: TaskRanges): number | undefined {
  return ranges[0];
}

/** Without its lowest task. */
export function withoutFirst(ranges: TaskRanges): TaskRanges {
  const [from, to] = ranges;
  if (from === undefined || to === undefined) {
    return noTasks;
  }
  if (from < to) {
    return [from + 1, ...ranges.slice(1)];
  }
  return ranges.length === 2 ? noTasks : ranges.slice(2);
}

export function hasTask(ranges: TaskRanges, task: number): boolean {
  for (let index = 0; index < ranges.length; index += 2) {
    if (task >= (ranges[index] ?? 0) && task <= (ranges[index + 1] ?? -1)) {
      return true;
    }
  }
  return false;
}

/** With one more task, which must not be in it yet. */
export function withTask(ranges: TaskRanges, task: number): TaskRanges {
  const result: number[] = [];
  let isPlaced = false;
  const put = (from: number, to: number): void => {
    const last = result.length - 1;
    if (last >= 0 && result[last] === from - 1) {
      result[last] = to;
    } else {
      result.push(from, to);
    }
  };
  for (let index = 0; index < ranges.length; index += 2) {
    const from = ranges[index] ?? 0;
    if (!isPlaced && task < from) {
      put(task, task);
      isPlaced = true;
    }
    put(from, ranges[index + 1] ?? 0);
  }
  if (!isPlaced) {
    put(task, task);
  }
  return result;
}

/** Without one task; unchanged when it is not in it. */
export function withoutTask(ranges: TaskRanges, task: number): TaskRanges {
  if (ranges[0] === task) {
    return withoutFirst(ranges);
  }
  const result: number[] = [];
  for (let index = 0; index < ranges.length; index += 2) {
    const from = ranges[index] ?? 0;
    const to = ranges[index + 1] ?? 0;
    if (task < from || task > to) {
      result.push(from, to);
      continue;
    }
    if (from < task) {
      result.push(from, task - 1);
    }
    if (task < to) {
      result.push(task + 1, to);
    }
  }
  return result;
}

/** All tasks of both. */
export function union(a: TaskRanges, b: TaskRanges): TaskRanges {
  const pairs: (readonly [number, number])[] = [];
  for (const ranges of [a, b]) {
    for (let index = 0; index < ranges.length; index += 2) {
      pairs.push([ranges[index] ?? 0, ranges[index + 1] ?? 0]);
    }
  }
  const result: number[] = [];
  for (const [from, to] of pairs.toSorted((one, other) => one[0] - other[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last + 1) {
      result[result.length - 1] = Math.max(last, to);
    } else {
      result.push(from, to);
    }
  }
  return result;
}

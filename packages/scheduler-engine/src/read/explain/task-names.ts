import { listed } from "./moved-sentence.ts";

const rangesMax = 4;

/** `task 3`, `tasks 0-4, 6 and 9-12`; of many ranges the first, and how many tasks the others are. */
export function taskNames(tasks: readonly number[]): string {
  const ranges: { readonly from: number; to: number }[] = [];
  for (const task of tasks.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && task === last.to + 1) {
      last.to = task;
    } else {
      ranges.push({ from: task, to: task });
    }
  }
  const shown = ranges.length > rangesMax ? ranges.slice(0, rangesMax - 1) : ranges;
  const rest = ranges.slice(shown.length).reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const names = shown.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  const all = listed(rest === 0 ? names : [...names, `${rest} more`]);
  return `${tasks.length === 1 ? "task" : "tasks"} ${all}`;
}

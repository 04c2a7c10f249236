import { describe, listed, type Problems, quotedText, type Value } from "../reader/index.ts";

export const monthNames: readonly string[] = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
];

export const dayNames: readonly string[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** 1 for the first name. All of them when nothing is written. */
export function readNames(
  problems: Problems,
  value: Value | undefined,
  names: readonly string[],
): readonly number[] {
  const all = names.map((_, index) => index + 1);
  if (value === undefined) {
    return all;
  }
  const countBefore = problems.count;
  const chosen = new Set<number>();
  const items = value.kind === "list" ? value.items : [value];
  for (const item of items) {
    for (const index of item.kind === "text" ? indexesOf(item.text, names) : []) {
      chosen.add(index + 1);
    }
    if (item.kind !== "text" || indexesOf(item.text, names).length === 0) {
      const found = item.kind === "text" ? quotedText(item.text) : describe(item);
      problems.add(
        item.at,
        `found ${found}, write one or several of ${listed(names)}, or a range like "${names.at(-2)}..${names[1]}"`,
      );
    }
  }
  if (items.length === 0) {
    problems.add(value.at, "an empty list is never in force: name some, or remove the key for all");
  }
  // What is wrong is reported; it must not be "never in force" as well.
  return problems.count > countBefore ? all : all.filter((one) => chosen.has(one));
}

/** `fri..mon` runs over the end of the week. Empty when the text names nothing. */
function indexesOf(text: string, names: readonly string[]): readonly number[] {
  const [first = "", last = first, ...more] = text.split("..");
  const from = names.indexOf(first);
  const to = names.indexOf(last);
  if (from < 0 || to < 0 || more.length > 0) {
    return [];
  }
  const count = ((to - from + names.length) % names.length) + 1;
  return Array.from({ length: count }, (_, step) => (from + step) % names.length);
}

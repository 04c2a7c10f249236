import { StackError } from "./stack-error.ts";

export interface Ordered {
  readonly key: string;
  /** Keys that come before it. */
  readonly needs: readonly string[];
}

/** Each after what it needs; in the order given wherever the needs leave a choice. */
export function sortByNeeds(needs: ReadonlyMap<string, readonly string[]>): readonly Ordered[] {
  const ordered: Ordered[] = [];
  const done = new Set<string>();
  const visit = (key: string, path: readonly string[]): void => {
    if (done.has(key)) {
      return;
    }
    if (path.includes(key)) {
      throw new StackError(
        `Objects wait for each other: ${[...path.slice(path.indexOf(key)), key].join(" → ")}`,
      );
    }
    const own = needs.get(key) ?? [];
    for (const need of own) {
      visit(need, [...path, key]);
    }
    done.add(key);
    ordered.push({ key, needs: own });
  };
  for (const key of needs.keys()) {
    visit(key, []);
  }
  return ordered;
}

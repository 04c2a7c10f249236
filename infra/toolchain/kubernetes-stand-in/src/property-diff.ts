import { isEqual, isList, isObject, toPropertyPath } from "./json.ts";
import type { Json, JsonObject, Path } from "./json.ts";

export interface PropertyChange {
  readonly path: Path;
  readonly kind: "add" | "delete" | "update";
}

/** Every place where two values differ, as deep as their shapes agree. */
export function diffProperties(olds: Json, news: Json, path: Path = []): readonly PropertyChange[] {
  if (isObject(olds) && isObject(news)) {
    const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
    return [...keys].flatMap((key) => diffEntry(olds[key], news[key], [...path, key]));
  }
  if (isList(olds) && isList(news)) {
    const indexes = Array.from({ length: Math.max(olds.length, news.length) }, (_, index) => index);
    return indexes.flatMap((index) => diffEntry(olds[index], news[index], [...path, index]));
  }
  return isEqual(olds, news) ? [] : [{ path, kind: "update" }];
}

function diffEntry(
  olds: Json | undefined,
  news: Json | undefined,
  path: Path,
): readonly PropertyChange[] {
  if (olds === undefined) {
    return news === undefined ? [] : [{ path, kind: "add" }];
  }
  return news === undefined ? [{ path, kind: "delete" }] : diffProperties(olds, news, path);
}

/** Whether a change lies at, below or above a dotted place such as `spec.selector`. */
export function isChangedAt(change: PropertyChange, place: string): boolean {
  const changed = toPropertyPath(change.path);
  const touches = (outer: string, inner: string): boolean =>
    inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  return touches(place, changed) || touches(changed, place);
}

export function changesOf(olds: JsonObject, news: JsonObject): readonly PropertyChange[] {
  return diffProperties(olds, news);
}

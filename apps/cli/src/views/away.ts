import type { Style } from "../terminal/style.ts";
import { showTimeOfDay } from "../output/format.ts";

/** Empty = the cluster of the site is connected; else what has to be known before anything else is believed. */
export function showAway(
  site: { readonly id: string; readonly awaySinceTimeMs: number },
  { isUnicode }: Pick<Style, "isUnicode">,
): string {
  if (site.awaySinceTimeMs === 0) {
    return "";
  }
  const since = showTimeOfDay(site.awaySinceTimeMs);
  const mark = isUnicode ? "▲" : "!";
  return `${mark} ${site.id}: cluster not connected since ${since}; states are the last known`;
}

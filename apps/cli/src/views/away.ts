import type { SiteInfo } from "@ertis/api";
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

/** Without a measurement for so long a site counts as not measured. */
const silentMs = 90_000;

/** Empty = the draw of the site is measured, or its cluster is away anyhow. */
export function showUnmeasured(
  { id, awaySinceTimeMs, measuredTimeMs }: SiteInfo,
  nowMs: number,
  { isUnicode }: Pick<Style, "isUnicode">,
): string {
  if (awaySinceTimeMs !== 0 || nowMs - measuredTimeMs < silentMs) {
    return "";
  }
  const what =
    measuredTimeMs === 0
      ? "nothing was measured yet"
      : `nothing is measured since ${showTimeOfDay(measuredTimeMs)}`;
  return `${isUnicode ? "▲" : "!"} ${id}: ${what}; planned curtailments are held by bounds`;
}

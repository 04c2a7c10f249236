import type { Problems } from "@ertis/site-model/reader";
import type { HallDeclaration } from "./declaration.ts";
import type { HallLayout } from "./hall-layout.ts";
import type { PowerFeed } from "./plan.ts";

const leastFeedCount = 3;

/** Rows in the order of the site file, so many a feed: the last may have fewer. */
export function groupRows({ rows }: HallLayout, rowsPerFeed: number): readonly PowerFeed[] {
  return Array.from({ length: Math.ceil(rows.length / rowsPerFeed) }, (_, ordinal) => ({
    name: `feed-${ordinal + 1}`,
    rowIndexes: rows
      .slice(ordinal * rowsPerFeed, (ordinal + 1) * rowsPerFeed)
      .map(({ index }) => index),
  }));
}

/** Three control plane hosts must not share a feed. */
export function checkFeeds(
  problems: Problems,
  declared: HallDeclaration,
  layout: HallLayout,
): void {
  const feedCount = Math.ceil(layout.rows.length / declared.rowsPerFeed);
  if (feedCount < leastFeedCount) {
    problems.add(
      declared.at,
      `${layout.hall.id} has ${layout.rows.length} rows, ${declared.rowsPerFeed} a power feed: that is ${feedCount} feeds, and the control plane needs ${leastFeedCount} different ones; write fewer rowsPerFeed`,
    );
  }
}

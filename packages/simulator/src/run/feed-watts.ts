import { toNumber } from "@ertis/quantities";
import { SiteBook } from "../check/site-book.ts";
import { openSite } from "./open-site.ts";
import type { TextFile } from "./prepare.ts";

/** What the feed of a site may carry, and what it does when nobody works. */
export interface FeedWatts {
  readonly limitWatts: number;
  /** Fixed loads, and every node idle: below that no job ever starts. */
  readonly idleWatts: number;
  readonly nodeCount: number;
}

/** Undefined: the site file has mistakes. */
export function feedWattsOf({ file, text }: TextFile): FeedWatts | undefined {
  const opened = openSite(file, text);
  const [feed] = opened.kind === "site" ? opened.site.domains : [];
  return opened.kind === "errors" || feed === undefined
    ? undefined
    : {
        limitWatts: toNumber(feed.usableWatts),
        idleWatts: Math.ceil(new SiteBook(opened.site).loadWatts(feed.index)),
        nodeCount: opened.site.nodes.length,
      };
}

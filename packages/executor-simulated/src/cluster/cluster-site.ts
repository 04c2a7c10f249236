import type { PowerDomain, Site, SiteCurve, SiteNode } from "@ertis/site-model";

/** What a simulated cluster needs to know of a site: a parsed `Site` fits. */
export interface ClusterSite extends Pick<Site, "id" | "revision" | "nodeClasses"> {
  readonly nodes: readonly (Pick<SiteNode, "id" | "classIndex"> &
    Partial<Pick<SiteNode, "domainIndex">>)[];
  /** What its meters sum over; absent: nothing is metered. */
  readonly domains?: readonly MeteredDomain[];
  /** The site's own cap curves; those that are known anyway come after them. */
  readonly curves: readonly Pick<SiteCurve, "gpuModel" | "workloadClass" | "points">[];
}

export type MeteredDomain = Pick<PowerDomain, "kind" | "parentIndex" | "fixedWatts" | "loadFactor">;

import { siteShares as sharesOf } from "@ertis/provisioning-model";
import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { toNumber } from "@ertis/quantities";
import type { PowerDomain, Site } from "@ertis/site-model";
import { locate } from "../facts.ts";
import type { ResourceRule } from "../rule.ts";
import { checkOfSites } from "./check-of-sites.ts";

/**
 * Each hall bounds itself; that all of them together fit what is above them is seen by none of their
 * stacks. What is free there is worked out anew here, so that a mistake in the split shows.
 */
function judge(plan: SitePlan, ownName: string | undefined): readonly string[] {
  const { site } = plan;
  const shares = sharesOf(plan, ownName === undefined ? [] : [ownName]);
  const halls = shares.map(({ cluster }) => cluster);
  const loads = idleLoads(site, halls);
  return site.domains
    .filter(({ kind }) => kind === "feed" || kind === "substation")
    .flatMap((domain) => {
      const inside = shares.filter(({ cluster }) => isInside(cluster.hall, domain));
      const sumWatts = inside.reduce((sum, { siteWatts }) => sum + siteWatts, 0);
      const freeWatts = toNumber(domain.usableWatts) - (loads[domain.index] ?? 0);
      const freeAtFeedWatts = Math.ceil(freeWatts * lossesAbove(site, domain));
      if (sumWatts <= Math.max(0, freeAtFeedWatts)) {
        return [];
      }
      const parts = inside.map(({ cluster, siteWatts }) => `${cluster.name} ${siteWatts} W`);
      return [
        `The halls below ${domain.id} may add ${sumWatts} W for jobs (${parts.join(", ")}), with all hosts idle it has ${freeAtFeedWatts} W left. Its limit stands in ${locate(domain.source)}.`,
      ];
    });
}

/** Watts in every domain with the nodes of these halls idle, losses included. Other halls are not there. */
function idleLoads(site: Site, halls: readonly ClusterPlan[]): readonly number[] {
  const isThere = site.domains.map((domain) =>
    halls.some(({ hall }) => isInside(hall, domain) || isInside(domain, hall)),
  );
  const inside = site.domains.map(() => 0);
  for (const { domainIndex, classIndex } of site.nodes) {
    const idleWatts = site.nodeClasses[classIndex]?.idleWatts;
    inside[domainIndex] =
      (inside[domainIndex] ?? 0) + (idleWatts === undefined ? 0 : toNumber(idleWatts));
  }
  const loads = site.domains.map(() => 0);
  // Children have higher indexes, so each domain is complete before it is added to its parent.
  for (const { index, parentIndex, loadFactor, fixedWatts } of site.domains.toReversed()) {
    if (isThere[index] === true) {
      const losses = loadFactor.numerator / loadFactor.denominator;
      loads[index] = (inside[index] ?? 0) * losses + toNumber(fixedWatts);
      inside[parentIndex] = (inside[parentIndex] ?? 0) + (loads[index] ?? 0);
    }
  }
  return loads;
}

/** What a watt in a domain is at the feed. */
function lossesAbove(site: Site, domain: PowerDomain): number {
  const parent = site.domains[domain.parentIndex];
  return parent === undefined
    ? 1
    : (parent.loadFactor.numerator / parent.loadFactor.denominator) * lossesAbove(site, parent);
}

function isInside(inner: PowerDomain, outer: PowerDomain): boolean {
  return inner.id === outer.id || inner.id.startsWith(`${outer.id}/`);
}

export const siteShares: ResourceRule = {
  kind: "resource",
  name: "site-shares",
  description: "What the halls of a site may add for jobs fits what is above them.",
  check: checkOfSites(judge),
};

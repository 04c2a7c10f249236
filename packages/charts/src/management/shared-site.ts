import type { SitePlan } from "@ertis/provisioning-model";

/**
 * The site whose registry, images and object store the shared management cluster uses: the first that
 * Ertis provisions. One function, so that moving the management cluster is one line.
 */
export function sharedSite(plans: readonly SitePlan[]): SitePlan {
  const found = plans.find(({ mode }) => mode === "provisioned");
  if (found === undefined) {
    throw new RangeError("no site is provisioned, so there is nothing for a management cluster");
  }
  return found;
}

/** A service beside a site's registry: `s3` of `registry.pavlodar-hub.ertis.kz` is `s3.pavlodar-hub.ertis.kz`. */
export function siteHost(plan: SitePlan, service: string): string {
  return `${service}${plan.registry.slice(plan.registry.indexOf("."))}`;
}

import { limitHosts } from "@ertis/provisioning-model";
import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import type { SiteFileError, SourceLine } from "@ertis/site-model";

/** What the rules compare a stack with: the site files, and whose stack it is. */
export interface Facts {
  readonly project: string;
  readonly stack: string;
  readonly profile: "production" | "local";
  /** Every site; empty where the files have mistakes. */
  readonly plans: readonly SitePlan[];
  readonly mistakes: readonly SiteFileError[];
  /** The site of this stack; undefined for `main`, which belongs to all of them. */
  readonly plan: SitePlan | undefined;
  /** The hall of this stack, where it is one's. */
  readonly cluster: ClusterPlan | undefined;
}

/** Which stack is looked at, and with which configuration. */
export interface StackIdentity {
  readonly project: string;
  readonly stack: string;
  /** The stack's configuration; its keys carry their namespace, as in `ertis:profile`. */
  readonly config: ReadonlyMap<string, string>;
}

/**
 * The profile is production unless the configuration says `local`: a pack that cannot read it must not
 * let an unprotected cluster pass.
 */
export function toFacts(identity: StackIdentity, sitesDirectory?: string): Facts {
  const { project, stack, config } = identity;
  const profile = config.get("ertis:profile") === "local" ? "local" : "production";
  const base = { project, stack, profile } as const;
  const loaded = loadPlans(sitesDirectory);
  if (loaded.kind === "errors") {
    return { ...base, plans: [], mistakes: loaded.errors, plan: undefined, cluster: undefined };
  }
  const hostCount = Number(config.get("ertis:hostsPerSite") ?? "");
  const isLimited = profile === "local" && Number.isSafeInteger(hostCount) && hostCount > 0;
  const plans = isLimited ? loaded.plans.map((plan) => limitHosts(plan, hostCount)) : loaded.plans;
  return { ...base, plans, mistakes: [], ...findTarget(plans, stack) };
}

function findTarget(
  plans: readonly SitePlan[],
  stack: string,
): { readonly plan: SitePlan | undefined; readonly cluster: ClusterPlan | undefined } {
  for (const plan of plans) {
    const cluster = plan.clusters.find(({ name }) => name === stack);
    if (cluster !== undefined) {
      return { plan, cluster };
    }
    // The stack of a registered site is named after the site.
    if (plan.site.id === stack) {
      return { plan, cluster: plan.clusters.length === 1 ? plan.clusters[0] : undefined };
    }
  }
  return { plan: undefined, cluster: undefined };
}

/** `file:line`, which editors and terminals open. */
export function locate({ file, line }: SourceLine): string {
  return `${file}:${line}`;
}

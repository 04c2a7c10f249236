import {
  projectNames,
  type ClusterPlan,
  type ProjectName,
  type SitePlan,
} from "@ertis/provisioning-model";

/** Whose objects a stack holds. */
export type StackOf =
  | { readonly kind: "all sites" }
  | { readonly kind: "hall"; readonly plan: SitePlan; readonly cluster: ClusterPlan }
  | { readonly kind: "registered"; readonly plan: SitePlan };

export interface StackEntry {
  readonly project: ProjectName;
  readonly stack: string;
  /** `project/stack`. */
  readonly name: string;
  readonly of: StackOf;
  /** Of a phase that stands, or of none. */
  readonly isBuilt: boolean;
}

/** Every stack of all sites and phases, in the order in which they come up. */
export function listStacks(plans: readonly SitePlan[]): readonly StackEntry[] {
  return projectNames.flatMap((project) =>
    ownersOf(project, plans).map(({ stack, of }) => ({
      project,
      stack,
      name: `${project}/${stack}`,
      of,
      isBuilt: of.kind !== "hall" || of.cluster.isBuilt,
    })),
  );
}

interface Owner {
  readonly stack: string;
  readonly of: StackOf;
}

function ownersOf(project: ProjectName, plans: readonly SitePlan[]): readonly Owner[] {
  if (project === "management" || project === "scheduler") {
    return [{ stack: "main", of: { kind: "all sites" } }];
  }
  return plans.flatMap((plan): readonly Owner[] => {
    if (plan.mode === "registered") {
      // Its hosts and its cluster stand already: Ertis makes it known and writes its queues.
      return project === "clusters" || project === "queues"
        ? [{ stack: plan.site.id, of: { kind: "registered", plan } }]
        : [];
    }
    return plan.clusters.map((cluster) => ({
      stack: cluster.name,
      of: { kind: "hall", plan, cluster },
    }));
  });
}

/** The first hall of a later phase, of the site with most halls: what is previewed before it is built. */
export function nextHall(stacks: readonly StackEntry[]): string | undefined {
  const planned = stacks.filter(({ isBuilt, of }) => !isBuilt && of.kind === "hall");
  const largest = planned.toSorted((a, b) => hallCount(b) - hallCount(a))[0];
  return planned.find(
    ({ of }) => of.kind === "hall" && largest?.of.kind === "hall" && of.plan === largest.of.plan,
  )?.stack;
}

function hallCount({ of }: StackEntry): number {
  return of.kind === "all sites" ? 0 : of.plan.clusters.length;
}

import {
  nearestNames,
  projectNames,
  type ClusterPlan,
  type ProjectName,
  type SitePlan,
} from "@ertis/provisioning-model";
import { StackError } from "./stack-error.ts";

/** What a stack is about. */
export type StackTarget =
  | { readonly kind: "main" }
  | { readonly kind: "hall"; readonly plan: SitePlan; readonly cluster: ClusterPlan }
  | { readonly kind: "registered"; readonly plan: SitePlan };

export interface NamedTarget {
  readonly stack: string;
  readonly target: StackTarget;
}

/**
 * The stacks of a project: `main` where one serves all sites, else one a hall, and one a registered
 * site where the project has something to say about clusters that stand already.
 */
export function stackTargets(
  project: ProjectName,
  plans: readonly SitePlan[],
): readonly NamedTarget[] {
  if (project === "management" || project === "scheduler") {
    return [{ stack: "main", target: { kind: "main" } }];
  }
  const hasRegistered = project === "clusters" || project === "queues";
  return plans.flatMap((plan): readonly NamedTarget[] => {
    if (plan.mode === "registered") {
      return hasRegistered ? [{ stack: plan.site.id, target: { kind: "registered", plan } }] : [];
    }
    return plan.clusters.map((cluster) => ({
      stack: cluster.name,
      target: { kind: "hall", plan, cluster },
    }));
  });
}

export function resolveTarget(
  project: ProjectName,
  stack: string,
  plans: readonly SitePlan[],
): StackTarget {
  const all = stackTargets(project, plans);
  const found = all.find((candidate) => candidate.stack === stack);
  if (found !== undefined) {
    return found.target;
  }
  const names = all.map((candidate) => candidate.stack);
  throw new StackError(
    `${project} has no stack "${stack}". Stacks follow from the site files; the nearest names are ` +
      `${nearestNames(stack, names, 3).join(", ")}. \`npm run stacks\` lists all.`,
  );
}

export function parseProjectName(name: string): ProjectName {
  const project = projectNames.find((candidate) => candidate === name);
  if (project === undefined) {
    throw new StackError(
      `The Pulumi project is called "${name}"; a stack's entry works in ${projectNames.join(", ")}.`,
    );
  }
  return project;
}

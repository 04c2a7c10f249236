import type { Infrastructure } from "@ertis/charts";
import type { SitePlan } from "@ertis/provisioning-model";
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Profile, StackConfiguration } from "./configuration.ts";
import { findKubeconfig } from "./kubeconfig-source.ts";
import {
  createManagementProvider,
  createWorkloadProvider,
  requireKubeconfig,
} from "./providers.ts";
import { StackError } from "./stack-error.ts";
import type { StackFacts } from "./stack-facts.ts";
import { resolveTarget } from "./stack-target.ts";
import type { ProjectName } from "@ertis/provisioning-model";
import type { StackTarget } from "./stack-target.ts";

/** All that a stack's `deploy` gets to know. */
export interface StackContext {
  readonly project: ProjectName;
  readonly stack: string;
  readonly profile: Profile;
  /** Whether clusters, hosts, namespaces and databases are guarded against deletion. */
  readonly isProtected: boolean;
  readonly isPreview: boolean;
  readonly infrastructure: Infrastructure;
  /** Of all sites; in profile local with as many hosts as the configuration asks for. */
  readonly plans: readonly SitePlan[];
  readonly target: StackTarget;
  readonly management: () => k8s.Provider;
  /** The target's own cluster, by the facts of its clusters stack. */
  readonly workload: (facts: pulumi.Output<StackFacts["clusters"]>) => k8s.Provider;
}

export interface StackRun {
  readonly project: ProjectName;
  readonly stack: string;
  readonly isPreview: boolean;
  readonly configuration: StackConfiguration;
  readonly plans: readonly SitePlan[];
  /** The value of KUBECONFIG. */
  readonly kubeconfigVariable: string | undefined;
  readonly warn: (message: string) => void;
}

/** Checks all that can be checked without a resource, and refuses with a StackError. */
export function createContext(run: StackRun): StackContext {
  const { project, stack, isPreview, plans, configuration } = run;
  const target = resolveTarget(project, stack, plans);
  const source = findKubeconfig(configuration.managementKubeconfig, run.kubeconfigVariable);
  requireKubeconfig(source, run);
  const management = once(() => createManagementProvider(source));
  return {
    project,
    stack,
    isPreview,
    plans,
    target,
    profile: configuration.profile,
    infrastructure: configuration.infrastructure,
    isProtected: configuration.profile === "production",
    management,
    workload: (facts) => {
      if (target.kind === "main") {
        throw new StackError(`${project}/${stack} has no cluster of its own`);
      }
      return createWorkloadProvider(stack, facts, { provider: management(), source });
    },
  };
}

/** A provider is a resource: registered when first asked for, and once. */
function once<Value>(create: () => Value): () => Value {
  let created: { readonly value: Value } | undefined;
  return () => {
    created ??= { value: create() };
    return created.value;
  };
}

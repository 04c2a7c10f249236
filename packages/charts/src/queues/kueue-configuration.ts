import type { ClusterPlan, GpuFactor, SitePlan, WattQuota } from "@ertis/provisioning-model";
import { wattQuota } from "@ertis/provisioning-model";
import { stringify } from "yaml";
import { anyGpuResource, queueNames, wattResources } from "./names.ts";
import { projectLabel } from "./projects.ts";

/** One resource of pods, and what it counts in the queues. */
export interface ResourceTransformation {
  readonly input: string;
  readonly strategy: "Retain" | "Replace";
  readonly outputs: Readonly<Record<string, string>>;
}

/** `config.kueue.x-k8s.io/v1beta2`, as far as it is not left at its defaults. */
export interface KueueConfiguration {
  readonly apiVersion: "config.kueue.x-k8s.io/v1beta2";
  readonly kind: "Configuration";
  readonly [field: string]: unknown;
  readonly resources: {
    readonly excludeResourcePrefixes: readonly string[];
    readonly transformations: readonly ResourceTransformation[];
  };
}

/** The controller's configuration for one hall: what turns GPUs into watts, and how watts are shared. */
export function kueueConfiguration(plan: SitePlan, cluster: ClusterPlan): KueueConfiguration {
  const quota = wattQuota(plan, cluster);
  return {
    apiVersion: "config.kueue.x-k8s.io/v1beta2",
    kind: "Configuration",
    health: { healthProbeBindAddress: ":8081" },
    metrics: { bindAddress: ":8443", enableClusterQueueResources: true },
    webhook: { port: 9443 },
    leaderElection: {
      leaderElect: true,
      resourceName: "kueue.ertis.kz",
      resourceNamespace: queueNames.namespace,
    },
    internalCertManagement: {
      enable: true,
      webhookServiceName: "kueue-webhook-service",
      webhookSecretName: "kueue-webhook-server-cert",
    },
    clientConnection: { qps: 200, burst: 400 },
    // Whatever runs in a project goes through its queue; everything else is left alone.
    manageJobsWithoutQueueName: true,
    managedJobsNamespaceSelector: {
      matchExpressions: [{ key: projectLabel, operator: "Exists" }],
    },
    integrations: { frameworks: ["batch/job", "jobset.x-k8s.io/jobset", "pod"] },
    // A gang that cannot start gives its watts back.
    waitForPodsReady: {
      timeout: "10m",
      recoveryTimeout: "3m",
      blockAdmission: false,
      requeuingStrategy: { timestamp: "Eviction", backoffBaseSeconds: 60, backoffMaxSeconds: 3600 },
    },
    fairSharing: { preemptionStrategies: ["LessThanOrEqualToFinalShare", "LessThanInitialShare"] },
    admissionFairSharing: {
      usageHalfLifeTime: "168h",
      usageSamplingInterval: "5m",
      resourceWeights: shareWeights(quota),
    },
    resources: {
      // Bound by the nodes themselves, which topology-aware placement counts.
      excludeResourcePrefixes: ["cpu", "memory", "ephemeral-storage", "hugepages-", "rdma/"],
      transformations: transformations(quota),
    },
    objectRetentionPolicies: { workloads: { afterFinished: "168h" } },
  };
}

/** The same as the controller reads it. */
export function kueueConfigurationText(plan: SitePlan, cluster: ClusterPlan): string {
  return stringify(kueueConfiguration(plan, cluster));
}

/**
 * A project's use is the watts it adds in the hall, and nothing else: otherwise GPUs, hall watts and
 * site watts of the same job would count three times.
 */
function shareWeights(quota: WattQuota): Readonly<Record<string, number>> {
  const weights: Record<string, number> = { [wattResources.hall]: 1, [wattResources.site]: 0 };
  for (const { resourceName } of quota.perGpu) {
    weights[resourceName] = 0;
  }
  return weights;
}

/**
 * One input for each GPU model. The controller takes a resource name once, so of two classes with the
 * same model the thirstier one counts.
 *
 * Today's device plugins call every GPU `nvidia.com/gpu`. Where a hall has one model that is as good as
 * its own name, and counts as it. With several models it says nothing about watts, so it is no input
 * there and Kueue does not admit it.
 */
function transformations(quota: WattQuota): readonly ResourceTransformation[] {
  const largest = new Map<string, GpuFactor>();
  for (const factor of quota.perGpu) {
    const known = largest.get(factor.resourceName);
    if (known === undefined || known.hallWatts < factor.hallWatts) {
      largest.set(factor.resourceName, factor);
    }
  }
  const models = [...largest.values()];
  const named = models.map((factor): ResourceTransformation => ({
    input: factor.resourceName,
    strategy: "Retain",
    outputs: wattsOf(factor),
  }));
  const [only] = models;
  return only === undefined || models.length > 1
    ? named
    : [
        ...named,
        {
          input: anyGpuResource,
          strategy: "Replace",
          outputs: { [only.resourceName]: "1", ...wattsOf(only) },
        },
      ];
}

function wattsOf(factor: GpuFactor): Readonly<Record<string, string>> {
  return {
    [wattResources.hall]: String(factor.hallWatts),
    [wattResources.site]: String(factor.siteWatts),
  };
}

import {
  type ClusterPlan,
  gpuResourceName,
  labelNames,
  type SitePlan,
} from "@ertis/provisioning-model";
import type { NodeClass } from "@ertis/site-model";
import { componentImages } from "../addons/component-images.ts";
import { siteImage } from "../images/site-image.ts";
import { defaultDenyManifest, namespaceManifest } from "../kinds/core.ts";
import type { Manifest } from "../manifest.ts";
import { burnInProject, projectLabel } from "../queues/projects.ts";
import { anyGpuResource, hasOneModel, queueNames } from "../queues/names.ts";
import { burnInNames } from "./names.ts";

const { namespace, serviceAccount } = burnInNames;
const labels = { [projectLabel]: burnInProject };

/**
 * How a host proves itself. Its state is a label, which comes from the provisioning file through
 * inventory. Every night each host in `burn-in` is loaded fully by NVIDIA's
 * diagnosis. It runs through the burn-in queue, because a host that is proved draws as much as one that
 * works. A person who reads the result moves the host on in the file.
 */
export function burnInManifests(plan: SitePlan, cluster: ClusterPlan): readonly Manifest[] {
  return [
    namespaceManifest(namespace, "baseline", labels),
    defaultDenyManifest(namespace, labels),
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: serviceAccount, namespace, labels },
      automountServiceAccountToken: false,
    },
    ...cluster.nodeClasses.map((nodeClass) => burnInJob(plan, cluster, nodeClass)),
  ];
}

function burnInJob(plan: SitePlan, cluster: ClusterPlan, nodeClass: NodeClass): Manifest {
  const hostCount = cluster.hosts.filter(
    (host) => host.state === "burn-in" && host.nodeClass?.name === nodeClass.name,
  ).length;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: `burn-in-${nodeClass.name}`, namespace, labels },
    spec: {
      schedule: "0 20 * * *",
      timeZone: "Asia/Almaty",
      concurrencyPolicy: "Forbid",
      // With no host to prove there is nothing to run; a pod that waits would only raise alerts.
      suspend: hostCount === 0,
      successfulJobsHistoryLimit: 7,
      failedJobsHistoryLimit: 30,
      jobTemplate: {
        metadata: { labels: { ...labels, "kueue.x-k8s.io/queue-name": queueNames.localQueue } },
        spec: {
          completionMode: "Indexed",
          // Each index takes all GPUs of a host, so no two share one.
          completions: Math.max(1, hostCount),
          parallelism: Math.max(1, hostCount),
          backoffLimitPerIndex: 1,
          maxFailedIndexes: Math.max(1, hostCount),
          activeDeadlineSeconds: 21_600,
          ttlSecondsAfterFinished: 1_209_600,
          template: burnInPod(plan, nodeClass, hasOneModel(cluster)),
        },
      },
    },
  };
}

function burnInPod(
  plan: SitePlan,
  nodeClass: NodeClass,
  isOneModel: boolean,
): Readonly<Record<string, unknown>> {
  const gpus = isOneModel ? anyGpuResource : gpuResourceName(nodeClass.gpuModel);
  const resources = { cpu: "8", memory: "64Gi", [gpus]: String(nodeClass.gpuCount) };
  return {
    metadata: { labels, annotations: { "kueue.x-k8s.io/podset-unconstrained-topology": "true" } },
    spec: {
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: false,
      priorityClassName: "burn-in",
      restartPolicy: "Never",
      nodeSelector: {
        [labelNames.nodeClass]: nodeClass.name,
        [labelNames.state]: "burn-in",
      },
      containers: [
        {
          name: "diagnosis",
          image: siteImage(plan.registry, componentImages.gpuOperator.dcgm),
          command: ["/bin/sh", "-ec", "nv-hostengine && dcgmi diag --run 4 --fail-early"],
          resources: { requests: resources, limits: resources },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            seccompProfile: { type: "RuntimeDefault" },
          },
        },
      ],
    },
  };
}

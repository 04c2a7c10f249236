import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { labelNames } from "@ertis/provisioning-model";
import { namespaceManifest } from "../kinds/core.ts";
import { externalSecret } from "../kinds/external-secrets.ts";
import type { Manifest } from "../manifest.ts";
import { renderStack } from "../render-stack.ts";

/**
 * A cluster that stands already: a namespace on the management cluster, the facts of its halls for
 * people and tools, and its kubeconfig under the name and key that Cluster API uses for its own, so that
 * the stacks after this one need not know the difference.
 */
export function registeredClusterManifests(plan: SitePlan): readonly Manifest[] {
  const name = plan.site.id;
  const labels = { [labelNames.site]: name };
  return renderStack({ project: "clusters", stack: name }, [
    namespaceManifest(name, "restricted", labels),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `${name}-facts`, namespace: name, labels },
      data: {
        title: plan.site.title,
        mode: plan.mode,
        kubernetesVersion: plan.kubernetesVersion,
        registry: plan.registry,
        ...Object.fromEntries(
          plan.clusters.map((cluster) => [`${cluster.name}.json`, facts(cluster)]),
        ),
      },
    },
    externalSecret({
      metadata: { name: `${name}-kubeconfig`, namespace: name, labels },
      remoteKey: `clusters/${name}/kubeconfig`,
      properties: ["value"],
      type: "cluster.x-k8s.io/secret",
      secretLabels: { "cluster.x-k8s.io/cluster-name": name },
    }),
  ]);
}

function facts(cluster: ClusterPlan): string {
  const { hall, nodeClasses, powerFeeds, hosts } = cluster;
  const content = {
    hall: hall.id,
    usableWatts: hall.usableWatts,
    powerFeeds: powerFeeds.map(({ name }) => name),
    nodeClasses: nodeClasses.map(({ name, gpuModel, gpuCount }) => ({
      name,
      gpuModel,
      gpuCount,
      nodes: hosts.filter(({ nodeClass }) => nodeClass?.name === name).length,
    })),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

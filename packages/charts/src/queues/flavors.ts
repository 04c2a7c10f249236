import {
  type ClusterPlan,
  gpuTaint,
  labelNames,
  stateTaint,
  type SitePlan,
} from "@ertis/provisioning-model";
import type { NodeClass } from "@ertis/site-model";
import type { Manifest } from "../manifest.ts";
import { queueNames } from "./names.ts";

/** Nodes of a class in production. */
export function classFlavor(nodeClass: NodeClass): string {
  return nodeClass.name;
}

/** Nodes of a class that are being proved. */
export function burnInFlavor(nodeClass: NodeClass): string {
  return `${nodeClass.name}-burn-in`;
}

/**
 * From the hall down to the host, so that a job may ask for one rack, one row, or one power feed. A
 * level is a label that inventory puts on hosts and CAPM3 copies to nodes.
 */
function topologyManifest(): Manifest {
  return {
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "Topology",
    metadata: { name: queueNames.topology },
    spec: {
      levels: [
        { nodeLabel: labelNames.hall },
        { nodeLabel: labelNames.powerFeed },
        { nodeLabel: labelNames.row },
        { nodeLabel: labelNames.rack },
        { nodeLabel: "kubernetes.io/hostname" },
      ],
    },
  };
}

/**
 * Flavors of nodes and of power. A registered cluster has nodes that somebody else labelled, so its
 * flavors select nothing and know no topology: the GPU's resource name finds the nodes.
 */
export function flavorManifests(plan: SitePlan, cluster: ClusterPlan): readonly Manifest[] {
  const isProvisioned = plan.mode === "provisioned";
  const production = cluster.nodeClasses.map((nodeClass) =>
    flavor(classFlavor(nodeClass), isProvisioned ? nodeSpec(nodeClass) : bareSpec()),
  );
  const burnIn = isProvisioned
    ? cluster.nodeClasses.map((nodeClass) => flavor(burnInFlavor(nodeClass), burnInSpec(nodeClass)))
    : [];
  return [
    ...(isProvisioned ? [topologyManifest()] : []),
    ...production,
    ...burnIn,
    flavor(queueNames.hallFlavor, {}),
    flavor(queueNames.siteFlavor, {}),
  ];
}

function flavor(name: string, spec: Readonly<Record<string, unknown>>): Manifest {
  return {
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind: "ResourceFlavor",
    metadata: { name },
    spec,
  };
}

const gpuToleration = {
  key: gpuTaint.key,
  operator: "Equal",
  value: gpuTaint.value,
  effect: gpuTaint.effect,
} as const;

/**
 * Hosts outside production are kept out by their label: inventory changes it on the host, CAPM3 copies it
 * to the node, and Kueue puts this selector into the pods. A taint by hand keeps them out, too.
 */
function nodeSpec(nodeClass: NodeClass): Readonly<Record<string, unknown>> {
  return {
    nodeLabels: { [labelNames.nodeClass]: nodeClass.name, [labelNames.state]: "production" },
    tolerations: [gpuToleration],
    topologyName: queueNames.topology,
  };
}

function burnInSpec(nodeClass: NodeClass): Readonly<Record<string, unknown>> {
  return {
    nodeLabels: { [labelNames.nodeClass]: nodeClass.name, [labelNames.state]: "burn-in" },
    tolerations: [
      gpuToleration,
      { key: stateTaint.key, operator: "Equal", value: "burn-in", effect: stateTaint.effect },
    ],
    topologyName: queueNames.topology,
  };
}

function bareSpec(): Readonly<Record<string, unknown>> {
  return { tolerations: [gpuToleration] };
}

import type { ClusterPlan, Host, HostRole, HostState, PowerFeed } from "@ertis/provisioning-model";
import { labelNames } from "@ertis/provisioning-model";
import type { NodeClass } from "@ertis/site-model";
import type { HostSelector } from "../kinds/metal3.ts";

/** Machines that are alike: one set of templates, and a MachineDeployment in every feed with such hosts. */
export interface MachineClass {
  /** Name of the class in the ClusterClass: the node class, or `storage`. */
  readonly name: string;
  readonly role: HostRole;
  readonly nodeClass: NodeClass | undefined;
}

export const controlPlaneClass: MachineClass = {
  name: "control-plane",
  role: "control-plane",
  nodeClass: undefined,
};

const storageClass: MachineClass = { name: "storage", role: "storage", nodeClass: undefined };

/** Storage hosts also carry what must run before a GPU node is there: operators, DNS, monitoring. */
export function workerClasses(cluster: ClusterPlan): readonly MachineClass[] {
  const hasStorage = cluster.hosts.some(({ role }) => role === "storage");
  return [
    ...(hasStorage ? [storageClass] : []),
    ...cluster.nodeClasses.map((nodeClass) => ({
      name: nodeClass.name,
      role: "gpu" as const,
      nodeClass,
    })),
  ];
}

/**
 * States in which a host is a node. Burn-in and triage need one to run their tests on; the label, by
 * which the flavors of Kueue select, keeps other work away. A host in repair is none, so that its machine is drained and released.
 */
const nodeStates: readonly HostState[] = ["burn-in", "production", "triage"];

export function isNode({ state }: Host): boolean {
  return nodeStates.includes(state);
}

/** What only hosts of a class match, and only while they may be nodes. */
export function hostSelectorOf({ role, nodeClass }: MachineClass): HostSelector {
  return {
    matchLabels: {
      [labelNames.role]: role,
      ...(nodeClass === undefined ? {} : { [labelNames.nodeClass]: nodeClass.name }),
    },
    matchExpressions: [{ key: labelNames.state, operator: "in", values: nodeStates }],
  };
}

/** Labels of the machines of a class and of their nodes from the first moment on. */
export function classLabels({ role, nodeClass }: MachineClass): Readonly<Record<string, string>> {
  return {
    [labelNames.role]: role,
    ...(nodeClass === undefined
      ? {}
      : {
          [labelNames.nodeClass]: nodeClass.name,
          [labelNames.gpuModel]: nodeClass.gpuModel,
        }),
  };
}

export function hostsOfClass(cluster: ClusterPlan, machineClass: MachineClass): readonly Host[] {
  return cluster.hosts.filter(
    ({ role, nodeClass }) =>
      role === machineClass.role && nodeClass?.name === machineClass.nodeClass?.name,
  );
}

/** Feeds that supply hosts of a class, in the order of the hall. */
export function feedsOfClass(
  cluster: ClusterPlan,
  machineClass: MachineClass,
): readonly PowerFeed[] {
  const names = new Set(hostsOfClass(cluster, machineClass).map(({ powerFeed }) => powerFeed));
  return cluster.powerFeeds.filter(({ name }) => names.has(name));
}

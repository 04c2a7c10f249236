/** Labels, annotations and taints on hosts and nodes. One place; charts, policy and local clusters share it. */
export const labelNames = {
  site: "ertis.kz/site",
  /** The cluster's name, unique over all sites. */
  hall: "ertis.kz/hall",
  row: "ertis.kz/row",
  rack: "ertis.kz/rack",
  powerFeed: "ertis.kz/power-feed",
  role: "ertis.kz/role",
  nodeClass: "ertis.kz/node-class",
  gpuModel: "ertis.kz/gpu-model",
  state: "ertis.kz/state",
  /** Whatever Ertis writes carries it, so that a stack's objects can be listed. */
  stack: "ertis.kz/stack",
  failureDomain: "infrastructure.cluster.x-k8s.io/failure-domain",
} as const;

export const annotationNames = {
  /** The host's path in the power tree, for example `pavlodar-hub/substation-1/hall-2/row-03/rack-07/node-2`. */
  nodeId: "ertis.kz/node-id",
  ratedWatts: "ertis.kz/rated-watts",
  idleWatts: "ertis.kz/idle-watts",
} as const;

/** On every GPU node, so that only what asks for GPUs lands there. */
export const gpuTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" } as const;

/**
 * What a person may put on a node in trouble, with the state as value. Nothing sets it from the file: no
 * controller of Metal3 carries taints to nodes, so the label keeps work away. Only burn-in tolerates it.
 */
export const stateTaint = { key: "ertis.kz/state", effect: "NoSchedule" } as const;

/** The extended resource that GPUs of a model are, for example `nvidia.com/h100-sxm-80gb`. */
export function gpuResourceName(gpuModel: string): string {
  const name = gpuModel.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `nvidia.com/${name.replaceAll(/^-|-$/g, "")}`;
}

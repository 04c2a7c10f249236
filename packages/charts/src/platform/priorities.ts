import type { Manifest } from "../manifest.ts";

/**
 * Who gives way on a full node. Among jobs the queue decides, so they never push each other out at the
 * node: two judges would undo each other's work.
 */
const classes = [
  {
    name: "platform",
    value: 1_000_000,
    preemptionPolicy: "PreemptLowerPriority",
    globalDefault: false,
    description: "Programs that the hall needs to work at all.",
  },
  {
    name: "research",
    value: 1_000,
    preemptionPolicy: "Never",
    globalDefault: true,
    description: "Jobs; their queue decides which go first.",
  },
  {
    name: "burn-in",
    value: 100,
    preemptionPolicy: "Never",
    globalDefault: false,
    description: "Proofs of hosts, which can be run again.",
  },
] as const;

export function priorityClassManifests(): readonly Manifest[] {
  return classes.map(({ name, ...fields }) => ({
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name },
    ...fields,
  }));
}

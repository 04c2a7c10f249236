import type { Manifest } from "../manifest.ts";
import { defaultDenyManifest, namespaceManifest } from "../kinds/core.ts";

/** Who shares a cluster: each project has a namespace and a queue in every hall. */
export interface Project {
  /** A DNS label. */
  readonly name: string;
  /** Its share of the watts relative to the others, when more is asked than there is. */
  readonly shareWeight: number;
}

/** On the namespaces of projects; admission policies, queues and default-deny select by it. */
export const projectLabel = "ertis.kz/project";

/** Where hosts are proved before they enter production: a queue of its own, of the operators. */
export const burnInProject = "node-health";

/** The projects of all sites until a directory service owns them. */
export const defaultProjects: readonly Project[] = [
  { name: "language-models", shareWeight: 2 },
  { name: "genomics", shareWeight: 1 },
  { name: "weather", shareWeight: 1 },
];

export function projectNamespace(project: Pick<Project, "name">): string {
  return `project-${project.name}`;
}

/** Nothing of a project may starve or stop the others, and none reaches into another. */
export function projectManifests(project: Project): readonly Manifest[] {
  const namespace = projectNamespace(project);
  const labels = { [projectLabel]: project.name };
  return [
    namespaceManifest(namespace, "restricted", labels),
    defaultDenyManifest(namespace, labels),
    allowWithinManifest(namespace, labels),
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "objects", namespace, labels },
      // GPUs and watts are bounded by the queues; this bounds what the API server has to carry.
      spec: {
        hard: {
          pods: "20000",
          "count/jobs.batch": "20000",
          "count/configmaps": "2000",
          "count/secrets": "2000",
          persistentvolumeclaims: "500",
          "services.loadbalancers": "0",
          "services.nodeports": "0",
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "defaults", namespace, labels },
      spec: {
        limits: [
          {
            type: "Container",
            default: { cpu: "1", memory: "2Gi" },
            defaultRequest: { cpu: "500m", memory: "1Gi" },
          },
        ],
      },
    },
  ];
}

/** Ranks of one job talk to each other; every pod asks DNS and reads datasets from the hall's object store. */
function allowWithinManifest(
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Manifest {
  const dns = {
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      },
    ],
    ports: [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ],
  };
  const objectStore = {
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "rook-ceph" } },
        podSelector: { matchLabels: { app: "rook-ceph-rgw" } },
      },
    ],
    // Of the gateway's pods: policies see a packet when its Service has been resolved.
    ports: [{ protocol: "TCP", port: 8080 }],
  };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-within-project", namespace, labels },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }, dns, objectStore],
    },
  };
}

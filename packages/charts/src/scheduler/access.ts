import type { Manifest } from "../manifest.ts";
import { serverLabels, serverNames } from "./names.ts";

const { name, namespace } = serverNames;
const readers = `${name}-readers`;

/**
 * Who reaches what. The server asks the Kubernetes API nothing, so its account has no rights and no
 * token. The one role is for people: operators look at the pod and its log, and at no secret.
 */
export function accessManifests(): readonly Manifest[] {
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name, namespace },
      automountServiceAccountToken: false,
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: readers, namespace },
      rules: [
        {
          apiGroups: [""],
          resources: ["pods", "pods/log", "events", "configmaps", "persistentvolumeclaims"],
          verbs: ["get", "list", "watch"],
        },
        { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "list", "watch"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: readers, namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: readers },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "ertis:operators" }],
    },
    clientPolicy,
  ];
}

/** In: clients of labelled namespaces. Out: nothing, not even names; the server calls nobody. */
const clientPolicy: Manifest = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec: {
    podSelector: { matchLabels: serverLabels },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { [serverNames.clientLabel]: "true" } } }],
        ports: [{ protocol: "TCP", port: serverNames.port }],
      },
    ],
    egress: [],
  },
};

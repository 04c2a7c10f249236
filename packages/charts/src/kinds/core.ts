import type { Manifest } from "../manifest.ts";

/** Pod Security admission levels, strictest last. */
export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/** A namespace that enforces, warns and audits one Pod Security level. */
export function namespaceManifest(
  name: string,
  podSecurity: PodSecurityLevel,
  labels: Readonly<Record<string, string>> = {},
): Manifest {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      labels: {
        ...labels,
        "pod-security.kubernetes.io/enforce": podSecurity,
        "pod-security.kubernetes.io/audit": podSecurity,
        "pod-security.kubernetes.io/warn": podSecurity,
      },
    },
  };
}

/** Nothing in, nothing out, unless another policy allows it. */
export function defaultDenyManifest(
  namespace: string,
  labels: Readonly<Record<string, string>> = {},
): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "default-deny", namespace, labels },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
}

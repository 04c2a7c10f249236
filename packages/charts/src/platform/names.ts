/** Namespaces whose pods may touch the host. Nobody but the platform's own programs runs there. */
export const systemNamespaces: readonly string[] = [
  "kube-system",
  "gpu-operator",
  "network-operator",
  "rook-ceph",
  "monitoring",
];

/** Where hosts are proved; its pods alone may ignore the taint of hosts outside production. */
export const burnInNames = {
  namespace: "node-health",
  serviceAccount: "burn-in",
} as const;

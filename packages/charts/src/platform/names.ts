/** Namespaces whose pods may touch the host. Nobody but the platform's own programs runs there. */
export const systemNamespaces: readonly string[] = [
  "kube-system",
  "gpu-operator",
  "network-operator",
  "rook-ceph",
  "monitoring",
];

/** Where hosts are proved; its pods alone may tolerate the taint that people put on nodes in trouble. */
export const burnInNames = {
  namespace: "node-health",
  serviceAccount: "burn-in",
} as const;

/**
 * How the users begin that make pods of jobs and jobs of JobSets: kubeadm gives every controller of
 * Kubernetes an account of its own in `kube-system`. No account of a project begins so.
 */
export const jobControllers: readonly string[] = [
  "system:kube-controller-manager",
  "system:serviceaccount:kube-system:",
  "system:serviceaccount:jobset-system:",
  "system:serviceaccount:kueue-system:",
];

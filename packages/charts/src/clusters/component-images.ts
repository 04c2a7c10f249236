/** Images of nodes that no add-on brings, as their makers publish them. */
export const nodeImages = {
  /** Keeps a pod's namespaces; kubeadm 1.34 and 1.35 ask for this one. */
  pause: "registry.k8s.io/pause:3.10.1",
  /** Holds the address of a control plane on one of its hosts. */
  virtualAddress: "ghcr.io/kube-vip/kube-vip:v1.0.1",
} as const;

/** Where kubeadm takes its own images from; it adds name and version itself. */
export const kubeadmImageHost = "registry.k8s.io";

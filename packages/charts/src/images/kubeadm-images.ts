/** What kubeadm of a series pulls beside the images of its own version: `kubeadm config images list`. */
const companions: Readonly<Record<string, readonly string[]>> = {
  "1.34": ["registry.k8s.io/coredns/coredns:v1.12.1", "registry.k8s.io/etcd:3.6.5-0"],
  "1.35": ["registry.k8s.io/coredns/coredns:v1.13.1", "registry.k8s.io/etcd:3.6.6-0"],
};

/**
 * Images of a control plane, which no object names: kubeadm puts them together from its image repository
 * and its version. kube-proxy is not among them: the network of pods replaces it.
 *
 * @param version without `v`, for example `1.35.6`
 */
export function kubeadmImages(version: string): readonly string[] {
  const series = version.split(".").slice(0, 2).join(".");
  return [
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(
      (name) => `registry.k8s.io/${name}:v${version}`,
    ),
    ...(companions[series] ?? []),
  ];
}

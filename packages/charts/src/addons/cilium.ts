import { versions } from "../versions.ts";
import type { AddonDescription } from "./addon.ts";
import { repositoryAndTag } from "./image-values.ts";

const version = versions.addons.cilium;
const images = {
  agent: `quay.io/cilium/cilium:${version.app}`,
  operator: `quay.io/cilium/operator-generic:${version.app}`,
};

/**
 * The network of pods, first of all add-ons: without it no node is ready. Its custom resources are made
 * by the operator at run time, so nothing of a stack that installs it may write one.
 */
export const cilium: AddonDescription = {
  name: "cilium",
  project: "platform",
  chart: { name: "cilium", upstream: { kind: "oci", url: "oci://quay.io/cilium/charts/cilium" } },
  version,
  namespace: "kube-system",
  podSecurity: "privileged",
  images: Object.values(images),
  values: ({ registry, hall }) => ({
    image: { ...repositoryAndTag(registry, images.agent), useDigest: false },
    operator: {
      // The chart itself adds `-generic`, so its value is the name without it.
      image: {
        repository: repositoryAndTag(registry, images.operator).repository.replace(/-generic$/, ""),
        tag: version.app,
        useDigest: false,
      },
      replicas: 2,
    },
    // Rules of projects name addresses and ports, never paths of HTTP.
    l7Proxy: false,
    envoy: { enabled: false },
    cluster: { name: hall?.cluster.name ?? "management", id: 0 },
    ipam: { mode: "kubernetes" },
    kubeProxyReplacement: true,
    k8sServiceHost: hall?.cluster.networks.controlPlaneAddress ?? "localhost",
    k8sServicePort: 6443,
    // GPU nodes talk RDMA beside it; pods of one hall are one routed network without tunnels.
    routingMode: "native",
    ipv4NativeRoutingCIDR: hall?.cluster.networks.podCidr ?? "10.0.0.0/8",
    autoDirectNodeRoutes: true,
    policyEnforcementMode: "default",
    hubble: { enabled: false },
    prometheus: { enabled: true },
    // A host that is being proved needs a network, too.
    tolerations: [{ operator: "Exists" }],
  }),
  nodeSelectorPaths: ["operator.nodeSelector"],
  tolerationPaths: [],
  dependsOn: [],
  crds: ["cilium.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "DaemonSet", name: "cilium" },
};

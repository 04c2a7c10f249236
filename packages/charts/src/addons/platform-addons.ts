import { versions } from "../versions.ts";
import type { AddonDescription } from "./addon.ts";
import { certManager } from "./cert-manager.ts";
import { cilium } from "./cilium.ts";
import { componentImages } from "./component-images.ts";
import { gpuOperator } from "./gpu-operator.ts";
import { parseImage, siteRepository } from "../images/site-image.ts";
import { repositoryAndTag } from "./image-values.ts";
import { prometheusStack } from "./prometheus-stack.ts";

const { addons } = versions;
const rdmaImages = componentImages.networkOperator;
const cephImages = componentImages.ceph;

/** The folder of an image in a site's registry. */
function folderOf(registry: string, image: string): string {
  const full = siteRepository(registry, image);
  return full.slice(0, full.lastIndexOf("/"));
}

const networkOperator: AddonDescription = {
  name: "network-operator",
  project: "platform",
  chart: {
    name: "network-operator",
    upstream: { kind: "repository", url: "https://helm.ngc.nvidia.com/nvidia" },
  },
  version: addons.networkOperator,
  namespace: "network-operator",
  podSecurity: "privileged",
  images: Object.values(rdmaImages),
  values: ({ registry }) => ({
    // The GPU Operator brings the one node feature discovery.
    nfd: { enabled: false, deployNodeFeatureRules: true },
    upgradeCRDs: true,
    sriovNetworkOperator: { enabled: false },
    maintenanceOperator: { enabled: false },
    operator: {
      repository: folderOf(registry, rdmaImages.operator),
      tag: parseImage(rdmaImages.operator).tag,
      ofedDriver: {
        initContainer: {
          enable: true,
          repository: folderOf(registry, rdmaImages.initContainer),
          image: "network-operator-init-container",
          version: parseImage(rdmaImages.initContainer).tag,
        },
      },
    },
  }),
  nodeSelectorPaths: ["operator.nodeSelector"],
  tolerationPaths: ["operator.tolerations"],
  dependsOn: ["gpu-operator"],
  crds: ["mellanox.com"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "network-operator" },
};

const rook: AddonDescription = {
  name: "rook-ceph",
  project: "platform",
  chart: {
    name: "rook-ceph",
    upstream: { kind: "repository", url: "https://charts.rook.io/release" },
  },
  version: addons.rook,
  namespace: "rook-ceph",
  podSecurity: "privileged",
  images: Object.values(cephImages),
  values: ({ registry }) => ({
    image: repositoryAndTag(registry, cephImages.operator),
    crds: { enabled: true },
    // Discovery would ask every host for its drives; Ceph takes those of storage hosts only.
    enableDiscoveryDaemon: false,
    monitoring: { enabled: true },
    csi: {
      cephcsi: repositoryAndTag(registry, cephImages.csi),
      registrar: repositoryAndTag(registry, cephImages.registrar),
      provisioner: repositoryAndTag(registry, cephImages.provisioner),
      attacher: repositoryAndTag(registry, cephImages.attacher),
      resizer: repositoryAndTag(registry, cephImages.resizer),
      snapshotter: repositoryAndTag(registry, cephImages.snapshotter),
      // Claims are mounted where jobs run, GPU hosts in any state included.
      pluginTolerations: [{ operator: "Exists" }],
    },
    "ceph-csi-operator": {
      controllerManager: { manager: { image: repositoryAndTag(registry, cephImages.csiOperator) } },
    },
  }),
  nodeSelectorPaths: ["nodeSelector"],
  tolerationPaths: ["tolerations"],
  dependsOn: ["cilium"],
  crds: ["ceph.rook.io", "objectbucket.io", "csi.ceph.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "rook-ceph-operator" },
};

/** In every hall, in the order in which they can start. */
export const platformAddons: readonly AddonDescription[] = [
  cilium,
  certManager("platform", ["cilium"]),
  prometheusStack("platform", ["cert-manager"]),
  gpuOperator,
  networkOperator,
  rook,
];

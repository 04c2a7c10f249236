import { gpuTaint, labelNames } from "@ertis/provisioning-model";
import { versions } from "../versions.ts";
import type { AddonDescription, AddonValues } from "./addon.ts";
import { componentImages } from "./component-images.ts";
import { imageFields, repositoryAndTag } from "./image-values.ts";

const images = componentImages.gpuOperator;

const everyGpuHost = [
  { key: gpuTaint.key, operator: "Exists", effect: gpuTaint.effect },
  // A host cannot be proved before its driver runs.
  { key: labelNames.state, operator: "Exists", effect: "NoSchedule" },
];

/**
 * The part of the values that the chart turns into its one ClusterPolicy, field by field. The chart makes
 * that object always and cannot be told not to, so it is described here and a test checks the shape
 * against the definition of the kind.
 */
export function clusterPolicyValues(registry: string): AddonValues {
  const { tag, ...driver } = driverImage(registry);
  return {
    daemonsets: { priorityClassName: "system-node-critical", tolerations: everyGpuHost },
    driver: {
      enabled: true,
      ...driver,
      version: tag,
      rdma: { enabled: true, useHostMofed: false },
      manager: imageFields(registry, images.driverManager),
      upgradePolicy: { autoUpgrade: true, maxParallelUpgrades: 1, maxUnavailable: "1%" },
    },
    toolkit: { enabled: true, ...imageFields(registry, images.toolkit) },
    devicePlugin: { enabled: true, ...imageFields(registry, images.devicePlugin) },
    gfd: { enabled: true, ...imageFields(registry, images.devicePlugin) },
    dcgm: { enabled: true, ...imageFields(registry, images.dcgm) },
    dcgmExporter: {
      enabled: true,
      ...imageFields(registry, images.dcgmExporter),
      serviceMonitor: {
        enabled: true,
        interval: "15s",
        honorLabels: false,
        // Which node: what joins a GPU's draw with its row and rack.
        relabelings: [
          {
            sourceLabels: ["__meta_kubernetes_pod_node_name"],
            targetLabel: "node",
            action: "replace",
          },
        ],
      },
    },
    validator: imageFields(registry, images.operator),
    nodeStatusExporter: { enabled: true, ...imageFields(registry, images.operator) },
    migManager: { enabled: true, ...imageFields(registry, images.migManager) },
    mig: { strategy: "single" },
    cdi: { enabled: true },
  };
}

/** The operator adds the system to the tag by itself: `580.126.20` becomes `580.126.20-ubuntu24.04`. */
function driverImage(registry: string): {
  readonly repository: string;
  readonly image: string;
  readonly tag: string;
} {
  const { repository, image } = imageFields(registry, images.driver);
  return { repository, image, tag: versions.host.driver.version };
}

/** Drivers, device plugin, labels and metrics of GPUs; the one owner of node feature discovery. */
export const gpuOperator: AddonDescription = {
  name: "gpu-operator",
  project: "platform",
  chart: {
    name: "gpu-operator",
    upstream: { kind: "repository", url: "https://helm.ngc.nvidia.com/nvidia" },
  },
  version: versions.addons.gpuOperator,
  namespace: "gpu-operator",
  podSecurity: "privileged",
  images: Object.values(images),
  values: ({ registry }) => ({
    ...clusterPolicyValues(registry),
    operator: { ...imageFields(registry, images.operator), upgradeCRD: true },
    nfd: { enabled: true },
    "node-feature-discovery": {
      image: repositoryAndTag(registry, images.nodeFeatureDiscovery),
      worker: { tolerations: [{ operator: "Exists" }] },
    },
  }),
  nodeSelectorPaths: [
    "operator.nodeSelector",
    "node-feature-discovery.master.nodeSelector",
    "node-feature-discovery.gc.nodeSelector",
  ],
  tolerationPaths: [
    "operator.tolerations",
    "node-feature-discovery.master.tolerations",
    "node-feature-discovery.gc.tolerations",
  ],
  dependsOn: ["cilium", "kube-prometheus-stack"],
  crds: ["nvidia.com", "nfd.k8s-sigs.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "gpu-operator" },
};

import { gpuTaint, labelNames, type SitePlan } from "@ertis/provisioning-model";
import { componentImages } from "../addons/component-images.ts";
import { imageFields } from "../addons/image-values.ts";
import type { Manifest } from "../manifest.ts";

/**
 * RDMA on GPU nodes: the network driver, and the adapters as the shared resource `rdma/hca`. The chart
 * brings only the operator; this object is ours, so that the API server checks its shape.
 */
export function nicPolicyManifest(plan: SitePlan): Manifest {
  const { ofedDriver, rdmaDevicePlugin } = componentImages.networkOperator;
  return {
    apiVersion: "mellanox.com/v1alpha1",
    kind: "NicClusterPolicy",
    metadata: { name: "nic-cluster-policy" },
    spec: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: labelNames.role, operator: "In", values: ["gpu"] }] },
          ],
        },
      },
      // Also on hosts that are proved or repaired: without a network they cannot be.
      tolerations: [
        { key: gpuTaint.key, operator: "Exists", effect: gpuTaint.effect },
        { key: labelNames.state, operator: "Exists", effect: "NoSchedule" },
      ],
      ofedDriver: {
        ...imageFields(plan.registry, ofedDriver),
        upgradePolicy: {
          autoUpgrade: true,
          maxParallelUpgrades: 1,
          drain: { enable: true, force: false, timeoutSeconds: 3600 },
        },
        startupProbe: { initialDelaySeconds: 10, periodSeconds: 20 },
        livenessProbe: { initialDelaySeconds: 30, periodSeconds: 30 },
        readinessProbe: { initialDelaySeconds: 10, periodSeconds: 30 },
      },
      rdmaSharedDevicePlugin: {
        ...imageFields(plan.registry, rdmaDevicePlugin),
        config: JSON.stringify({
          configList: [{ resourceName: "hca", rdmaHcaMax: 63, selectors: { vendors: ["15b3"] } }],
        }),
      },
    },
  };
}

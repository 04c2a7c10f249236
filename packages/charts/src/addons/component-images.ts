import { versions } from "../versions.ts";

const { addons } = versions;
const rdma = `network-operator-${addons.networkOperator.app}`;

type Images<Name extends string> = Readonly<Record<Name, string>>;

export interface ComponentImages {
  readonly gpuOperator: Images<
    | "operator"
    | "driver"
    | "driverManager"
    | "toolkit"
    | "devicePlugin"
    | "dcgm"
    | "dcgmExporter"
    | "migManager"
    | "nodeFeatureDiscovery"
  >;
  readonly networkOperator: Images<
    "operator" | "initContainer" | "ofedDriver" | "rdmaDevicePlugin"
  >;
  readonly ceph: Images<
    | "operator"
    | "ceph"
    | "csi"
    | "csiOperator"
    | "registrar"
    | "provisioner"
    | "attacher"
    | "resizer"
    | "snapshotter"
  >;
  readonly ertis: Images<"server">;
}

/**
 * Images that custom resources and values name one by one, as their makers publish them. Tags are those
 * of the releases in `versions.ts`; a release's other tags are checked by the mirror run, which renders
 * the charts and compares.
 */
export const componentImages: ComponentImages = {
  gpuOperator: {
    operator: `nvcr.io/nvidia/gpu-operator:${addons.gpuOperator.app}`,
    driver: `nvcr.io/nvidia/driver:${versions.host.driver.version}-ubuntu24.04`,
    driverManager: "nvcr.io/nvidia/cloud-native/k8s-driver-manager:v0.11.0",
    toolkit: `nvcr.io/nvidia/k8s/container-toolkit:v${versions.host.containerToolkit.version}`,
    devicePlugin: "nvcr.io/nvidia/k8s-device-plugin:v0.19.2",
    dcgm: "nvcr.io/nvidia/cloud-native/dcgm:4.5.2-1-ubuntu22.04",
    dcgmExporter: "nvcr.io/nvidia/k8s/dcgm-exporter:4.5.3-4.8.2-distroless",
    migManager: "nvcr.io/nvidia/cloud-native/k8s-mig-manager:v0.14.2",
    nodeFeatureDiscovery: "registry.k8s.io/nfd/node-feature-discovery:v0.18.3",
  },
  networkOperator: {
    operator: `nvcr.io/nvidia/cloud-native/network-operator:${addons.networkOperator.app}`,
    initContainer: `nvcr.io/nvidia/mellanox/network-operator-init-container:${rdma}`,
    ofedDriver: "nvcr.io/nvidia/mellanox/doca-driver:doca3.2.0-25.10-1.2.8.0-2",
    rdmaDevicePlugin: `nvcr.io/nvidia/mellanox/k8s-rdma-shared-dev-plugin:${rdma}`,
  },
  ceph: {
    operator: `docker.io/rook/ceph:${addons.rook.app}`,
    ceph: `quay.io/ceph/ceph:${versions.ceph.version}`,
    csi: "quay.io/cephcsi/cephcsi:v3.16.2",
    csiOperator: "quay.io/cephcsi/ceph-csi-operator:v1.0.4",
    registrar: "registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.16.0",
    provisioner: "registry.k8s.io/sig-storage/csi-provisioner:v6.1.1",
    attacher: "registry.k8s.io/sig-storage/csi-attacher:v4.11.0",
    resizer: "registry.k8s.io/sig-storage/csi-resizer:v2.1.0",
    snapshotter: "registry.k8s.io/sig-storage/csi-snapshotter:v8.5.0",
  },
  /** Built from this repository and pushed to each registry; there is no upstream to mirror. */
  ertis: { server: `ertis.kz/scheduler:${versions.ertis.version}` },
};

import type { HostFile } from "../kinds/kubeadm.ts";
import { textFile } from "./containerd-files.ts";
import type { MachineClass } from "./machine-class.ts";

/** kubeadm merges what lies here into the kubelet's configuration. */
export const kubeadmPatchDirectory = "/etc/kubernetes/patches";

/** Pods of a node have a /24; provisioning files size the pod network of a hall for it. */
export const nodePodCidrBits = 24;

const common = {
  maxPods: 110,
  podPidsLimit: 16_384,
  serializeImagePulls: false,
  maxParallelImagePulls: 4,
  containerLogMaxSize: "50Mi",
  containerLogMaxFiles: 5,
  imageGCHighThresholdPercent: 80,
  imageGCLowThresholdPercent: 70,
  // Trainers write a checkpoint when they are told to stop.
  shutdownGracePeriod: "180s",
  shutdownGracePeriodCriticalPods: "30s",
  rotateCertificates: true,
  evictionHard: {
    "memory.available": "2Gi",
    "nodefs.available": "10%",
    "nodefs.inodesFree": "5%",
    "imagefs.available": "10%",
  },
} as const;

/**
 * GPU nodes give whole cores to pods that ask for them, and GPUs, NICs and cores from near each other
 * where that can be had. `best-effort`, because a job over all GPUs of a node spans both sockets, and a
 * pod that the stricter policies refuse fails for good.
 */
const gpuNode = {
  cpuManagerPolicy: "static",
  topologyManagerPolicy: "best-effort",
  topologyManagerPolicyOptions: { "prefer-closest-numa-nodes": "true" },
  // Drivers, fabric managers and exporters need cores of their own beside kubelet and containerd.
  kubeReserved: { cpu: "2", memory: "8Gi", "ephemeral-storage": "20Gi" },
  systemReserved: { cpu: "6", memory: "24Gi", "ephemeral-storage": "20Gi" },
} as const;

const managementNode = {
  kubeReserved: { cpu: "1", memory: "2Gi", "ephemeral-storage": "10Gi" },
  systemReserved: { cpu: "1", memory: "4Gi", "ephemeral-storage": "10Gi" },
} as const;

export function kubeletFile({ role }: MachineClass): HostFile {
  return textFile(
    `${kubeadmPatchDirectory}/kubeletconfiguration0+merge.json`,
    `${JSON.stringify({ ...common, ...(role === "gpu" ? gpuNode : managementNode) }, undefined, 2)}\n`,
  );
}

import { gpuTaint } from "@ertis/provisioning-model";
import type { Infrastructure } from "./infrastructure.ts";
import type { NodeRegistration } from "../kinds/kubeadm.ts";
import { classLabels, type MachineClass } from "./machine-class.ts";

/**
 * How a node of a class enters its cluster: with its labels, and on GPU nodes with the taint, so that
 * nothing lands there in the first seconds. Nodes of Metal3 bear the name of their host, and the label
 * by which Metal3 finds them.
 */
export function nodeRegistration(
  machineClass: MachineClass,
  infrastructure: Infrastructure,
): NodeRegistration {
  const isMetal = infrastructure === "metal3";
  const labels = [
    ...Object.entries(classLabels(machineClass)).map(([key, value]) => `${key}=${value}`),
    ...(isMetal ? ["metal3.io/uuid={{ ds.meta_data.uuid }}"] : []),
  ];
  return {
    ...(isMetal ? { name: "{{ ds.meta_data.local_hostname }}" } : {}),
    criSocket: "unix:///var/run/containerd/containerd.sock",
    imagePullPolicy: "IfNotPresent",
    kubeletExtraArgs: [{ name: "node-labels", value: labels.join(",") }],
    ...(machineClass.role === "gpu" ? { taints: [gpuTaint] } : {}),
  };
}

import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { kubeadmApiVersions, type KubeadmConfigTemplateSpec } from "../kinds/kubeadm.ts";
import type { Manifest } from "../manifest.ts";
import { containerdFiles, textFile } from "./containerd-files.ts";
import { hashedTemplate } from "./hashed-template.ts";
import type { Infrastructure } from "./infrastructure.ts";
import { kubeadmPatchDirectory, kubeletFile } from "./kubelet-file.ts";
import type { MachineClass } from "./machine-class.ts";
import { nodeRegistration } from "./node-registration.ts";

/** Settings of the kernel that trainers and data loaders need: many files, maps and watches. */
const gpuKernelSettings = [
  "fs.inotify.max_user_instances = 8192",
  "fs.inotify.max_user_watches = 1048576",
  // Pages of pinned buffers are not moved between sockets under a running job.
  "kernel.numa_balancing = 0",
  "vm.max_map_count = 1048576",
  "",
].join("\n");

/** How hosts of a class become nodes. */
export function bootstrapTemplate(
  plan: SitePlan,
  cluster: ClusterPlan,
  options: { readonly machineClass: MachineClass; readonly infrastructure: Infrastructure },
): Manifest {
  const { machineClass, infrastructure } = options;
  const hasGpus = machineClass.role === "gpu";
  const spec: KubeadmConfigTemplateSpec = {
    template: {
      spec: {
        joinConfiguration: {
          nodeRegistration: nodeRegistration(machineClass, infrastructure),
          patches: { directory: kubeadmPatchDirectory },
        },
        files: [
          ...containerdFiles(plan.registry, hasGpus),
          kubeletFile(machineClass),
          ...(hasGpus ? [textFile("/etc/sysctl.d/90-ertis-gpu.conf", gpuKernelSettings)] : []),
        ],
        preKubeadmCommands: [
          ...(hasGpus ? ["sysctl --system"] : []),
          "systemctl daemon-reload",
          "systemctl restart containerd",
        ],
      },
    },
  };
  return hashedTemplate({
    apiVersion: kubeadmApiVersions.bootstrap,
    kind: "KubeadmConfigTemplate",
    namespace: cluster.name,
    purpose: machineClass.name,
    spec,
  });
}

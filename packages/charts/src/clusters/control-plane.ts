import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import {
  kubeadmApiVersions,
  type ClusterConfiguration,
  type HostFile,
  type KubeadmConfigSpec,
  type KubeadmControlPlaneTemplateSpec,
} from "../kinds/kubeadm.ts";
import type { Manifest } from "../manifest.ts";
import { auditPolicy } from "./audit-policy.ts";
import { kubeadmImageHost } from "./component-images.ts";
import { containerdFiles, textFile } from "./containerd-files.ts";
import { hashedTemplate } from "./hashed-template.ts";
import type { Infrastructure } from "./infrastructure.ts";
import { kubeadmPatchDirectory, kubeletFile, nodePodCidrBits } from "./kubelet-file.ts";
import { controlPlaneClass } from "./machine-class.ts";
import { encryptionKey, encryptionSecretName } from "./names.ts";
import { nodeRegistration } from "./node-registration.ts";
import { afterKubeadm, beforeKubeadm, virtualAddressFile } from "./virtual-address.ts";

const auditPolicyPath = "/etc/kubernetes/audit/policy.yaml";
const auditLogDirectory = "/var/log/kubernetes/audit";
const encryptionDirectory = "/etc/kubernetes/encryption";

/** etcd loses its quorum with two of three hosts, so machines are replaced one by one and not added. */
export function controlPlaneTemplate(
  plan: SitePlan,
  cluster: ClusterPlan,
  infrastructure: Infrastructure,
): Manifest {
  const spec: KubeadmControlPlaneTemplateSpec = {
    template: {
      spec: {
        kubeadmConfigSpec: configSpec(plan, cluster, infrastructure),
        machineTemplate: {
          spec: {
            deletion: {
              nodeDrainTimeoutSeconds: 600,
              nodeVolumeDetachTimeoutSeconds: 600,
              nodeDeletionTimeoutSeconds: 600,
            },
          },
        },
        remediation: { maxRetry: 2, minHealthyPeriodSeconds: 3600, retryPeriodSeconds: 1800 },
        rollout: {
          before: { certificatesExpiryDays: 30 },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0 } },
        },
      },
    },
  };
  return hashedTemplate({
    apiVersion: kubeadmApiVersions.controlPlane,
    kind: "KubeadmControlPlaneTemplate",
    namespace: cluster.name,
    purpose: "control-plane",
    spec,
  });
}

function configSpec(
  plan: SitePlan,
  cluster: ClusterPlan,
  infrastructure: Infrastructure,
): KubeadmConfigSpec {
  const node = {
    nodeRegistration: nodeRegistration(controlPlaneClass, infrastructure),
    patches: { directory: kubeadmPatchDirectory },
  };
  const isMetal = infrastructure === "metal3";
  return {
    clusterConfiguration: clusterConfiguration(plan, cluster, isMetal),
    // The network add-on does the work of kube-proxy.
    initConfiguration: { ...node, ...(isMetal ? { skipPhases: ["addon/kube-proxy"] } : {}) },
    joinConfiguration: node,
    files: [
      ...containerdFiles(plan.registry, false),
      kubeletFile(controlPlaneClass),
      textFile(auditPolicyPath, `${JSON.stringify(auditPolicy, undefined, 2)}\n`),
      ...(isMetal ? [virtualAddressFile(cluster, plan.registry), encryptionFile(cluster)] : []),
    ],
    preKubeadmCommands: [
      "systemctl daemon-reload",
      "systemctl restart containerd",
      ...(isMetal ? [beforeKubeadm] : []),
    ],
    ...(isMetal ? { postKubeadmCommands: [afterKubeadm] } : {}),
  };
}

/** By reference: the key comes from OpenBao into a Secret, and from there to the hosts only. */
function encryptionFile(cluster: ClusterPlan): HostFile {
  return {
    path: `${encryptionDirectory}/${encryptionKey}`,
    owner: "root:root",
    permissions: "0600",
    contentFrom: { secret: { name: encryptionSecretName(cluster), key: encryptionKey } },
  };
}

function clusterConfiguration(
  plan: SitePlan,
  cluster: ClusterPlan,
  isMetal: boolean,
): ClusterConfiguration {
  const images = `${plan.registry}/${kubeadmImageHost}`;
  return {
    // Nothing is pulled in memory, and the CoreDNS that is played there cannot move to another name.
    ...(isMetal
      ? {
          imageRepository: images,
          // kubeadm leaves out the folder CoreDNS has upstream once the repository is not upstream's.
          dns: { imageRepository: `${images}/coredns` },
        }
      : {}),
    apiServer: {
      certSANs: [
        cluster.networks.controlPlaneAddress,
        // In-memory API servers all answer here.
        ...(isMetal ? [] : ["localhost", "127.0.0.1"]),
      ],
      extraArgs: [
        { name: "audit-log-maxage", value: "30" },
        { name: "audit-log-maxbackup", value: "20" },
        { name: "audit-log-maxsize", value: "200" },
        { name: "audit-log-path", value: `${auditLogDirectory}/audit.log` },
        { name: "audit-policy-file", value: auditPolicyPath },
        { name: "enable-admission-plugins", value: "NodeRestriction" },
        // Keeps connections of thousands of kubelets spread over the API servers after one restarts.
        { name: "goaway-chance", value: "0.001" },
        { name: "profiling", value: "false" },
        { name: "tls-min-version", value: "VersionTLS12" },
        ...(isMetal
          ? [
              {
                name: "encryption-provider-config",
                value: `${encryptionDirectory}/${encryptionKey}`,
              },
            ]
          : []),
      ],
      extraVolumes: [
        volume("audit-policy", auditPolicyPath, "File"),
        { ...volume("audit-log", auditLogDirectory, "DirectoryOrCreate"), readOnly: false },
        ...(isMetal ? [volume("encryption", encryptionDirectory, "DirectoryOrCreate")] : []),
      ],
    },
    controllerManager: {
      extraArgs: [
        // Scraped by the monitoring of the cluster; authenticated and authorized as the API is.
        { name: "bind-address", value: "0.0.0.0" },
        { name: "node-cidr-mask-size", value: String(nodePodCidrBits) },
        { name: "profiling", value: "false" },
        { name: "terminated-pod-gc-threshold", value: "5000" },
      ],
    },
    scheduler: {
      extraArgs: [
        { name: "bind-address", value: "0.0.0.0" },
        { name: "profiling", value: "false" },
      ],
    },
    etcd: {
      local: {
        extraArgs: [
          { name: "listen-metrics-urls", value: "http://127.0.0.1:2381" },
          { name: "quota-backend-bytes", value: String(8 * 1024 ** 3) },
        ],
      },
    },
  };
}

function volume(
  name: string,
  path: string,
  pathType: "File" | "DirectoryOrCreate",
): {
  readonly name: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly pathType: "File" | "DirectoryOrCreate";
  readonly readOnly: boolean;
} {
  return { name, hostPath: path, mountPath: path, pathType, readOnly: true };
}

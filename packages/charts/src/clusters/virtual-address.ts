import type { ClusterPlan } from "@ertis/provisioning-model";
import { siteImage } from "../images/site-image.ts";
import type { HostFile } from "../kinds/kubeadm.ts";
import { nodeImages } from "./component-images.ts";
import { textFile } from "./containerd-files.ts";

const manifestPath = "/etc/kubernetes/manifests/kube-vip.yaml";

/** Port of the API servers, at the hosts and at the virtual address. */
export const apiServerPort = 6443;

/** A static pod on each control plane host; one of them answers at the control plane's address (ARP). */
export function virtualAddressFile(cluster: ClusterPlan, registry: string): HostFile {
  const environment = {
    address: cluster.networks.controlPlaneAddress,
    port: String(apiServerPort),
    vip_arp: "true",
    vip_subnet: "32",
    cp_enable: "true",
    cp_namespace: "kube-system",
    vip_leaderelection: "true",
    vip_leaseduration: "15",
    vip_renewdeadline: "10",
    vip_retryperiod: "2",
  };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "kube-vip", namespace: "kube-system" },
    spec: {
      hostNetwork: true,
      hostAliases: [{ ip: "127.0.0.1", hostnames: ["kubernetes"] }],
      priorityClassName: "system-node-critical",
      containers: [
        {
          name: "kube-vip",
          image: siteImage(registry, nodeImages.virtualAddress),
          imagePullPolicy: "IfNotPresent",
          args: ["manager"],
          env: Object.entries(environment).map(([name, value]) => ({ name, value })),
          resources: {
            requests: { cpu: "50m", memory: "64Mi" },
            limits: { memory: "256Mi" },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] },
          },
          volumeMounts: [
            { name: "kubeconfig", mountPath: "/etc/kubernetes/admin.conf", readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: "kubeconfig", hostPath: { path: "/etc/kubernetes/admin.conf", type: "File" } },
      ],
    },
  };
  return {
    ...textFile(manifestPath, `${JSON.stringify(pod, undefined, 2)}\n`),
    permissions: "0600",
  };
}

/**
 * On the host where the cluster begins, `admin.conf` may do nothing until kubeadm has written its role,
 * and kubeadm waits for the address first. Only that host has `kubeadm.yaml`; there the pod starts with
 * `super-admin.conf` and is put back afterwards.
 */
export const beforeKubeadm: string = `if [ -f /run/kubeadm/kubeadm.yaml ]; then sed -i 's#"path": "/etc/kubernetes/admin.conf"#"path": "/etc/kubernetes/super-admin.conf"#' ${manifestPath}; fi`;

export const afterKubeadm: string = `if [ -f /run/kubeadm/kubeadm.yaml ]; then sed -i 's#"path": "/etc/kubernetes/super-admin.conf"#"path": "/etc/kubernetes/admin.conf"#' ${manifestPath}; fi`;

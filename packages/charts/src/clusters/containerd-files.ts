import { siteImage } from "../images/site-image.ts";
import type { HostFile } from "../kinds/kubeadm.ts";
import { nodeImages } from "./component-images.ts";

/** Registries whose names still appear in charts and manifests of others. */
const upstreamRegistries = ["docker.io", "ghcr.io", "nvcr.io", "quay.io", "registry.k8s.io"];

/** Where the GPU Operator's toolkit puts its runtime; declared here so that the handler always exists. */
const gpuRuntimePath = "/usr/local/nvidia/toolkit/nvidia-container-runtime";

/**
 * containerd 2 of the host image reads drop-ins and one folder a registry. No name falls back to the
 * internet: known upstream names are paths in the site's registry, and all others are asked of it as
 * they are.
 */
export function containerdFiles(registry: string, hasGpus: boolean): readonly HostFile[] {
  return [
    textFile("/etc/containerd/conf.d/10-ertis.toml", containerdSettings(registry, hasGpus)),
    // Pinned memory of GPUs and RDMA is locked; the default of systemd is 8 MiB.
    textFile(
      "/etc/systemd/system/containerd.service.d/10-memory-lock.conf",
      "[Service]\nLimitMEMLOCK=infinity\n",
    ),
    ...upstreamRegistries.map((host) => registryFile(host, `https://${registry}/v2/${host}`)),
    registryFile("_default", `https://${registry}/v2`),
  ];
}

export function textFile(path: string, content: string): HostFile {
  return { path, owner: "root:root", permissions: "0644", content };
}

function containerdSettings(registry: string, hasGpus: boolean): string {
  const runtime = "plugins.'io.containerd.cri.v1.runtime'";
  const images = "plugins.'io.containerd.cri.v1.images'";
  return [
    "version = 3",
    `[${images}.registry]`,
    "config_path = '/etc/containerd/certs.d'",
    `[${images}.pinned_images]`,
    `sandbox = '${siteImage(registry, nodeImages.pause)}'`,
    `[${runtime}.containerd.runtimes.runc.options]`,
    "SystemdCgroup = true",
    ...(hasGpus
      ? [
          `[${runtime}.containerd.runtimes.nvidia]`,
          "runtime_type = 'io.containerd.runc.v2'",
          `[${runtime}.containerd.runtimes.nvidia.options]`,
          `BinaryName = '${gpuRuntimePath}'`,
          "SystemdCgroup = true",
        ]
      : []),
    "",
  ].join("\n");
}

/** `server` too is the site: it is what containerd falls back to. */
function registryFile(name: string, url: string): HostFile {
  const lines = [
    `server = '${url}'`,
    `[host.'${url}']`,
    "capabilities = ['pull', 'resolve']",
    "override_path = true",
    "",
  ];
  return textFile(`/etc/containerd/certs.d/${name}/hosts.toml`, lines.join("\n"));
}

import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import { helmReleaseType } from "../resource.ts";
import type { Resource } from "../resource.ts";
import { kubernetesObject, resourceOf } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { sourcesInCountry } from "./sources-in-country.ts";

function deployment(image: unknown): Resource {
  const spec = { template: { spec: { containers: [{ name: "a", image }] } } };
  return kubernetesObject({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d" },
    spec,
  });
}

function objectOf(kind: string, rest: Fields): Resource {
  return kubernetesObject({ apiVersion: "example.com/v1", kind, metadata: { name: "o" }, ...rest });
}

function release(inputs: Fields): Resource {
  return resourceOf(helmReleaseType, "addon", { inputs });
}

const mirror = "registry.small.ertis.kz";

test.each<[string, Resource]>([
  ["an image of the site", deployment(`${mirror}/ghcr.io/x/y:v1`)],
  ["an image with a port and a digest", deployment(`${mirror}:5000/x@sha256:00`)],
  ["an image not known yet", deployment(unknownValue)],
  [
    "a BMC on a private address",
    objectOf("Host", { bmc: { address: "redfish+https://10.161.0.7/redfish/v1" } }),
  ],
  [
    "a BMC on a private IPv6 address",
    objectOf("Host", { bmc: { address: "redfish://[fd00::7]:443/x" } }),
  ],
  ["a service of the cluster", objectOf("Config", { url: "http://loki.monitoring.svc:3100/push" })],
  ["a service beside the caller", objectOf("Config", { url: "http://loki:3100/push" })],
  ["a bucket of our own store", objectOf("Config", { path: "s3://state-database/wal" })],
  ["a socket", objectOf("Config", { endpoint: "unix:///run/containerd/containerd.sock" })],
  ["a host that is filled in", objectOf("Config", { url: "https://$(NODE_IP):10250" })],
  ["a link in prose", objectOf("Config", { description: "see https://kubernetes.io/docs" })],
  [
    "parts of an image",
    objectOf("ClusterPolicy", {
      driver: { repository: `${mirror}/nvcr.io/nvidia`, image: "driver", version: "580" },
    }),
  ],
  [
    "registry and repository",
    objectOf("Values", { image: { registry: mirror, repository: "cilium/cilium", tag: "v1" } }),
  ],
  ["kubeadm's repository", objectOf("Kubeadm", { imageRepository: `${mirror}/registry.k8s.io` })],
  [
    "a manifest as text",
    objectOf("Kubeadm", { content: `spec:\n  containers:\n    - image: ${mirror}/kube-vip:v1\n` }),
  ],
  ["a chart of the site", release({ chart: `oci://${mirror}/charts/kueue`, version: "0.18.2" })],
  ["a chart in the repository", release({ chart: "./charts/kueue" })],
])("good: %s", (_, resource) => {
  expect(sourcesInCountry.check(resource, smallFacts())).toEqual([]);
});

test("good: links in the schemas of others", () => {
  const crd = kubernetesObject({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "x", annotations: { doc: "https://github.com/kubernetes" } },
  });
  expect(sourcesInCountry.check(crd, smallFacts())).toEqual([]);
});

test.each<[string, Resource, string]>([
  [
    "an image abroad",
    deployment("quay.io/x/y:v1"),
    "spec.template.spec.containers.0.image: the image quay.io/x/y:v1 comes from quay.io",
  ],
  ["an image without a registry", deployment("nginx:1"), "comes from docker.io"],
  ["an image of an organisation", deployment("grafana/grafana:12"), "comes from docker.io"],
  [
    "a name that only ends alike",
    deployment("registry.evil-ertis.kz/x:1"),
    "comes from registry.evil-ertis.kz",
  ],
  [
    "a public address",
    objectOf("Host", { bmc: { address: "redfish+https://203.0.113.7/redfish" } }),
    "a URL names the host 203.0.113.7",
  ],
  [
    "a bucket abroad",
    objectOf("Config", { path: "gs://state-database/wal" }),
    "a URL names the cloud storage gs://state-database",
  ],
  [
    "a URL with a user",
    objectOf("Config", { url: "https://a:b@example.com/x" }),
    "names the host example.com",
  ],
  [
    "a URL in a text",
    objectOf("Config", { data: { "x.toml": "server = 'https://registry.k8s.io'\n" } }),
    "data.x.toml: a URL names the host registry.k8s.io",
  ],
  [
    "parts of an image",
    objectOf("ClusterPolicy", {
      driver: { repository: "nvcr.io/nvidia", image: "driver", version: "580" },
    }),
    "driver.repository: the image nvcr.io/nvidia/driver comes from nvcr.io",
  ],
  [
    "a repository of charts' values",
    objectOf("Values", { image: { repository: "rook/ceph", tag: "v1" } }),
    "comes from docker.io",
  ],
  [
    "a registry of charts' values",
    objectOf("Values", { global: { imageRegistry: "docker.io" } }),
    "global.imageRegistry: the registry is docker.io",
  ],
  [
    "kubeadm's repository",
    objectOf("Kubeadm", { imageRepository: "registry.k8s.io" }),
    "imageRepository: the registry is registry.k8s.io",
  ],
  [
    "an image with another key",
    objectOf("Cluster", { spec: { imageName: "ghcr.io/cloudnative-pg/postgresql:18" } }),
    "spec.imageName",
  ],
  [
    "a manifest as text",
    objectOf("Kubeadm", { content: "spec:\n  containers:\n    - image: ghcr.io/kube-vip:v1\n" }),
    "content: the image ghcr.io/kube-vip:v1",
  ],
  [
    "a chart abroad",
    release({ chart: "oci://ghcr.io/charts/kueue" }),
    "chart: a URL names the host ghcr.io",
  ],
  ["a chart by name only", release({ chart: "cilium/cilium" }), "names no registry"],
  [
    "a repository of charts",
    release({ chart: "cilium", repositoryOpts: { repo: "https://helm.cilium.io" } }),
    "repositoryOpts.repo: a URL names the host helm.cilium.io",
  ],
])("bad: %s", (_, resource, says) => {
  const [message, ...others] = sourcesInCountry.check(resource, smallFacts());
  expect(message).toContain(says);
  expect(message).toContain("Allowed are hosts in .ertis.kz");
  expect(others).toEqual([]);
});

test("good: site files with mistakes stop the stack by themselves", () => {
  const mistake = { file: "a.yaml", line: 1, column: 1, path: "site", message: "is missing" };
  const facts = { ...smallFacts(), plan: undefined, plans: [], mistakes: [mistake] };
  expect(sourcesInCountry.check(deployment("quay.io/x/y:v1"), facts)).toEqual([]);
});

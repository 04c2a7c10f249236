import { siteImage } from "../images/site-image.ts";
import type { Manifest } from "../manifest.ts";
import { versions } from "../versions.ts";
import { managementNamespaces } from "./namespaces.ts";

interface Provider {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  /** Of the manager, as its makers publish it, without the tag: that is the version. */
  readonly image: string;
  /** Where its makers publish the releases: `<releases>/<version>/<file>`. */
  readonly releases: string;
  /** File of a release with its objects; `metadata.yaml` lies beside it. */
  readonly components: string;
  /** Name of the artifact with both files in the registry. */
  readonly artifact: string;
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

const { clusterApi, metal3, metal3Ipam } = versions.providers;
const coreReleases = "https://github.com/kubernetes-sigs/cluster-api/releases/download";
const metal3Releases = (repository: string): string =>
  `https://github.com/metal3-io/${repository}/releases/download`;
const topology = { ClusterTopology: true };

const providers: readonly Provider[] = [
  {
    kind: "CoreProvider",
    name: "cluster-api",
    namespace: managementNamespaces.core,
    version: clusterApi.version,
    image: "registry.k8s.io/cluster-api/cluster-api-controller",
    releases: coreReleases,
    components: "core-components.yaml",
    artifact: "core-cluster-api",
    featureGates: topology,
  },
  {
    kind: "BootstrapProvider",
    name: "kubeadm",
    namespace: managementNamespaces.bootstrap,
    version: clusterApi.version,
    image: "registry.k8s.io/cluster-api/kubeadm-bootstrap-controller",
    releases: coreReleases,
    components: "bootstrap-components.yaml",
    artifact: "bootstrap-kubeadm",
  },
  {
    kind: "ControlPlaneProvider",
    name: "kubeadm",
    namespace: managementNamespaces.controlPlane,
    version: clusterApi.version,
    image: "registry.k8s.io/cluster-api/kubeadm-control-plane-controller",
    releases: coreReleases,
    components: "control-plane-components.yaml",
    artifact: "control-plane-kubeadm",
    featureGates: topology,
  },
  {
    kind: "InfrastructureProvider",
    name: "metal3",
    namespace: managementNamespaces.infrastructure,
    version: metal3.version,
    image: "quay.io/metal3-io/cluster-api-provider-metal3",
    releases: metal3Releases("cluster-api-provider-metal3"),
    components: "infrastructure-components.yaml",
    artifact: "infrastructure-metal3",
  },
  {
    kind: "IPAMProvider",
    name: "metal3",
    namespace: managementNamespaces.addresses,
    version: metal3Ipam.version,
    image: "quay.io/metal3-io/ip-address-manager",
    releases: metal3Releases("ip-address-manager"),
    components: "ipam-components.yaml",
    artifact: "ipam-metal3",
  },
];

/** What a registry must hold besides images and charts: release files of each provider as an artifact. */
export function providerReleases(
  registry: string,
): readonly { readonly sources: readonly string[]; readonly target: string }[] {
  return providers.map((provider) => ({
    sources: [provider.components, "metadata.yaml"].map(
      (file) => `${provider.releases}/${provider.version}/${file}`,
    ),
    target: artifactOf(registry, provider),
  }));
}

/** What the Cluster API operator installs, at pinned versions and from the registry alone. */
export function providerManifests(registry: string): readonly Manifest[] {
  return providers.map((provider) => {
    const { kind, name, namespace, version, image, featureGates } = provider;
    return {
      apiVersion: "operator.cluster.x-k8s.io/v1alpha2",
      kind,
      metadata: { name, namespace },
      spec: {
        version,
        fetchConfig: { oci: artifactOf(registry, provider) },
        deployment: {
          replicas: 1,
          containers: [
            {
              name: "manager",
              imageUrl: siteImage(registry, `${image}:${version}`),
              resources: {
                requests: { cpu: "200m", memory: "256Mi" },
                limits: { memory: "2Gi" },
              },
            },
          ],
        },
        ...(featureGates === undefined ? {} : { manager: { featureGates } }),
      },
    };
  });
}

function artifactOf(registry: string, { artifact, version }: Provider): string {
  return `${registry}/cluster-api-providers/${artifact}:${version}`;
}

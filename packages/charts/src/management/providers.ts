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
  /** Name of the artifact with its components in the registry. */
  readonly artifact: string;
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

const { clusterApi, metal3, metal3Ipam } = versions.providers;
const topology = { ClusterTopology: true };

const providers: readonly Provider[] = [
  {
    kind: "CoreProvider",
    name: "cluster-api",
    namespace: managementNamespaces.core,
    version: clusterApi.version,
    image: "registry.k8s.io/cluster-api/cluster-api-controller",
    artifact: "core-cluster-api",
    featureGates: topology,
  },
  {
    kind: "BootstrapProvider",
    name: "kubeadm",
    namespace: managementNamespaces.bootstrap,
    version: clusterApi.version,
    image: "registry.k8s.io/cluster-api/kubeadm-bootstrap-controller",
    artifact: "bootstrap-kubeadm",
  },
  {
    kind: "ControlPlaneProvider",
    name: "kubeadm",
    namespace: managementNamespaces.controlPlane,
    version: clusterApi.version,
    image: "registry.k8s.io/cluster-api/kubeadm-control-plane-controller",
    artifact: "control-plane-kubeadm",
    featureGates: topology,
  },
  {
    kind: "InfrastructureProvider",
    name: "metal3",
    namespace: managementNamespaces.infrastructure,
    version: metal3.version,
    image: "quay.io/metal3-io/cluster-api-provider-metal3",
    artifact: "infrastructure-metal3",
  },
  {
    kind: "IPAMProvider",
    name: "metal3",
    namespace: managementNamespaces.addresses,
    version: metal3Ipam.version,
    image: "quay.io/metal3-io/ip-address-manager",
    artifact: "ipam-metal3",
  },
];

/** Images of the managers, as their makers publish them. */
export const providerImages: readonly string[] = providers.map(
  ({ image, version }) => `${image}:${version}`,
);

/** Artifacts with the components of each provider that a registry must hold besides images and charts. */
export function providerArtifacts(registry: string): readonly string[] {
  return providers.map((provider) => artifactOf(registry, provider));
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

import { versions } from "../versions.ts";
import type { AddonDescription } from "./addon.ts";
import { certManager } from "./cert-manager.ts";
import { harbor } from "./harbor.ts";
import { repositoryAndTag } from "./image-values.ts";
import { openbao } from "./openbao.ts";
import { prometheusStack } from "./prometheus-stack.ts";

const { addons } = versions;

const clusterApiImage = `registry.k8s.io/capi-operator/cluster-api-operator:${addons.clusterApiOperator.app}`;

const clusterApiOperator: AddonDescription = {
  name: "cluster-api-operator",
  project: "management",
  chart: {
    name: "cluster-api-operator",
    upstream: {
      kind: "repository",
      url: "https://kubernetes-sigs.github.io/cluster-api-operator",
    },
  },
  version: addons.clusterApiOperator,
  namespace: "capi-operator-system",
  podSecurity: "restricted",
  images: [clusterApiImage],
  values: ({ registry }) => ({
    image: { manager: repositoryAndTag(registry, clusterApiImage) },
    // Providers are objects of the management stack, not of this chart.
    enableHelmHook: false,
    replicaCount: 1,
  }),
  nodeSelectorPaths: ["nodeSelector"],
  tolerationPaths: ["tolerations"],
  dependsOn: ["cert-manager"],
  crds: ["operator.cluster.x-k8s.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "cluster-api-operator" },
};

/** Metal3 publishes a release file and no chart. The packed chart takes the registry as a value. */
function metal3Operator(one: {
  readonly name: string;
  readonly repository: string;
  readonly version: (typeof addons)["ironicOperator" | "baremetalOperator"];
  readonly namespace: string;
  readonly dependsOn: readonly string[];
  readonly crds: readonly string[];
  readonly deployment: string;
}): AddonDescription {
  const image = `quay.io/metal3-io/${one.repository}:${one.version.app}`;
  return {
    name: one.name,
    project: "management",
    chart: {
      name: one.name,
      upstream: {
        kind: "manifest",
        url: `https://github.com/metal3-io/${one.name}/releases/download/${one.version.app}`,
      },
    },
    version: one.version,
    namespace: one.namespace,
    podSecurity: "restricted",
    images: [image],
    values: ({ registry }) => ({ image: repositoryAndTag(registry, image) }),
    nodeSelectorPaths: ["nodeSelector"],
    tolerationPaths: ["tolerations"],
    dependsOn: one.dependsOn,
    crds: one.crds,
    healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: one.deployment },
  };
}

const ironicOperator = metal3Operator({
  name: "ironic-standalone-operator",
  repository: "ironic-standalone-operator",
  version: addons.ironicOperator,
  namespace: "ironic-standalone-operator-system",
  dependsOn: ["cert-manager"],
  crds: ["ironic.metal3.io"],
  deployment: "ironic-standalone-operator-controller-manager",
});

const baremetalOperator = metal3Operator({
  name: "baremetal-operator",
  repository: "baremetal-operator",
  version: addons.baremetalOperator,
  namespace: "baremetal-operator-system",
  dependsOn: ["cert-manager"],
  crds: ["metal3.io"],
  deployment: "baremetal-operator-controller-manager",
});

const postgresImage = `ghcr.io/cloudnative-pg/cloudnative-pg:${addons.cloudnativePg.app}`;

const cloudnativePg: AddonDescription = {
  name: "cloudnative-pg",
  project: "management",
  chart: {
    name: "cloudnative-pg",
    upstream: { kind: "repository", url: "https://cloudnative-pg.github.io/charts" },
  },
  version: addons.cloudnativePg,
  namespace: "cnpg-system",
  podSecurity: "restricted",
  images: [postgresImage],
  values: ({ registry }) => ({
    image: repositoryAndTag(registry, postgresImage),
    crds: { create: true },
    monitoring: { podMonitorEnabled: false },
  }),
  nodeSelectorPaths: ["nodeSelector"],
  tolerationPaths: ["tolerations"],
  dependsOn: [],
  crds: ["postgresql.cnpg.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "cloudnative-pg" },
};

const secretsImage = `ghcr.io/external-secrets/external-secrets:${addons.externalSecrets.app}`;

const externalSecrets: AddonDescription = {
  name: "external-secrets",
  project: "management",
  chart: {
    name: "external-secrets",
    upstream: { kind: "oci", url: "oci://ghcr.io/external-secrets/charts/external-secrets" },
  },
  version: addons.externalSecrets,
  namespace: "external-secrets",
  podSecurity: "restricted",
  images: [secretsImage],
  values: ({ registry }) => {
    const image = repositoryAndTag(registry, secretsImage);
    return {
      installCRDs: true,
      image,
      webhook: { image },
      certController: { image },
      replicaCount: 2,
      leaderElect: true,
    };
  },
  nodeSelectorPaths: ["global.nodeSelector"],
  tolerationPaths: ["global.tolerations"],
  dependsOn: [],
  crds: ["external-secrets.io"],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "external-secrets-webhook" },
};

/** On the one management cluster: everything that makes and holds other clusters. */
export const managementAddons: readonly AddonDescription[] = [
  certManager("management", []),
  prometheusStack("management", ["cert-manager"]),
  clusterApiOperator,
  ironicOperator,
  baremetalOperator,
  cloudnativePg,
  openbao,
  externalSecrets,
  harbor,
];

import { versions } from "../versions.ts";
import type { AddonDescription } from "./addon.ts";
import { repositoryAndTag } from "./image-values.ts";

const version = versions.addons.harbor;
const image = (name: string): string => `docker.io/goharbor/${name}:${version.app}`;
const images = {
  core: image("harbor-core"),
  portal: image("harbor-portal"),
  jobservice: image("harbor-jobservice"),
  registry: image("registry-photon"),
  registryController: image("harbor-registryctl"),
  database: image("harbor-db"),
  cache: image("redis-photon"),
  proxy: image("nginx-photon"),
  exporter: image("harbor-exporter"),
};

/**
 * Secrets that the management stack fills, by their use. The chart makes one called `harbor-core` itself,
 * so none of these is.
 */
export const harborSecrets = {
  admin: "harbor-admin",
  encryption: "harbor-encryption",
  components: "harbor-components",
  registry: "harbor-registry-access",
  certificate: "harbor-tls",
} as const;

/** Where every node of the management cluster answers for the registry; port 443 of its name leads here. */
const harborNodePorts = { http: 30_080, https: 30_443 } as const;

const parts = [
  "nginx",
  "portal",
  "core",
  "jobservice",
  "registry",
  "database.internal",
  "redis.internal",
  "exporter",
];

/**
 * The in-country registry. It serves what it has: no scanner that fetches its lists from abroad, no
 * proxy project that fetches images. Passwords are in a Secret that the secret store fills.
 */
export const harbor: AddonDescription = {
  name: "harbor",
  project: "management",
  chart: { name: "harbor", upstream: { kind: "repository", url: "https://helm.goharbor.io" } },
  version,
  namespace: "harbor",
  podSecurity: "restricted",
  images: Object.values(images),
  values: ({ registry }) => ({
    externalURL: `https://${registry}`,
    expose: {
      // A bare cluster has neither a load balancer nor, whatever its kind, an ingress.
      type: "nodePort",
      nodePort: {
        name: "harbor",
        ports: {
          http: { port: 80, nodePort: harborNodePorts.http },
          https: { port: 443, nodePort: harborNodePorts.https },
        },
      },
      tls: {
        enabled: true,
        certSource: "secret",
        secret: { secretName: harborSecrets.certificate },
      },
    },
    existingSecretAdminPassword: harborSecrets.admin,
    existingSecretSecretKey: harborSecrets.encryption,
    internalTLS: { enabled: true, certSource: "auto" },
    trivy: { enabled: false },
    updateStrategy: { type: "Recreate" },
    core: {
      image: repositoryAndTag(registry, images.core),
      existingSecret: harborSecrets.components,
    },
    portal: { image: repositoryAndTag(registry, images.portal) },
    jobservice: { image: repositoryAndTag(registry, images.jobservice) },
    registry: {
      registry: { image: repositoryAndTag(registry, images.registry) },
      controller: { image: repositoryAndTag(registry, images.registryController) },
      // The chart's own password is printed in its documentation.
      credentials: { existingSecret: harborSecrets.registry },
    },
    database: { internal: { image: repositoryAndTag(registry, images.database) } },
    redis: { internal: { image: repositoryAndTag(registry, images.cache) } },
    nginx: { image: repositoryAndTag(registry, images.proxy) },
    exporter: { image: repositoryAndTag(registry, images.exporter) },
    metrics: { enabled: true },
  }),
  nodeSelectorPaths: [],
  tolerationPaths: parts.map((part) => `${part}.tolerations`),
  dependsOn: ["cert-manager", "external-secrets"],
  crds: [],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "harbor-core" },
};

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
      type: "loadBalancer",
      tls: { enabled: true, certSource: "secret", secret: { secretName: "harbor-tls" } },
    },
    existingSecretAdminPassword: "harbor-admin",
    existingSecretSecretKey: "harbor-encryption",
    internalTLS: { enabled: true, certSource: "auto" },
    trivy: { enabled: false },
    updateStrategy: { type: "Recreate" },
    core: { image: repositoryAndTag(registry, images.core), existingSecret: "harbor-core" },
    portal: { image: repositoryAndTag(registry, images.portal) },
    jobservice: { image: repositoryAndTag(registry, images.jobservice) },
    registry: {
      registry: { image: repositoryAndTag(registry, images.registry) },
      controller: { image: repositoryAndTag(registry, images.registryController) },
    },
    database: { internal: { image: repositoryAndTag(registry, images.database) } },
    redis: { internal: { image: repositoryAndTag(registry, images.cache) } },
    nginx: { image: repositoryAndTag(registry, images.proxy) },
    exporter: { image: repositoryAndTag(registry, images.exporter) },
    metrics: { enabled: true },
  }),
  nodeSelectorPaths: [],
  tolerationPaths: [],
  dependsOn: ["cert-manager", "external-secrets"],
  hasHooks: true,
  crds: [],
  healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "harbor-core" },
};

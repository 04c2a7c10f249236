import { versions } from "../versions.ts";
import type { AddonDescription, AddonProject } from "./addon.ts";
import { repositoryAndTag } from "./image-values.ts";

const version = versions.addons.certManager;
const image = (part: string): string => `quay.io/jetstack/cert-manager-${part}:${version.app}`;
const images = {
  controller: image("controller"),
  webhook: image("webhook"),
  cainjector: image("cainjector"),
  acmesolver: image("acmesolver"),
  startupapicheck: image("startupapicheck"),
};

/** Certificates of every server inside a cluster. The same on the management cluster and in halls. */
export function certManager(project: AddonProject, dependsOn: readonly string[]): AddonDescription {
  return {
    name: "cert-manager",
    project,
    chart: {
      name: "cert-manager",
      upstream: { kind: "oci", url: "oci://quay.io/jetstack/charts/cert-manager" },
    },
    version,
    namespace: "cert-manager",
    podSecurity: "restricted",
    images: Object.values(images),
    values: ({ registry }) => ({
      crds: { enabled: true, keep: true },
      image: repositoryAndTag(registry, images.controller),
      webhook: { image: repositoryAndTag(registry, images.webhook), replicaCount: 2 },
      cainjector: { image: repositoryAndTag(registry, images.cainjector) },
      acmesolver: { image: repositoryAndTag(registry, images.acmesolver) },
      startupapicheck: { image: repositoryAndTag(registry, images.startupapicheck) },
      replicaCount: 2,
      // Nobody outside the country signs, so no pod needs the way out.
      prometheus: { enabled: true, servicemonitor: { enabled: false } },
    }),
    nodeSelectorPaths: [
      "nodeSelector",
      "webhook.nodeSelector",
      "cainjector.nodeSelector",
      "startupapicheck.nodeSelector",
    ],
    tolerationPaths: [
      "tolerations",
      "webhook.tolerations",
      "cainjector.tolerations",
      "startupapicheck.tolerations",
    ],
    dependsOn,
    crds: ["cert-manager.io", "acme.cert-manager.io"],
    healthCheck: { apiVersion: "apps/v1", kind: "Deployment", name: "cert-manager-webhook" },
  };
}

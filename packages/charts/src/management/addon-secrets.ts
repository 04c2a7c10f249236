import { harborSecrets } from "../addons/harbor.ts";
import { grafanaSecretName } from "../addons/prometheus-stack.ts";
import { externalSecret } from "../kinds/external-secrets.ts";
import type { Manifest } from "../manifest.ts";
import { certificate } from "./certificates.ts";

interface AddonSecret {
  readonly namespace: string;
  readonly name: string;
  /** Below `management/` in OpenBao. */
  readonly path: string;
  readonly properties: readonly string[];
}

/** The keys are those that the charts read; passwords and keys of Harbor are fixed at its first start. */
const secrets: readonly AddonSecret[] = [
  {
    namespace: "monitoring",
    name: grafanaSecretName,
    path: "grafana",
    properties: ["username", "password"],
  },
  {
    namespace: "harbor",
    name: harborSecrets.admin,
    path: "harbor/admin",
    properties: ["HARBOR_ADMIN_PASSWORD"],
  },
  {
    namespace: "harbor",
    name: harborSecrets.encryption,
    path: "harbor/encryption",
    properties: ["secretKey"],
  },
  {
    namespace: "harbor",
    name: harborSecrets.components,
    path: "harbor/components",
    properties: ["secret"],
  },
  {
    namespace: "harbor",
    name: harborSecrets.registry,
    path: "harbor/registry",
    properties: ["REGISTRY_PASSWD", "REGISTRY_HTPASSWD"],
  },
];

/** What makes the Secrets that the values of the add-ons name, certificates of servers included. */
export function addonSecretManifests(registry: string): readonly Manifest[] {
  return [
    certificate({
      name: "openbao",
      namespace: "openbao",
      // Its members find each other by the names behind the headless service, and probe themselves.
      dnsNames: [
        "openbao.openbao.svc",
        "openbao.openbao.svc.cluster.local",
        "*.openbao-internal",
        "*.openbao-internal.openbao.svc.cluster.local",
        "localhost",
      ],
      ipAddresses: ["127.0.0.1"],
    }),
    certificate({ name: "harbor", namespace: "harbor", dnsNames: [registry] }),
    ...secrets.map(({ namespace, name, path, properties }) =>
      externalSecret({
        metadata: { name, namespace },
        remoteKey: `management/${path}`,
        properties,
      }),
    ),
  ];
}

import { secretStoreName } from "../kinds/external-secrets.ts";
import type { Manifest } from "../manifest.ts";
import { internalIssuerName } from "./certificates.ts";
import { managementNamespaces } from "./namespaces.ts";

/** Lets External Secrets read OpenBao with its own service account; OpenBao speaks Vault's protocol. */
export function secretStoreManifest(): Manifest {
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ClusterSecretStore",
    metadata: { name: secretStoreName },
    spec: {
      provider: {
        vault: {
          server: "https://openbao.openbao.svc:8200",
          path: "ertis",
          version: "v2",
          caProvider: {
            type: "Secret",
            name: internalIssuerName,
            namespace: managementNamespaces.certificates,
            key: "ca.crt",
          },
          auth: {
            kubernetes: {
              mountPath: "kubernetes",
              role: "external-secrets",
              serviceAccountRef: { name: "external-secrets", namespace: "external-secrets" },
            },
          },
        },
      },
    },
  };
}

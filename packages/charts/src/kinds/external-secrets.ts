import type { Manifest, ManifestMetadata } from "../manifest.ts";

/** The one store of secrets, OpenBao; its object is written by the management stack. */
export const secretStoreName = "openbao";

export interface SecretReference {
  /** The Secret's name; the ExternalSecret has the same. */
  readonly metadata: ManifestMetadata;
  /** Path under the key-value engine, for example `bmc/pavlodar-hub/pavlodar-hub-s1-h1-r03-k07-n2`. */
  readonly remoteKey: string;
  /** Keys of the Secret and the properties they come from: the same words. */
  readonly properties: readonly string[];
  readonly type?: string;
  /** Labels of the Secret itself. */
  readonly secretLabels?: Readonly<Record<string, string>>;
}

/**
 * A Secret by reference: only the path in OpenBao is written anywhere, External Secrets fetches the
 * value. The Secret stays when the reference goes, for what reads it may outlive the stack.
 */
export function externalSecret(reference: SecretReference): Manifest {
  const { metadata, remoteKey, properties, type, secretLabels } = reference;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata,
    spec: {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: secretStoreName },
      target: {
        name: metadata.name,
        creationPolicy: "Owner",
        deletionPolicy: "Retain",
        template: {
          type: type ?? "Opaque",
          ...(secretLabels === undefined ? {} : { metadata: { labels: secretLabels } }),
        },
      },
      data: properties.map((property) => ({
        secretKey: property,
        remoteRef: { key: remoteKey, property },
      })),
    },
  };
}

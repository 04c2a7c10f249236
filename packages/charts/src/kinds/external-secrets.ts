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
  /** The Secret stays when the reference goes, because what reads it may outlive the stack. */
  readonly isKept?: boolean;
}

/**
 * A Secret by reference: only the path in OpenBao is written anywhere, External Secrets fetches the
 * value. The Secret goes with the reference unless it is to be kept; it stays when the value is gone
 * from OpenBao, because a missing value is a mistake there and no reason to stop what runs.
 */
export function externalSecret(reference: SecretReference): Manifest {
  const { metadata, remoteKey, properties, type, secretLabels, isKept = false } = reference;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata,
    spec: {
      refreshInterval: "1h",
      secretStoreRef: { kind: "ClusterSecretStore", name: secretStoreName },
      target: {
        name: metadata.name,
        creationPolicy: isKept ? "Orphan" : "Owner",
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

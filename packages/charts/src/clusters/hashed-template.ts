import { contentHash } from "../content-hash.ts";
import type { TemplateReference } from "../kinds/cluster-api.ts";
import type { Manifest } from "../manifest.ts";

export interface TemplateDescription {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** What the template is for; the hash is added. */
  readonly purpose: string;
  readonly spec: object;
}

/** A template named by its content: `control-plane-4f2a91c0`. */
export function hashedTemplate(description: TemplateDescription): Manifest {
  const { apiVersion, kind, namespace, purpose, spec } = description;
  return {
    apiVersion,
    kind,
    metadata: { name: `${purpose}-${contentHash(spec)}`, namespace },
    spec,
  };
}

export function referenceTo({ apiVersion, kind, metadata }: Manifest): TemplateReference {
  return { apiVersion, kind, name: metadata.name };
}

import { isFields, textAt } from "./fields.ts";
import type { Fields } from "./fields.ts";

/** One resource of a stack, as the engine shows it to policies: its inputs, before anything is done. */
export interface Resource {
  readonly urn: string;
  /** Pulumi's type, for example `kubernetes:core/v1:Namespace` or `pulumi:providers:kubernetes`. */
  readonly type: string;
  /** The program's name for it. */
  readonly name: string;
  /** Plain data. What is known only after the `up` is {@link unknownValue}. */
  readonly inputs: Fields;
  readonly isProtected: boolean;
  /**
   * Dotted paths of the inputs that are marked secret; what lies below is secret, too. Undefined where
   * the engine does not tell, as when it analyzes an exported state.
   */
  readonly secretPaths: ReadonlySet<string> | undefined;
}

export const rootType = "pulumi:pulumi:Stack";
export const kubernetesProviderType = "pulumi:providers:kubernetes";
export const helmReleaseType = "kubernetes:helm.sh/v3:Release";

/**
 * Whether a Kubernetes object is of this kind and API group, in any version; the core group is "".
 * The group is compared because kinds repeat: `Cluster` is one of Cluster API and one of CloudNativePG.
 */
export function isKind(resource: Resource, group: string, kind: string): boolean {
  if (resource.inputs["kind"] !== kind) {
    return false;
  }
  const apiVersion = resource.inputs["apiVersion"];
  if (typeof apiVersion !== "string") {
    return false;
  }
  return group === "" ? !apiVersion.includes("/") : apiVersion.startsWith(`${group}/`);
}

/** `Kind namespace/name` of a Kubernetes object, or the program's name of anything else. */
export function describe({ inputs, name }: Resource): string {
  const kind = textAt(inputs, "kind");
  if (kind === undefined || !isFields(inputs["metadata"])) {
    return name;
  }
  const ownName = textAt(inputs, "metadata", "name") ?? name;
  const namespace = textAt(inputs, "metadata", "namespace");
  return namespace === undefined ? `${kind} ${ownName}` : `${kind} ${namespace}/${ownName}`;
}

import { textAt } from "./fields.ts";
import type { Fields } from "./fields.ts";
import type { Resource } from "./resource.ts";

export interface ResourceOptions {
  readonly isProtected?: boolean;
  readonly secretPaths?: readonly string[];
}

/** A Kubernetes object as the engine would show it. */
export function kubernetesObject(inputs: Fields, options: ResourceOptions = {}): Resource {
  const apiVersion = textAt(inputs, "apiVersion") ?? "v1";
  const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  const type = `kubernetes:${group}:${textAt(inputs, "kind") ?? ""}`;
  return resourceOf(type, textAt(inputs, "metadata", "name") ?? "unnamed", { inputs, ...options });
}

/** Any resource, for example the stack itself. */
export function resourceOf(
  type: string,
  name: string,
  options: ResourceOptions & { readonly inputs?: Fields } = {},
): Resource {
  return {
    urn: `urn:pulumi:pavlodar-hub-s1-h1::clusters::${type}::${name}`,
    type,
    name,
    inputs: options.inputs ?? {},
    isProtected: options.isProtected ?? false,
    secretPaths: new Set(options.secretPaths),
  };
}

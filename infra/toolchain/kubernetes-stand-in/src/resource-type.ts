import type { JsonObject } from "./json.ts";
import { stringAt } from "./json.ts";

/** What a Pulumi type token names: an API version and a kind, whole or as a patch of an object that is there. */
export interface ResourceType {
  readonly apiVersion: string;
  readonly kind: string;
  readonly isPatch: boolean;
}

export type ParseTypeResult =
  | { readonly kind: "type"; readonly type: ResourceType }
  | { readonly kind: "helm-release" }
  | { readonly kind: "refused"; readonly message: string };

const remotePrefixes = [
  "helm.sh/v2:",
  "helm.sh/v3:",
  "helm.sh/v4:",
  "yaml:",
  "yaml/",
  "kustomize:",
  "kustomize/",
];

/** Takes apart `kubernetes:apps/v1:Deployment`; core kinds are `kubernetes:core/v1:…`. */
export function parseResourceType(token: string): ParseTypeResult {
  const [provider, module, name, ...more] = token.split(":");
  if (provider !== "kubernetes" || module === undefined || name === undefined || more.length > 0) {
    return {
      kind: "refused",
      message: `"${token}" is no kubernetes resource type (kubernetes:<group>/<version>:<Kind>)`,
    };
  }
  if (token === "kubernetes:helm.sh/v3:Release") {
    return { kind: "helm-release" };
  }
  if (remotePrefixes.some((prefix) => `${module}:`.startsWith(prefix))) {
    return {
      kind: "refused",
      message: `${token} is rendered inside the real kubernetes plugin; the stand-in has no Helm, kustomize or YAML engine. Render the objects in the program, or install the real plugin`,
    };
  }
  const apiVersion = module.startsWith("core/") ? module.slice("core/".length) : module;
  if (name.endsWith("List") && name !== "List") {
    return {
      kind: "refused",
      message: `${token} is a list of objects, and lists are no objects of their own: declare each object`,
    };
  }
  const isPatch = name.endsWith("Patch");
  const kind = isPatch ? name.slice(0, -"Patch".length) : name;
  return { kind: "type", type: { apiVersion, kind, isPatch } };
}

/** The type with what the inputs themselves say: a custom resource's token may be an alias. */
export function refineType(type: ResourceType, inputs: JsonObject): ResourceType {
  return {
    ...type,
    apiVersion: stringAt(inputs, "apiVersion") ?? type.apiVersion,
    kind: stringAt(inputs, "kind") ?? type.kind,
  };
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}

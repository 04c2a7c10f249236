import { createHash } from "node:crypto";
import { isNamespacedBuiltIn } from "./built-in-kinds.ts";
import { objectAt, stringAt, valueAt, withValue } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { ResourceType } from "./resource-type.ts";
import { isUnknown, revealValue } from "./wire-values.ts";

const autonamedAnnotation: string = "pulumi.com/autonamed";

/** What the engine wishes for names that the program left open. */
export interface AutonamingWish {
  readonly mode: "propose" | "enforce" | "disable";
  readonly proposedName: string;
}

export interface CheckOptions {
  readonly type: ResourceType;
  /** The resource's name in the program. */
  readonly logicalName: string;
  readonly urn: string;
  readonly randomSeed: Uint8Array;
  readonly autonaming: AutonamingWish | undefined;
  readonly defaultNamespace: () => Promise<string>;
}

export type CheckResult =
  | { readonly kind: "inputs"; readonly inputs: JsonObject }
  | { readonly kind: "failure"; readonly property: string; readonly reason: string };

/** The inputs as they go into the state: version and kind, a name, a namespace where one is known to be needed. */
export async function checkInputs(
  news: JsonObject,
  olds: JsonObject,
  options: CheckOptions,
): Promise<CheckResult> {
  const { type } = options;
  let inputs: JsonObject = {
    ...news,
    apiVersion: news["apiVersion"] ?? type.apiVersion,
    kind: news["kind"] ?? type.kind,
  };
  const metadata = news["metadata"];
  if (metadata !== undefined && isUnknown(revealValue(metadata))) {
    return { kind: "inputs", inputs };
  }
  const name = metadataField(inputs, "name");
  if (name === undefined && metadataField(inputs, "generateName") === undefined) {
    if (type.isPatch) {
      return {
        kind: "failure",
        property: "metadata.name",
        reason: "a patch needs the name of the object it patches",
      };
    }
    const chosen = chooseName(olds, options);
    if (chosen === undefined) {
      return {
        kind: "failure",
        property: "metadata.name",
        reason: "has no name, and autonaming is off: give metadata.name",
      };
    }
    inputs = withValue(inputs, ["metadata", "name"], chosen);
    inputs = withValue(inputs, ["metadata", "annotations", autonamedAnnotation], "true");
  }
  const isNamespaced = isNamespacedBuiltIn(type) === true;
  if (isNamespaced && metadataField(inputs, "namespace") === undefined) {
    inputs = withValue(inputs, ["metadata", "namespace"], await options.defaultNamespace());
  }
  return { kind: "inputs", inputs };
}

function metadataField(inputs: JsonObject, field: string): string | undefined {
  const metadata = revealValue(inputs["metadata"] ?? null);
  const value = valueAt(metadata, field);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The name that the object already has, if it was named here, else a new one from the engine's seed. */
function chooseName(olds: JsonObject, options: CheckOptions): string | undefined {
  if (isAutonamed(olds)) {
    return stringAt(olds, "metadata", "name");
  }
  if (options.autonaming?.mode === "disable") {
    return undefined;
  }
  if (options.autonaming !== undefined && options.autonaming.proposedName !== "") {
    return options.autonaming.proposedName;
  }
  const hash = createHash("sha256").update(options.randomSeed).update(options.urn);
  return `${options.logicalName}-${hash.digest("hex").slice(0, 8)}`;
}

export function isAutonamed(inputs: JsonObject): boolean {
  return objectAt(inputs, "metadata", "annotations")[autonamedAnnotation] === "true";
}

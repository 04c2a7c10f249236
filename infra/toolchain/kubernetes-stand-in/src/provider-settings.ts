import { objectAt, valueAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { isSecret, isUnknown, revealValue } from "./wire-values.ts";

/** What a `kubernetes.Provider` can be told here. */
export interface ProviderSettings {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  readonly clusterIdentifier: string | undefined;
  readonly isConfigMapMutable: boolean;
  readonly isSecretMutable: boolean;
  readonly isDeletedWhenUnreachable: boolean;
  readonly isPatchForced: boolean;
}

const accepted: readonly string[] = [
  "kubeconfig",
  "context",
  "namespace",
  "clusterIdentifier",
  "enableServerSideApply",
  "enableConfigMapMutable",
  "enableSecretMutable",
  "enablePatchForce",
  "deleteUnreachable",
  "kubeClientSettings",
  "helmReleaseSettings",
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
];
/** Options of the real plugin that change what is sent to the server, and that the stand-in does not have. */
const refused: readonly string[] = [
  "renderYamlToDirectory",
  "alwaysRender",
  "upsertExistingObjects",
];

export interface SettingProblem {
  readonly property: string;
  readonly reason: string;
}

/** The problems of a provider's inputs, for CheckConfig. */
export function findSettingProblems(inputs: JsonObject): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  for (const property of Object.keys(inputs)) {
    if (refused.includes(property) && readBoolean(inputs[property]) === false) {
      continue;
    }
    if (refused.includes(property)) {
      problems.push({
        property,
        reason: "the stand-in for the kubernetes plugin cannot do this; install the real plugin",
      });
    } else if (
      !accepted.includes(property) &&
      !/^(version|pluginDownloadURL|__.*)$/.test(property)
    ) {
      problems.push({ property, reason: `unknown option; known are ${accepted.join(", ")}` });
    }
  }
  if (readBoolean(inputs["enableServerSideApply"]) === false) {
    problems.push({
      property: "enableServerSideApply",
      reason: "the stand-in updates by server-side apply only: leave it out or set it to true",
    });
  }
  return problems;
}

/** The SDK sends booleans as text. */
export function parseProviderSettings(inputs: JsonObject): ProviderSettings {
  return {
    kubeconfig: readKubeconfig(inputs["kubeconfig"]),
    context: readString(inputs["context"]),
    namespace: readString(inputs["namespace"]),
    clusterIdentifier: readString(inputs["clusterIdentifier"]),
    isConfigMapMutable: readBoolean(inputs["enableConfigMapMutable"]) ?? false,
    isSecretMutable: readBoolean(inputs["enableSecretMutable"]) ?? false,
    isDeletedWhenUnreachable:
      readBoolean(inputs["deleteUnreachable"]) ??
      isOn(process.env["PULUMI_K8S_DELETE_UNREACHABLE"]),
    isPatchForced: readBoolean(inputs["enablePatchForce"]) ?? false,
  };
}

function readKubeconfig(value: Json | undefined): string | undefined {
  const plain = value === undefined ? undefined : revealValue(value);
  if (typeof plain === "object" && plain !== null) {
    return JSON.stringify(plain);
  }
  return readString(plain);
}

function readString(value: Json | undefined): string | undefined {
  const plain = value === undefined ? undefined : revealValue(value);
  return typeof plain === "string" && plain !== "" && !isUnknown(plain) ? plain : undefined;
}

function readBoolean(value: Json | undefined): boolean | undefined {
  const plain = isSecret(value) ? revealValue(value) : value;
  if (typeof plain === "boolean") {
    return plain;
  }
  return plain === "true" ? true : plain === "false" ? false : undefined;
}

function isOn(text: string | undefined): boolean {
  return text === "true" || text === "1";
}

/** Exposed for DiffConfig: the raw value behind a key, without its secret mark. */
export function rawSetting(inputs: JsonObject, key: string): Json | undefined {
  const value = valueAt(objectAt(inputs), key);
  return value === undefined ? undefined : revealValue(value);
}

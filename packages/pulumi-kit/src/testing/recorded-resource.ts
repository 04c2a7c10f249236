import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { isRecord } from "../record.ts";

/** A resource as the program asked the engine for it. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** False for components. */
  readonly isCustom: boolean;
  /** Whether it was read and not made: `Secret.get`. */
  readonly isRead: boolean;
  /** Unknown values are {@link unknownValue}; secrets are in the clear, their names in `secretInputs`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly secretInputs: readonly string[];
  readonly parent: string;
  /** `urn::id`; empty for components and providers. */
  readonly provider: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly customTimeouts: {
    readonly create: string;
    readonly update: string;
    readonly delete: string;
  };
  readonly aliases: readonly string[];
}

/** What stands in a recorded input for a value that is not known yet. */
export const unknownValue: string = pulumi.runtime.unknownValue;

export function toRecordedResource(
  request: RegisterResourceRequest,
  urn: string,
): RecordedResource {
  const raw = request.getObject()?.toJavaScript() ?? {};
  const timeouts = request.getCustomtimeouts();
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    isCustom: request.getCustom(),
    isRead: false,
    inputs: toPlainInputs(raw),
    secretInputs: Object.entries(raw)
      .filter(([, value]) => hasSecret(value))
      .map(([name]) => name),
    parent: request.getParent(),
    provider: request.getProvider(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    dependsOn: request.getDependenciesList(),
    ignoreChanges: request.getIgnorechangesList(),
    customTimeouts: {
      create: timeouts?.getCreate() ?? "",
      update: timeouts?.getUpdate() ?? "",
      delete: timeouts?.getDelete() ?? "",
    },
    aliases: request.getAliasesList().map((alias) => alias.getSpec()?.getName() ?? alias.getUrn()),
  };
}

/** A resource that is read by its id, whose other options mean nothing. */
export function readRecord(read: {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly provider: string;
}): RecordedResource {
  const { id, ...same } = read;
  return {
    ...same,
    isCustom: true,
    isRead: true,
    inputs: { id },
    secretInputs: [],
    parent: "",
    protect: false,
    retainOnDelete: false,
    dependsOn: [],
    ignoreChanges: [],
    customTimeouts: { create: "", update: "", delete: "" },
    aliases: [],
  };
}

/** `namespace/name`, as the plugin names objects; undefined for what is no object. */
export function objectId(inputs: Readonly<Record<string, unknown>>): string | undefined {
  const metadata = isRecord(inputs["metadata"]) ? inputs["metadata"] : {};
  const { name, namespace } = metadata;
  if (typeof name !== "string") {
    return undefined;
  }
  return typeof namespace === "string" ? `${namespace}/${name}` : name;
}

/** A kubeconfig that leads nowhere, as Cluster API keeps it: in a Secret, under `value`. */
export const kubeconfigSecretData: Readonly<Record<string, string>> = {
  value: Buffer.from("apiVersion: v1\nkind: Config\nclusters: []\n").toString("base64"),
};

export function toPlainInputs(raw: unknown): Readonly<Record<string, unknown>> {
  const plain = withoutSecretMarks(raw);
  return isRecord(plain) ? plain : {};
}

function withoutSecretMarks(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecretMarks);
  }
  if (!isRecord(value)) {
    return value;
  }
  if (isSecretMark(value)) {
    return withoutSecretMarks(value["value"]);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withoutSecretMarks(item)]),
  );
}

function hasSecret(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(hasSecret);
  }
  return isRecord(value) && (isSecretMark(value) || Object.values(value).some(hasSecret));
}

function isSecretMark(value: Readonly<Record<string, unknown>>): boolean {
  return value[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig;
}

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { ApiError } from "./api-error.ts";
import { describeAddress } from "./cluster.ts";
import type { ObjectAddress } from "./cluster.ts";
import { stringAt, valueAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { RefusedError } from "./resource-context.ts";
import type { OperationResult, ResourceContext } from "./resource-context.ts";
import type { ReadState } from "./read.ts";
import type { ResourceType } from "./resource-type.ts";
import { reveal } from "./wire-values.ts";

const secretType: ResourceType = { apiVersion: "v1", kind: "Secret", isPatch: false };
const namespaceType: ResourceType = { apiVersion: "v1", kind: "Namespace", isPatch: false };
const fieldManager = "ertis-kubernetes-stand-in";
const variable = "ERTIS_STAND_IN_HELM";

/**
 * There is no Helm here. By `ERTIS_STAND_IN_HELM=record` a release is written down, as the Secret in which
 * Helm would keep it, with a hash in place of its values; nothing of its chart is installed.
 */
export async function recordHelmRelease(
  inputs: JsonObject,
  context: ResourceContext,
): Promise<OperationResult> {
  if (process.env[variable] !== "record") {
    throw new RefusedError(
      `the stand-in for the kubernetes plugin cannot install Helm releases: install the real plugin, or set ${variable}=record to have the release recorded and nothing installed`,
    );
  }
  const plain = reveal(inputs);
  const release = await describeRelease(plain, context);
  const address = addressOfRecord(release);
  if (valueAt(plain, "createNamespace") === true) {
    await ensureNamespace(release.namespace, context);
  }
  await context.cluster.apply(address, toRecord(release, plain), {
    fieldManager,
    isForced: true,
    isDryRun: false,
  });
  context.log({
    severity: "warning",
    urn: context.urn,
    message: `recorded, not installed: Helm release ${release.namespace}/${release.name} (${release.chart} ${release.version}) as ${describeAddress(address)}`,
  });
  const status = { ...release, status: "deployed", revision: 1 };
  return {
    kind: "done",
    id: `${release.namespace}/${release.name}`,
    outputs: { ...inputs, name: release.name, namespace: release.namespace, status },
  };
}

interface Release {
  readonly [key: string]: string;
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
}

async function describeRelease(plain: JsonObject, context: ResourceContext): Promise<Release> {
  const urn = context.urn;
  const hash = createHash("sha256").update(urn).digest("hex").slice(0, 8);
  return {
    name: stringAt(plain, "name") ?? `${urn.slice(urn.lastIndexOf("::") + 2)}-${hash}`,
    namespace: stringAt(plain, "namespace") ?? (await context.cluster.defaultNamespace()),
    chart: stringAt(plain, "chart") ?? "",
    version: stringAt(plain, "version") ?? "",
  };
}

function addressOfRecord(release: {
  readonly name: string;
  readonly namespace: string;
}): ObjectAddress {
  return {
    type: secretType,
    namespace: release.namespace,
    name: `sh.helm.release.v1.${release.name}.v1`,
  };
}

function toRecord(release: Release, plain: JsonObject): JsonObject {
  const values = valueAt(plain, "values") ?? {};
  const valuesHash = createHash("sha256").update(canonical(values)).digest("hex");
  const chartName = release.chart.split("/").at(-1) ?? release.chart;
  const content = {
    name: release.name,
    namespace: release.namespace,
    version: 1,
    info: { status: "deployed", description: "recorded by the stand-in, not installed" },
    chart: { metadata: { name: chartName, version: release.version } },
    config: { valuesSha256: valuesHash },
  };
  // Helm keeps gzip in base64, and the API server wants base64 around any data.
  const encoded = gzipSync(JSON.stringify(content)).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    type: "helm.sh/release.v1",
    metadata: {
      name: `sh.helm.release.v1.${release.name}.v1`,
      namespace: release.namespace,
      labels: { owner: "helm", name: release.name, status: "deployed", version: "1" },
      annotations: {
        "ertis.kz/recorded-chart": release.chart,
        "ertis.kz/recorded-version": release.version,
        "ertis.kz/recorded-values-sha256": valuesHash,
      },
    },
    data: { release: Buffer.from(encoded).toString("base64") },
  };
}

function canonical(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

async function ensureNamespace(name: string, context: ResourceContext): Promise<void> {
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  try {
    await context.cluster.create(
      { type: namespaceType, name, namespace: undefined },
      object,
      fieldManager,
    );
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === "AlreadyExists")) {
      throw error;
    }
  }
}

export async function readHelmRelease(
  state: ReadState,
  context: ResourceContext,
): Promise<ReadState | undefined> {
  const live = await context.cluster.get(recordOf(state.id));
  return live === undefined ? undefined : state;
}

export async function deleteHelmRelease(id: string, context: ResourceContext): Promise<void> {
  try {
    await context.cluster.remove(recordOf(id), "Background");
  } catch (error) {
    if (!(error instanceof ApiError && error.httpStatus === 404)) {
      throw error;
    }
  }
}

function recordOf(id: string): ObjectAddress {
  const [namespace = "default", name = ""] = id.split("/");
  return addressOfRecord({ namespace, name });
}

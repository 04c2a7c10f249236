import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterParts, findToolchain, missingParts, startCluster } from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";
import { addressOf, createCluster } from "../cluster.ts";
import type { Cluster, ObjectAddress } from "../cluster.ts";
import { stringAt } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import type { ResourceDiff } from "../diff.ts";
import { createProvider } from "../provider.ts";
import type { Provider, ResourceReference, ResourceStates } from "../provider.ts";
import type { ReadState } from "../read.ts";
import type { LogEntry, OperationResult } from "../resource-context.ts";

/** A local API server for one test file, or the reason why there is none. */
export type TestCluster =
  | { readonly kind: "missing"; readonly reason: string }
  | {
      readonly kind: "cluster";
      readonly toolchain: Toolchain;
      readonly directory: string;
      readonly kubeconfigPath: string;
      readonly cluster: Cluster;
      readonly stop: () => Promise<void>;
    };

export async function startTestCluster(name: string): Promise<TestCluster> {
  const toolchain = await findToolchain();
  const reason = missingParts(toolchain, clusterParts);
  if (reason !== undefined) {
    return { kind: "missing", reason };
  }
  const directory = mkdtempSync(join(tmpdir(), `ertis-stand-in-${name}-`));
  const running = await startCluster({
    name,
    crds: [],
    nodes: [testNode],
    stateDirectory: directory,
    toolchain,
  });
  const kubeconfigPath = running.kubeconfigPath;
  return {
    kind: "cluster",
    toolchain,
    directory,
    kubeconfigPath,
    cluster: createCluster({
      kubeconfig: kubeconfigPath,
      context: undefined,
      namespace: undefined,
    }),
    async stop() {
      await running.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const testNode = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node-1", annotations: { "kwok.x-k8s.io/node": "fake" }, labels: {} },
  status: {
    allocatable: { cpu: "32", memory: "256Gi", pods: "110" },
    capacity: { cpu: "32", memory: "256Gi", pods: "110" },
  },
};

/** One resource of a stack, driven as the engine drives it, without the engine. */
export interface Driver {
  readonly provider: Provider;
  readonly logged: readonly LogEntry[];
  readonly check: (token: string, name: string, inputs: JsonObject) => Promise<JsonObject>;
  readonly create: (token: string, name: string, inputs: JsonObject) => Promise<Made>;
  readonly diff: (
    made: Made,
    inputs: JsonObject,
    ignoredPaths?: readonly string[],
  ) => Promise<ResourceDiff>;
  readonly update: (
    made: Made,
    inputs: JsonObject,
    ignoredPaths?: readonly string[],
  ) => Promise<Made>;
  readonly previewUpdate: (made: Made, inputs: JsonObject) => Promise<OperationResult>;
  readonly read: (made: Made) => Promise<ReadState | undefined>;
  readonly remove: (made: Made, timeoutSeconds?: number) => Promise<void>;
}

export interface Made {
  readonly token: string;
  readonly urn: string;
  readonly name: string;
  readonly inputs: JsonObject;
  readonly result: OperationResult;
}

function statesOf(
  made: Made,
  newInputs: JsonObject,
  ignoredPaths: readonly string[] = [],
): ResourceStates {
  return { oldInputs: made.inputs, oldOutputs: made.result.outputs, newInputs, ignoredPaths };
}

function referenceOf(made: Made, timeoutSeconds = 90): ResourceReference {
  return { urn: made.urn, id: made.result.id, timeoutSeconds };
}

export function createDriver(kubeconfigPath: string, settings: JsonObject = {}): Driver {
  const logged: LogEntry[] = [];
  const provider = createProvider((entry) => logged.push(entry));
  const kubeconfig = readFileSync(kubeconfigPath, "utf8");
  provider.configure({
    kubeconfig,
    enableConfigMapMutable: "true",
    enableSecretMutable: "true",
    ...settings,
  });
  const urnOf = (token: string, name: string): string =>
    `urn:pulumi:test::stand-in::${token}::${name}`;
  const check = async (token: string, name: string, inputs: JsonObject): Promise<JsonObject> => {
    const answer = await provider.check({
      urn: urnOf(token, name),
      olds: {},
      news: inputs,
      randomSeed: Buffer.from(`seed of ${name}`),
      autonaming: undefined,
    });
    if (answer.failures.length > 0) {
      throw new Error(JSON.stringify(answer.failures));
    }
    return answer.inputs;
  };
  return {
    provider,
    logged,
    check,
    async create(token, name, given) {
      const inputs = await check(token, name, given);
      const urn = urnOf(token, name);
      const result = await provider.create({ urn, id: "", timeoutSeconds: 0 }, inputs, false);
      return { token, urn, name, inputs, result };
    },
    async diff(made, given, ignoredPaths) {
      const inputs = await check(made.token, made.name, given);
      return provider.diff(referenceOf(made), statesOf(made, inputs, ignoredPaths));
    },
    async update(made, given, ignoredPaths) {
      const inputs = await check(made.token, made.name, given);
      const result = await provider.update(
        referenceOf(made),
        statesOf(made, inputs, ignoredPaths),
        false,
      );
      return { ...made, inputs, result };
    },
    async previewUpdate(made, given) {
      const inputs = await check(made.token, made.name, given);
      return provider.update(referenceOf(made), statesOf(made, inputs), true);
    },
    async read(made) {
      const { inputs, result } = made;
      return provider.read(referenceOf(made), { id: result.id, inputs, outputs: result.outputs });
    },
    async remove(made, timeoutSeconds) {
      await provider.remove(referenceOf(made, timeoutSeconds), statesOf(made, {}));
    },
  };
}

export function addressFor(
  apiVersion: string,
  kind: string,
  place: { readonly name: string; readonly namespace?: string },
): ObjectAddress {
  return {
    type: { apiVersion, kind, isPatch: false },
    name: place.name,
    namespace: place.namespace,
  };
}

/** Writes as somebody else: `kubectl edit`, or a controller. */
export async function applyAs(
  cluster: Cluster,
  fieldManager: string,
  object: JsonObject,
): Promise<JsonObject> {
  const apiVersion = stringAt(object, "apiVersion") ?? "";
  const type = { apiVersion, kind: stringAt(object, "kind") ?? "", isPatch: false };
  const options = { fieldManager, isForced: true, isDryRun: false };
  return cluster.apply(addressOf(type, object), object, options);
}

/** A definition with an open schema and a status of its own. */
export function openDefinition(kind: string): JsonObject {
  const plural = `${kind.toLowerCase()}s`;
  const open: JsonObject = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema: Json = { openAPIV3Schema: open };
  return {
    metadata: { name: `${plural}.test.ertis.kz` },
    spec: {
      group: "test.ertis.kz",
      scope: "Namespaced",
      names: { plural, kind, singular: kind.toLowerCase() },
      versions: [{ name: "v1", served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
}

import { describeFailure } from "./failure.ts";
import { checkInputs } from "./check.ts";
import type { AutonamingWish } from "./check.ts";
import { createCluster } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import { createResource } from "./create.ts";
import { deleteResource } from "./delete.ts";
import { diffResource } from "./diff.ts";
import type { ResourceDiff } from "./diff.ts";
import { deleteHelmRelease, readHelmRelease, recordHelmRelease } from "./helm-release.ts";
import type { JsonObject } from "./json.ts";
import { markSecretFields } from "./manifest.ts";
import { changesOf } from "./property-diff.ts";
import { parseProviderSettings } from "./provider-settings.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { readResource } from "./read.ts";
import type { ReadState } from "./read.ts";
import { RefusedError } from "./resource-context.ts";
import type { Log, OperationResult, ResourceContext } from "./resource-context.ts";
import { parseResourceType } from "./resource-type.ts";
import type { ResourceType } from "./resource-type.ts";
import { previewUpdate, updateResource } from "./update.ts";
import { reveal } from "./wire-values.ts";

/** Which resource an operation is about. */
export interface ResourceReference {
  readonly urn: string;
  readonly id: string;
  readonly timeoutSeconds: number;
}

export interface ResourceStates {
  readonly oldInputs: JsonObject;
  readonly oldOutputs: JsonObject;
  readonly newInputs: JsonObject;
  readonly ignoredPaths: readonly string[];
}

export interface CheckRequest {
  readonly urn: string;
  readonly olds: JsonObject;
  readonly news: JsonObject;
  readonly randomSeed: Uint8Array;
  readonly autonaming: AutonamingWish | undefined;
}

export interface CheckAnswer {
  readonly inputs: JsonObject;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

/** The operations of the kubernetes plugin, apart from how the engine calls them. */
export interface Provider {
  readonly configure: (inputs: JsonObject) => void;
  readonly check: (request: CheckRequest) => Promise<CheckAnswer>;
  readonly diff: (reference: ResourceReference, states: ResourceStates) => Promise<ResourceDiff>;
  readonly create: (
    reference: ResourceReference,
    inputs: JsonObject,
    isPreview: boolean,
  ) => Promise<OperationResult>;
  readonly update: (
    reference: ResourceReference,
    states: ResourceStates,
    isPreview: boolean,
  ) => Promise<OperationResult>;
  readonly read: (reference: ResourceReference, state: ReadState) => Promise<ReadState | undefined>;
  readonly remove: (reference: ResourceReference, states: ResourceStates) => Promise<void>;
  /** Ends every wait at once; what is created meanwhile is reported as not ready. */
  readonly cancel: () => void;
}

const releaseType: ResourceType = { apiVersion: "helm.sh/v3", kind: "Release", isPatch: false };

interface Session {
  readonly settings: ProviderSettings;
  readonly cluster: Cluster;
}

/** What an operation does with an object, and what with a Helm release. */
interface Operation<T> {
  readonly object: (context: ResourceContext) => T | Promise<T>;
  readonly release: (context: ResourceContext) => T | Promise<T>;
}

/** A provider for one engine; `log` reaches that engine's own log. */
export function createProvider(log: Log): Provider {
  const cancellation = new AbortController();
  let session = openSession({});
  /** Chooses by type; failures show what the server said, without the secrets of the inputs. */
  const run = async <T>(
    reference: ResourceReference,
    inputs: JsonObject,
    operation: Operation<T>,
  ): Promise<T> => {
    try {
      const { kind, token, type } = typeOf(reference.urn);
      const { urn, timeoutSeconds } = reference;
      const call = { urn, token, type, timeoutSeconds, log, signal: cancellation.signal };
      return await operation[kind]({ ...session, ...call });
    } catch (error) {
      throw describeFailure(error, inputs);
    }
  };
  return {
    configure(inputs) {
      session = openSession(inputs);
    },
    async check(request) {
      const reference = { urn: request.urn, id: "", timeoutSeconds: 0 };
      return run(reference, request.news, {
        object: async ({ type, cluster }) => checkObject(request, type, cluster),
        release: () => ({ inputs: request.news, failures: [] }),
      });
    },
    async diff(reference, states) {
      return run(reference, states.newInputs, {
        object: async ({ urn, type, cluster, settings }) =>
          diffResource({ ...states, urn, type }, { ...settings, cluster }),
        release: () => diffRelease(states),
      });
    },
    async create(reference, inputs, isPreview) {
      const expected: OperationResult = { kind: "done", id: "", outputs: inputs };
      return run(reference, inputs, {
        object: async (context) => (isPreview ? expected : createResource(inputs, context)),
        release: async (context) => (isPreview ? expected : recordHelmRelease(inputs, context)),
      });
    },
    async update(reference, states, isPreview) {
      const { newInputs: inputs } = states;
      const { id } = reference;
      return run(reference, inputs, {
        object: async (context) =>
          isPreview
            ? previewUpdate(id, { ...states, inputs }, context)
            : updateResource(id, { ...states, inputs }, context),
        release: async (context) =>
          isPreview ? { kind: "done", id, outputs: inputs } : recordHelmRelease(inputs, context),
      });
    },
    async read(reference, state) {
      return run(reference, state.inputs, {
        object: async (context) => readResource(state, context),
        release: async (context) => readHelmRelease(state, context),
      });
    },
    async remove(reference, states) {
      const { oldInputs: inputs, oldOutputs: outputs } = states;
      await run(reference, inputs, {
        object: async (context) => deleteResource(reference.id, { inputs, outputs }, context),
        release: async (context) => deleteHelmRelease(reference.id, context),
      });
    },
    cancel: () => cancellation.abort(),
  };
}

function openSession(inputs: JsonObject): Session {
  const settings = parseProviderSettings(inputs);
  return { settings, cluster: createCluster(settings) };
}

function typeOf(urn: string): {
  readonly kind: "object" | "release";
  readonly token: string;
  readonly type: ResourceType;
} {
  const token = tokenOf(urn);
  const parsed = parseResourceType(token);
  switch (parsed.kind) {
    case "refused": {
      throw new RefusedError(parsed.message);
    }
    case "helm-release": {
      return { kind: "release", token, type: releaseType };
    }
    case "type": {
      return { kind: "object", token, type: parsed.type };
    }
  }
}

async function checkObject(
  request: CheckRequest,
  type: ResourceType,
  cluster: Cluster,
): Promise<CheckAnswer> {
  const { urn, randomSeed, autonaming, news } = request;
  const result = await checkInputs(news, reveal(request.olds), {
    type,
    logicalName: urn.slice(urn.lastIndexOf("::") + 2),
    urn,
    randomSeed,
    autonaming,
    defaultNamespace: cluster.defaultNamespace,
  });
  return result.kind === "inputs"
    ? { inputs: markSecretFields(type, result.inputs), failures: [] }
    : { inputs: news, failures: [{ property: result.property, reason: result.reason }] };
}

/** Another release name or namespace is another release. */
function diffRelease(states: ResourceStates): ResourceDiff {
  const changes = changesOf(reveal(states.oldInputs), reveal(states.newInputs));
  const replaces = changes.filter((change) =>
    ["name", "namespace"].includes(String(change.path[0])),
  );
  return { changes, replaces, isDeletedFirst: replaces.length > 0 };
}

/** The type in `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`. */
function tokenOf(urn: string): string {
  const types = urn.split("::")[2] ?? "";
  return types.slice(types.lastIndexOf("$") + 1);
}

import { describeFailure } from "./failure.ts";
import { checkInputs } from "./check.ts";
import type { AutonamingWish } from "./check.ts";
import { createCluster } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import { createResource } from "./create.ts";
import { deleteResource } from "./delete.ts";
import { diffResource } from "./diff.ts";
import type { ResourceDiff } from "./diff.ts";
import { createHelmRelease, deleteHelmRelease, readHelmRelease } from "./helm-release.ts";
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
import { updateResource } from "./update.ts";
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

type Subject =
  | { readonly kind: "object"; readonly context: ResourceContext }
  | { readonly kind: "helm-release"; readonly context: ResourceContext };

const releaseType: ResourceType = { apiVersion: "helm.sh/v3", kind: "Release", isPatch: false };

/** A provider for one engine; `log` reaches that engine's own log. */
export function createProvider(log: Log): Provider {
  const cancellation = new AbortController();
  let settings: ProviderSettings = parseProviderSettings({});
  let cluster: Cluster = createCluster(settings);

  const subjectOf = (reference: ResourceReference): Subject => {
    const token = tokenOf(reference.urn);
    const parsed = parseResourceType(token);
    if (parsed.kind === "refused") {
      throw new RefusedError(parsed.message);
    }
    const type = parsed.kind === "type" ? parsed.type : releaseType;
    const { urn, timeoutSeconds } = reference;
    const context = {
      urn,
      token,
      type,
      cluster,
      settings,
      timeoutSeconds,
      log,
      signal: cancellation.signal,
    };
    return { kind: parsed.kind === "type" ? "object" : "helm-release", context };
  };
  /** Shows what the server said, without the secrets of the inputs. */
  const explained = async <T>(
    action: () => Promise<T>,
    inputs: JsonObject,
    urn: string,
  ): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw describeFailure(error, { inputs, urn });
    }
  };

  return {
    configure(inputs) {
      settings = parseProviderSettings(inputs);
      cluster = createCluster(settings);
    },
    async check(request) {
      return explained(
        async () => checkAny(request, cluster.defaultNamespace),
        request.news,
        request.urn,
      );
    },
    async diff(reference, states) {
      return explained(
        async () => {
          const { kind, context } = subjectOf(reference);
          if (kind === "helm-release") {
            return diffRelease(states);
          }
          return diffResource(
            { ...states, urn: context.urn, type: context.type },
            { ...settings, cluster },
          );
        },
        states.newInputs,
        reference.urn,
      );
    },
    async create(reference, inputs, isPreview) {
      return explained(
        async () => {
          const { kind, context } = subjectOf(reference);
          if (isPreview) {
            return { kind: "done", id: "", outputs: inputs };
          }
          return kind === "object"
            ? createResource(inputs, context)
            : createHelmRelease(inputs, context);
        },
        inputs,
        reference.urn,
      );
    },
    async update(reference, states, isPreview) {
      return explained(
        async () => {
          const { kind, context } = subjectOf(reference);
          const { newInputs: inputs, oldOutputs } = states;
          if (isPreview) {
            return { kind: "done", id: reference.id, outputs: { ...oldOutputs, ...inputs } };
          }
          return kind === "object"
            ? updateResource(reference.id, { inputs, oldOutputs }, context)
            : createHelmRelease(inputs, context);
        },
        states.newInputs,
        reference.urn,
      );
    },
    async read(reference, state) {
      return explained(
        async () => {
          const { kind, context } = subjectOf(reference);
          return kind === "object" ? readResource(state, context) : readHelmRelease(state, context);
        },
        state.inputs,
        reference.urn,
      );
    },
    async remove(reference, states) {
      await explained(
        async () => {
          const { kind, context } = subjectOf(reference);
          await (kind === "object"
            ? deleteResource(
                reference.id,
                { inputs: states.oldInputs, outputs: states.oldOutputs },
                context,
              )
            : deleteHelmRelease(reference.id, context));
        },
        states.oldInputs,
        reference.urn,
      );
    },
    cancel: () => cancellation.abort(),
  };
}

async function checkAny(
  request: CheckRequest,
  defaultNamespace: () => Promise<string>,
): Promise<CheckAnswer> {
  const { urn, randomSeed, autonaming, news } = request;
  const parsed = parseResourceType(tokenOf(urn));
  if (parsed.kind === "refused") {
    throw new RefusedError(parsed.message);
  }
  if (parsed.kind === "helm-release") {
    return { inputs: news, failures: [] };
  }
  const { type } = parsed;
  const logicalName = urn.slice(urn.lastIndexOf("::") + 2);
  const result = await checkInputs(news, reveal(request.olds), {
    type,
    logicalName,
    urn,
    randomSeed,
    autonaming,
    defaultNamespace,
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

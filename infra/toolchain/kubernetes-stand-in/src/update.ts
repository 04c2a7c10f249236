import { ApiError, UnreachableError } from "./api-error.ts";
import { addressOf, parseId } from "./cluster.ts";
import type { ObjectAddress } from "./cluster.ts";
import { describeConflict, isConflict } from "./conflict.ts";
import { finish } from "./create.ts";
import { fieldManagerFor } from "./field-manager.ts";
import { withIgnoredFields } from "./ignored-fields.ts";
import { isObject, withValue } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { toManifest } from "./manifest.ts";
import { applyOwned, isPatchForced, takeOwnership } from "./ownership.ts";
import { RefusedError } from "./resource-context.ts";
import type { OperationResult, ResourceContext } from "./resource-context.ts";
import { refineType } from "./resource-type.ts";
import { findWaitProblem } from "./wait.ts";
import { hasUnknown, reveal } from "./wire-values.ts";

export interface UpdateStates {
  readonly inputs: JsonObject;
  readonly oldOutputs: JsonObject;
  /** Paths whose changes the program leaves to others. */
  readonly ignoredPaths: readonly string[];
}

/** Applies the inputs to the live object: what they no longer hold is removed, what others own stays. */
export async function updateResource(
  id: string,
  states: UpdateStates,
  context: ResourceContext,
): Promise<OperationResult> {
  const { address, manifest, fieldManager } = prepare(id, states, context);
  const { type } = address;
  let before = await context.cluster.get(address);
  if (before !== undefined && !type.isPatch) {
    const owned = { live: before, fieldManager, isKubectlTakenOver: true };
    before = await takeOwnership(context.cluster, address, owned);
  }
  const sent = withoutIgnored(manifest, before, { states, fieldManager });
  const made = await applyOwned(address, sent, { context, fieldManager });
  const { inputs } = states;
  return finish(made, { inputs, address: addressOf(type, made), context, fieldManager });
}

/** Asks the server whether it would take the update; a server that is not there says nothing against it. */
export async function previewUpdate(
  id: string,
  states: UpdateStates,
  context: ResourceContext,
): Promise<OperationResult> {
  const outputs = mergeOutputs(states.oldOutputs, states.inputs);
  const expected: OperationResult = { kind: "done", id, outputs };
  if (hasUnknown(states.inputs)) {
    return expected;
  }
  const { address, manifest, fieldManager } = prepare(id, states, context);
  try {
    const before =
      states.ignoredPaths.length === 0 ? undefined : await context.cluster.get(address);
    const sent = withoutIgnored(manifest, before, { states, fieldManager });
    const isForced = isPatchForced(manifest, context);
    await context.cluster.apply(address, sent, { fieldManager, isForced, isDryRun: true });
  } catch (error) {
    const conflict = isConflict(error) ? describeConflict(error, address, fieldManager) : undefined;
    if (conflict !== undefined) {
      throw new RefusedError(conflict, { cause: error });
    }
    if (error instanceof ApiError && error.httpStatus === 422) {
      throw error;
    }
    if (!(error instanceof ApiError || error instanceof UnreachableError)) {
      throw error;
    }
  }
  return expected;
}

interface Prepared {
  readonly address: ObjectAddress;
  readonly manifest: JsonObject;
  readonly fieldManager: string;
}

function prepare(id: string, states: UpdateStates, context: ResourceContext): Prepared {
  const plain = reveal(states.inputs);
  const problem = findWaitProblem(plain);
  if (problem !== undefined) {
    throw new RefusedError(problem);
  }
  const type = refineType(context.type, plain);
  const address = parseId(type, id);
  const manifest = withValue(toManifest(type, states.inputs), ["metadata", "name"], address.name);
  const fieldManager = fieldManagerFor(context.urn, plain, reveal(states.oldOutputs));
  return { address, manifest, fieldManager };
}

function withoutIgnored(
  manifest: JsonObject,
  live: JsonObject | undefined,
  ignoring: { readonly states: UpdateStates; readonly fieldManager: string },
): JsonObject {
  const paths = ignoring.states.ignoredPaths;
  return live === undefined || paths.length === 0
    ? manifest
    : withIgnoredFields(manifest, live, { paths, fieldManager: ignoring.fieldManager });
}

function mergeOutputs(olds: JsonObject, news: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...olds };
  for (const [key, value] of Object.entries(news)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? mergeOutputs(before, value) : value;
  }
  return merged;
}

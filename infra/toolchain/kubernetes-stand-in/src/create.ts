import { setTimeout as delay } from "node:timers/promises";
import { ApiError, isNotFound } from "./api-error.ts";
import { addressOf, describeAddress, toId } from "./cluster.ts";
import type { ObjectAddress } from "./cluster.ts";
import { fieldManagerFor } from "./field-manager.ts";
import type { JsonObject } from "./json.ts";
import { toManifest, toOutputs } from "./manifest.ts";
import { applyOwned, takeOwnership } from "./ownership.ts";
import { RefusedError } from "./resource-context.ts";
import type { OperationResult, ResourceContext } from "./resource-context.ts";
import { refineType } from "./resource-type.ts";
import { findWaitProblem, timeoutSecondsFor, waitUntilReady } from "./wait.ts";
import { reveal } from "./wire-values.ts";

const attemptCount = 5;
const firstPauseMs = 500;

/** Makes the object and waits until it is ready. One that exists already is an error: nothing is adopted silently. */
export async function createResource(
  inputs: JsonObject,
  context: ResourceContext,
): Promise<OperationResult> {
  const plain = reveal(inputs);
  const problem = findWaitProblem(plain);
  if (problem !== undefined) {
    throw new RefusedError(problem);
  }
  const type = refineType(context.type, plain);
  const manifest = toManifest(type, inputs);
  const fieldManager = fieldManagerFor(context.urn, plain, {});
  const address = addressOf(type, manifest);
  const made = type.isPatch
    ? await applyToExisting(address, manifest, { context, fieldManager })
    : await createNew(address, manifest, { context, fieldManager });
  return finish(made, { inputs, address: addressOf(type, made), context, fieldManager });
}

interface Making {
  readonly context: ResourceContext;
  readonly fieldManager: string;
}

async function applyToExisting(
  address: ObjectAddress,
  manifest: JsonObject,
  making: Making,
): Promise<JsonObject> {
  if ((await making.context.cluster.get(address)) === undefined) {
    throw new RefusedError(
      `${describeAddress(address)} does not exist, so there is nothing to patch`,
    );
  }
  return applyOwned(address, manifest, making);
}

async function createNew(
  address: ObjectAddress,
  manifest: JsonObject,
  { context, fieldManager }: Making,
): Promise<JsonObject> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const live = await context.cluster.create(address, manifest, fieldManager);
      return await takeOwnership(context.cluster, addressOf(address.type, live), {
        live,
        fieldManager,
        isKubectlTakenOver: false,
      });
    } catch (error) {
      if (error instanceof ApiError && error.reason === "AlreadyExists") {
        throw new RefusedError(describeExisting(address, context), { cause: error });
      }
      if (!isNotFound(error) || context.signal.aborted) {
        throw error;
      }
      // Its namespace, or the definition of its kind, may be on its way.
      const message = error instanceof Error ? error.message : "";
      if (attempt === attemptCount) {
        throw new RefusedError(
          `${describeAddress(address)} cannot be created: ${message} (asked ${attemptCount} times). Create what is missing first, and let this resource depend on it`,
          { cause: error },
        );
      }
      context.log({
        severity: "info",
        isEphemeral: true,
        urn: context.urn,
        message: `attempt ${attempt} of ${attemptCount}: ${message}`,
      });
      await delay(firstPauseMs * 2 ** (attempt - 1), undefined, { signal: context.signal }).catch(
        () => undefined,
      );
    }
  }
}

function describeExisting(address: ObjectAddress, context: ResourceContext): string {
  const id =
    address.namespace === undefined ? address.name : `${address.namespace}/${address.name}`;
  const logicalName = context.urn.slice(context.urn.lastIndexOf("::") + 2);
  return `${describeAddress(address)} exists already, and is not taken over silently. If it shall belong to this stack: pulumi import ${context.token} ${logicalName} ${id} (or the resource option import: "${id}"); to set single fields of it, use a Patch resource`;
}

interface Finishing extends Making {
  readonly inputs: JsonObject;
  readonly address: ObjectAddress;
}

/** Waits for readiness and turns the live object into outputs; shared by create and update. */
export async function finish(made: JsonObject, finishing: Finishing): Promise<OperationResult> {
  const { inputs, address, context, fieldManager } = finishing;
  const plain = reveal(inputs);
  const waited = await waitUntilReady(
    context.cluster,
    address,
    { live: made, inputs: plain },
    {
      timeoutSeconds: timeoutSecondsFor(plain, context.timeoutSeconds),
      signal: context.signal,
      onProgress: (message) => {
        context.log({ severity: "info", isEphemeral: true, urn: context.urn, message });
      },
    },
  );
  const outputs = toOutputs(address.type, waited.live, { inputs, fieldManager });
  const id = toId(waited.live);
  return waited.kind === "ready"
    ? { kind: "done", id, outputs }
    : { kind: "not-ready", id, outputs, inputs, reason: waited.reason };
}

import { isNotFound, UnreachableError } from "./api-error.ts";
import { parseId } from "./cluster.ts";
import { fieldManagerFor } from "./field-manager.ts";
import { stringAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { applyOwned } from "./ownership.ts";
import { RefusedError } from "./resource-context.ts";
import type { ResourceContext } from "./resource-context.ts";
import { refineType } from "./resource-type.ts";
import { timeoutSecondsFor, waitUntilGone } from "./wait.ts";
import { reveal } from "./wire-values.ts";

/** Deletes the object and what belongs to it, and waits until it is gone. A patch only lets go of its fields. */
export async function deleteResource(
  id: string,
  states: { readonly inputs: JsonObject; readonly outputs: JsonObject },
  context: ResourceContext,
): Promise<void> {
  const plain = reveal(states.inputs);
  const outputs = reveal(states.outputs);
  const type = refineType(context.type, "kind" in plain ? plain : outputs);
  const address = parseId(type, id);
  try {
    if (type.isPatch) {
      await letGo(id, { plain, outputs }, context);
      return;
    }
    const propagation =
      stringAt(plain, "metadata", "annotations", "pulumi.com/deletionPropagationPolicy") ??
      "foreground";
    await context.cluster.remove(
      address,
      `${propagation.charAt(0).toUpperCase()}${propagation.slice(1)}`,
    );
    const left = await waitUntilGone(context.cluster, address, {
      timeoutSeconds: timeoutSecondsFor(plain, context.timeoutSeconds),
      signal: context.signal,
      onProgress: () => undefined,
    });
    if (left !== undefined) {
      throw new RefusedError(left);
    }
  } catch (error) {
    if (isNotFound(error)) {
      return;
    }
    if (error instanceof UnreachableError && context.settings.isDeletedWhenUnreachable) {
      context.log({
        severity: "warning",
        urn: context.urn,
        message: `forgotten, not deleted (deleteUnreachable): ${error.message}`,
      });
      return;
    }
    throw error instanceof UnreachableError
      ? new RefusedError(
          `${error.message}. If the cluster is gone for good, set deleteUnreachable on its provider, or PULUMI_K8S_DELETE_UNREACHABLE=true, to forget its objects`,
          { cause: error },
        )
      : error;
  }
}

async function letGo(
  id: string,
  states: { readonly plain: JsonObject; readonly outputs: JsonObject },
  context: ResourceContext,
): Promise<void> {
  const type = refineType(context.type, states.plain);
  const address = parseId(type, id);
  if ((await context.cluster.get(address)) === undefined) {
    return;
  }
  const fieldManager = fieldManagerFor(context.urn, states.plain, states.outputs);
  const { namespace, name } = address;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  // An apply without fields gives up all that this name owns; fields without another owner go.
  const empty = { apiVersion: type.apiVersion, kind: type.kind, metadata };
  await applyOwned(address, empty, { context, fieldManager });
}

import { addressOf, parseId } from "./cluster.ts";
import { finish } from "./create.ts";
import { fieldManagerFor } from "./field-manager.ts";
import type { JsonObject } from "./json.ts";
import { withValue } from "./json.ts";
import { toManifest } from "./manifest.ts";
import { applyOwned, takeOwnership } from "./ownership.ts";
import { RefusedError } from "./resource-context.ts";
import type { OperationResult, ResourceContext } from "./resource-context.ts";
import { refineType } from "./resource-type.ts";
import { findWaitProblem } from "./wait.ts";
import { reveal } from "./wire-values.ts";

/** Applies the inputs to the live object: what they no longer hold is removed, what others own stays. */
export async function updateResource(
  id: string,
  states: { readonly inputs: JsonObject; readonly oldOutputs: JsonObject },
  context: ResourceContext,
): Promise<OperationResult> {
  const { inputs } = states;
  const plain = reveal(inputs);
  const problem = findWaitProblem(plain);
  if (problem !== undefined) {
    throw new RefusedError(problem);
  }
  const type = refineType(context.type, plain);
  const address = parseId(type, id);
  const fieldManager = fieldManagerFor(context.urn, plain, reveal(states.oldOutputs));
  const manifest = withValue(toManifest(type, inputs), ["metadata", "name"], address.name);
  const before = await context.cluster.get(address);
  if (before !== undefined && !type.isPatch) {
    await takeOwnership(context.cluster, address, { live: before, fieldManager });
  }
  const made = await applyOwned(address, manifest, { context, fieldManager });
  return finish(made, { inputs, address: addressOf(type, made), context, fieldManager });
}

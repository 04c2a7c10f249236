import { ApiError } from "./api-error.ts";
import type { Cluster, ObjectAddress } from "./cluster.ts";
import { describeConflict, isConflict } from "./conflict.ts";
import { ownershipPatch } from "./field-manager.ts";
import { stringAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { RefusedError } from "./resource-context.ts";
import type { ResourceContext } from "./resource-context.ts";

const attemptCount = 5;

/** Makes the fields that a create set, and hand edits, belong to the same name as later applies. */
export async function takeOwnership(
  cluster: Cluster,
  address: ObjectAddress,
  owned: {
    readonly live: JsonObject;
    readonly fieldManager: string;
    readonly isKubectlTakenOver: boolean;
  },
): Promise<JsonObject> {
  let live = owned.live;
  for (let attempt = 1; ; attempt += 1) {
    const patch = ownershipPatch(live, owned.fieldManager, owned);
    if (patch === undefined) {
      return live;
    }
    try {
      return await cluster.patchJson(address, patch);
    } catch (error) {
      // Somebody else changed the object in between, or already deletes it.
      const isStale = error instanceof ApiError && [404, 409, 422].includes(error.httpStatus);
      if (!isStale || attempt === attemptCount) {
        // The object is made; the next update tries again.
        return live;
      }
      const next = await cluster.get(address);
      if (next === undefined) {
        return live;
      }
      live = next;
    }
  }
}

/** Server-side apply under our name; conflicts with other managers are refusals that name them. */
export async function applyOwned(
  address: ObjectAddress,
  manifest: JsonObject,
  applying: { readonly context: ResourceContext; readonly fieldManager: string },
): Promise<JsonObject> {
  const { context, fieldManager } = applying;
  const isForced = isPatchForced(manifest, context);
  try {
    return await context.cluster.apply(address, manifest, {
      fieldManager,
      isForced,
      isDryRun: false,
    });
  } catch (error) {
    if (!isConflict(error)) {
      throw error;
    }
    const others = describeConflict(error, address, fieldManager);
    if (others !== undefined) {
      throw new RefusedError(others, { cause: error });
    }
    return context.cluster.apply(address, manifest, {
      fieldManager,
      isForced: true,
      isDryRun: false,
    });
  }
}

export function isPatchForced(manifest: JsonObject, context: ResourceContext): boolean {
  return (
    context.settings.isPatchForced ||
    stringAt(manifest, "metadata", "annotations", "pulumi.com/patchForce") === "true"
  );
}

import { parseId, toId } from "./cluster.ts";
import { fieldManagerFor, ownedFields } from "./field-manager.ts";
import { isObject, stringAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { toLiveInputs, toLiveStringData } from "./live-inputs.ts";
import { isSecretKind, markSecretFields, toOutputs, withoutServerFields } from "./manifest.ts";
import type { ResourceContext } from "./resource-context.ts";
import { refineType } from "./resource-type.ts";
import type { ResourceType } from "./resource-type.ts";
import { markSecretsLike, reveal } from "./wire-values.ts";

export interface ReadState {
  readonly id: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

/** The object as it is now; undefined if it is gone. Without old inputs (import, get) they are derived from it. */
export async function readResource(
  state: ReadState,
  context: ResourceContext,
): Promise<ReadState | undefined> {
  const oldInputs = reveal(state.inputs);
  const oldOutputs = reveal(state.outputs);
  const type = refineType(context.type, oldInputs);
  const live = await context.cluster.get(parseId(type, state.id));
  if (live === undefined) {
    return undefined;
  }
  const fieldManager = fieldManagerFor(context.urn, oldInputs, oldOutputs);
  const isKnown = Object.keys(oldInputs).length > 0;
  const plain = isKnown
    ? refreshInputs(type, oldInputs, { live, oldOutputs })
    : importInputs(type, live, fieldManager);
  const marked = markSecretsLike(plain, state.inputs);
  const inputs = markSecretFields(type, isObject(marked) ? marked : {});
  return { id: toId(live), inputs, outputs: toOutputs(type, live, { inputs, fieldManager }) };
}

function refreshInputs(
  type: ResourceType,
  oldInputs: JsonObject,
  seen: { readonly live: JsonObject; readonly oldOutputs: JsonObject },
): JsonObject {
  const live = { ...seen.live, apiVersion: type.apiVersion, kind: type.kind };
  const projected = toLiveInputs(oldInputs, live, seen.oldOutputs);
  const texts = isSecretKind(type) ? toLiveStringData(oldInputs, live) : undefined;
  return texts === undefined ? projected : { ...projected, stringData: texts };
}

function importInputs(type: ResourceType, live: JsonObject, fieldManager: string): JsonObject {
  const owned = ownedFields(live, fieldManager);
  const name = stringAt(live, "metadata", "name") ?? "";
  const namespace = stringAt(live, "metadata", "namespace");
  const cleaned = withoutServerFields(owned ?? live);
  const metadata = cleaned["metadata"];
  return {
    ...cleaned,
    apiVersion: type.apiVersion,
    kind: type.kind,
    metadata: {
      ...(isObject(metadata) ? metadata : {}),
      name,
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
}

import { ApiError, isImmutable, UnreachableError } from "./api-error.ts";
import { addressOf } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import { fieldManagerFor } from "./field-manager.ts";
import { immutableFields } from "./immutable-fields.ts";
import type { MutabilityRules } from "./immutable-fields.ts";
import { isAutonamed } from "./check.ts";
import { isEqual, stringAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { toManifest } from "./manifest.ts";
import { changesOf, isChangedAt } from "./property-diff.ts";
import type { PropertyChange } from "./property-diff.ts";
import { refineType } from "./resource-type.ts";
import type { ResourceType } from "./resource-type.ts";
import { hasUnknown, reveal } from "./wire-values.ts";

export interface DiffInput {
  readonly urn: string;
  readonly type: ResourceType;
  /** As checked, last time and now; outputs as in the state. */
  readonly oldInputs: JsonObject;
  readonly newInputs: JsonObject;
  readonly oldOutputs: JsonObject;
}

export interface ResourceDiff {
  readonly changes: readonly PropertyChange[];
  /** Those of the changes that need a new object. */
  readonly replaces: readonly PropertyChange[];
  readonly isDeletedFirst: boolean;
}

export interface DiffOptions extends MutabilityRules {
  readonly cluster: Cluster;
}

/** Compares inputs; asks the server, by a dry run, only about what they change. */
export async function diffResource(input: DiffInput, options: DiffOptions): Promise<ResourceDiff> {
  const olds = reveal(input.oldInputs);
  const news = reveal(input.newInputs);
  const changes = changesOf(olds, news);
  if (changes.length === 0) {
    return { changes, replaces: [], isDeletedFirst: false };
  }
  const type = refineType(input.type, olds);
  const places = type.isPatch
    ? ["kind", "metadata.name", "metadata.namespace"]
    : immutableFields(type, options);
  let replaces: readonly PropertyChange[] = changes.filter((change) =>
    places.some((place) => isChangedAt(change, place)),
  );
  if (isGroupChanged(olds, news)) {
    replaces = [...replaces, ...changes.filter((change) => isChangedAt(change, "apiVersion"))];
  }
  if (replaces.length === 0 && !hasUnknown(news)) {
    replaces = await askServer(input, news, { changes, options });
  }
  return { changes, replaces, isDeletedFirst: replaces.length > 0 && isSameName(olds, news) };
}

/** Another version of the same group is the same object. */
function isGroupChanged(olds: JsonObject, news: JsonObject): boolean {
  const group = (object: JsonObject): string =>
    (stringAt(object, "apiVersion") ?? "").replace(/\/?[^/]*$/, "");
  return group(olds) !== group(news);
}

/** Two objects of one name cannot stand side by side; an autonamed one gets a new name. */
function isSameName(olds: JsonObject, news: JsonObject): boolean {
  const at = (object: JsonObject, field: string): string | undefined =>
    stringAt(object, "metadata", field);
  return (
    !isAutonamed(news) &&
    at(news, "name") !== undefined &&
    isEqual(at(olds, "name"), at(news, "name")) &&
    isEqual(at(olds, "namespace"), at(news, "namespace"))
  );
}

async function askServer(
  input: DiffInput,
  news: JsonObject,
  asked: { readonly changes: readonly PropertyChange[]; readonly options: DiffOptions },
): Promise<readonly PropertyChange[]> {
  const type = refineType(input.type, news);
  const fieldManager = fieldManagerFor(input.urn, news, reveal(input.oldOutputs));
  const manifest = toManifest(type, input.newInputs);
  try {
    // Whose the fields are is not the question here: the preview of the update asks that.
    const options = { fieldManager, isForced: true, isDryRun: true };
    await asked.options.cluster.apply(addressOf(type, manifest), manifest, options);
  } catch (error) {
    if (isImmutable(error)) {
      return immutableChanges(error, asked.changes);
    }
    if (!(error instanceof ApiError || error instanceof UnreachableError)) {
      throw error;
    }
    // A server that is not there, or does not let this user ask, says nothing against the change.
  }
  return [];
}

/** The changes at the fields the server names; all of them if it names none of ours. */
function immutableChanges(
  error: ApiError,
  changes: readonly PropertyChange[],
): readonly PropertyChange[] {
  const fields = error.causes.map((cause) => cause.field).filter((field) => field !== "");
  const named = changes.filter((change) => fields.some((field) => isChangedAt(change, field)));
  return named.length === 0 ? changes : named;
}

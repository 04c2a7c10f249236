import { ApiError } from "./api-error.ts";
import type { ApiErrorCause } from "./api-error.ts";
import { describeAddress } from "./cluster.ts";
import type { ObjectAddress } from "./cluster.ts";
import { isTakenOver } from "./field-manager.ts";

/** Whether fields belong to somebody else, who set them to something else. */
export function isConflict(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    error.httpStatus === 409 &&
    error.causes.some((cause) => cause.reason === "FieldManagerConflict")
  );
}

/** Who owns which fields, and the ways out; undefined if all belong to names that an update takes over. */
export function describeConflict(
  error: ApiError,
  address: ObjectAddress,
  fieldManager: string,
): string | undefined {
  const others = error.causes.filter((cause) => isForeign(cause, fieldManager));
  if (others.length === 0) {
    return undefined;
  }
  const lines = others.map((cause) => `${cause.field}: ${cause.message}`);
  return `${describeAddress(address)}: fields belong to another manager: ${lines.join("; ")}. Leave these fields out, or list them in ignoreChanges, or take them over with the annotation pulumi.com/patchForce: "true"`;
}

function isForeign(cause: ApiErrorCause, fieldManager: string): boolean {
  if (cause.reason !== "FieldManagerConflict") {
    return false;
  }
  // The server writes: conflict with "name" with subresource "scale" using apps/v1
  const [, manager = "", subresource] =
    /conflict with "([^"]*)"(?: with subresource "([^"]*)")?/.exec(cause.message) ?? [];
  return subresource !== undefined || !isTakenOver({ manager, operation: "Update" }, fieldManager);
}

import { ApiError } from "./api-error.ts";
import { describeAddress } from "./cluster.ts";
import type { ObjectAddress } from "./cluster.ts";

/** Whether fields belong to somebody else, who set them to something else. */
export function isConflict(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    error.httpStatus === 409 &&
    error.causes.some((cause) => cause.reason === "FieldManagerConflict")
  );
}

/** Who owns which fields, and the ways out; undefined if all belong to our own name, from before they were applied. */
export function describeConflict(
  error: ApiError,
  address: ObjectAddress,
  fieldManager: string,
): string | undefined {
  const others = error.causes.filter(
    (cause) =>
      cause.reason === "FieldManagerConflict" && !cause.message.includes(`"${fieldManager}"`),
  );
  if (others.length === 0) {
    return undefined;
  }
  const lines = others.map((cause) => `${cause.field}: ${cause.message}`);
  return `${describeAddress(address)}: fields belong to another manager: ${lines.join("; ")}. Leave these fields out, or list them in ignoreChanges, or take them over with the annotation pulumi.com/patchForce: "true"`;
}

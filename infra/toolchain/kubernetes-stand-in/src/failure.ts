import { ApiError, UnreachableError } from "./api-error.ts";
import { isList, isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { KubeconfigError } from "./kubeconfig.ts";
import { RefusedError } from "./resource-context.ts";
import { isSecret, revealValue } from "./wire-values.ts";

/** One message for the engine: what the server, or this plugin, refused, without any secret of the inputs. */
export function describeFailure(error: unknown, inputs: JsonObject): RefusedError {
  const message = messageOf(error);
  return new RefusedError(redact(message, inputs), { cause: error });
}

function messageOf(error: unknown): string {
  if (error instanceof ApiError) {
    const label = { 401: "not logged in", 403: "forbidden", 422: "invalid" }[error.httpStatus];
    const prefix = `the API server refused (${label ?? `HTTP ${error.httpStatus}`})`;
    return `${prefix}: ${error.message}${error.httpStatus === 403 ? ". Grant this verb to the user of the provider's kubeconfig, or use another one" : ""}`;
  }
  if (
    error instanceof KubeconfigError ||
    error instanceof RefusedError ||
    error instanceof UnreachableError
  ) {
    return error.message;
  }
  // Anything else is a bug of the stand-in, and whoever mends it needs the place.
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const shortestSecretCharacters = 4;

function redact(message: string, inputs: JsonObject): string {
  let redacted = message;
  for (const secret of secretTexts(inputs)) {
    if (secret.length >= shortestSecretCharacters) {
      redacted = redacted.replaceAll(secret, "[secret]");
    }
  }
  return redacted;
}

function secretTexts(value: Json): readonly string[] {
  if (isSecret(value)) {
    return textsOf(revealValue(value));
  }
  if (isList(value)) {
    return value.flatMap(secretTexts);
  }
  return isObject(value) ? Object.values(value).flatMap(secretTexts) : [];
}

function textsOf(value: Json): readonly string[] {
  if (isList(value)) {
    return value.flatMap(textsOf);
  }
  if (isObject(value)) {
    return Object.values(value).flatMap(textsOf);
  }
  return typeof value === "string" ? [value] : [];
}

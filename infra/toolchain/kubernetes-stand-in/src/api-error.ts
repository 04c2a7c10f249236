import { isObject, listAt, numberAt, stringAt } from "./json.ts";
import type { Json } from "./json.ts";

/** What an API server refused, as its Status object says. */
export class ApiError extends Error {
  readonly httpStatus: number;
  readonly reason: string;
  readonly causes: readonly ApiErrorCause[];

  constructor(
    httpStatus: number,
    message: string,
    details: { reason: string; causes: readonly ApiErrorCause[] },
  ) {
    super(message);
    this.httpStatus = httpStatus;
    this.reason = details.reason;
    this.causes = details.causes;
  }
}

export interface ApiErrorCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** The server could not be asked at all. */
export class UnreachableError extends Error {}

export function toApiError(httpStatus: number, body: Json | undefined, request: string): ApiError {
  const message = isObject(body) ? stringAt(body, "message") : undefined;
  const causes = listAt(body, "details", "causes").map((cause) => ({
    reason: stringAt(cause, "reason") ?? "",
    field: stringAt(cause, "field") ?? "",
    message: stringAt(cause, "message") ?? "",
  }));
  return new ApiError(
    numberAt(body, "code") ?? httpStatus,
    message ?? `${request}: HTTP ${httpStatus}`,
    { reason: stringAt(body, "reason") ?? "", causes },
  );
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 404;
}

/** Whether the server said no because a field may never change. */
export function isImmutable(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    error.httpStatus === 422 &&
    /immutable|may not change once set|updates to .* forbidden|cannot be changed|can ?not update/i.test(
      error.message,
    )
  );
}

/** Names of the gRPC status codes an `ErtisError` can carry. */
export type ErtisCode =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** One wrong field of a request. */
export interface FieldViolation {
  /** Path inside the request, for example `items[3].spec.node_count`. */
  readonly field: string;
  /** Stable code in UPPER_SNAKE_CASE; may be empty. */
  readonly reason: string;
  /** What was found and what is allowed. */
  readonly description: string;
}

/** All an `ErtisError` is made of. */
export interface ErtisErrorFacts {
  readonly code: ErtisCode;
  readonly message: string;
  readonly reason?: string;
  readonly advice?: string;
  readonly fieldViolations?: readonly FieldViolation[];
  readonly metadata?: ReadonlyMap<string, string>;
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string;
  readonly isOutcomeUnknown?: boolean;
  readonly cause?: unknown;
}

/** A call that failed: what happened, why, and what to do about it. */
export class ErtisError extends Error {
  override readonly name = "ErtisError";
  /** gRPC status code by name. */
  readonly code: ErtisCode;
  /** Stable reason code of the server (`google.rpc.ErrorInfo.reason`); empty when it gave none. */
  readonly reason: string;
  /** What to do, in one sentence; may be empty. */
  readonly advice: string;
  /** Every wrong field at once; empty unless the code is INVALID_ARGUMENT. */
  readonly fieldViolations: readonly FieldViolation[];
  /** Further facts for programs (`google.rpc.ErrorInfo.metadata`). */
  readonly metadata: ReadonlyMap<string, string>;
  /** The server wants no further try before this many milliseconds; undefined = it did not say. */
  readonly retryAfterMs: number | undefined;
  /** What to give to whoever reads the server's records; empty = unknown. */
  readonly requestId: string;
  /** True: the call may or may not have been carried out, because its answer was lost. */
  readonly isOutcomeUnknown: boolean;

  constructor(facts: ErtisErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.reason = facts.reason ?? "";
    this.advice = facts.advice ?? "";
    this.fieldViolations = facts.fieldViolations ?? [];
    this.metadata = facts.metadata ?? new Map();
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId ?? "";
    this.isOutcomeUnknown = facts.isOutcomeUnknown ?? false;
  }
}

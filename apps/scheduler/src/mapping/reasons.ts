import { status } from "@grpc/grpc-js";
import type { RejectionCode } from "@ertis/scheduler-engine";

/** Reason codes that come from the engine: something about the state of the world. */
export type EngineReason =
  | "REQUEST_ID_REUSED"
  | "NEVER_FITS"
  | "DEADLINE_IN_THE_PAST"
  | "CAP_OUT_OF_RANGE"
  | "UNKNOWN_SITE"
  | "UNKNOWN_GPU_MODEL"
  | "UNKNOWN_JOB"
  | "UNKNOWN_DEPENDENCY"
  | "DEPENDENCY_NEVER_MET"
  | "NOT_PERMITTED"
  | "ALREADY_FINISHED"
  | "NOT_HELD"
  | "TOO_MANY_JOBS"
  | "UNKNOWN_NODE"
  | "NODE_NOT_LOST"
  | "UNKNOWN_DOMAIN"
  | "UNKNOWN_BUDGET"
  | "TOO_MANY_BUDGETS"
  | "BUDGET_IN_THE_PAST"
  | "UNKNOWN_CURTAILMENT"
  | "CURTAILMENT_OVER"
  | "TOO_MANY_CURTAILMENTS"
  | "CURTAILMENT_IN_THE_PAST"
  | "CURTAILMENT_TOO_SHORT"
  | "CURTAILMENT_ABOVE_RAMP"
  | "CURTAILMENT_BEYOND_HORIZON"
  | "CURTAILMENT_OVERLAPS_ITSELF"
  | "CURTAILMENT_ABOVE_LIMIT"
  | "CURTAILMENT_BELOW_IDLE"
  | "CURTAILMENT_BREAKS_FLOORS"
  | "CURTAILMENT_GIVES_UP_PROTECTED"
  | "INVALID_SITE_FILE"
  | "SITE_CHANGE_STRANDS_JOBS"
  | "INVALID_ACCOUNT"
  | "ACCOUNT_TWICE"
  | "UNKNOWN_ACCOUNT"
  | "QUOTA_TOO_LARGE";

/** Reason codes of the server itself: something about the call or the caller. */
export type ServerReason =
  | "INVALID_FIELDS"
  | "MALFORMED_MESSAGE"
  | "MESSAGE_TOO_LARGE"
  | "METADATA_TOO_LARGE"
  | "TOKEN_MISSING"
  | "TOKEN_UNKNOWN"
  | "UNKNOWN_PROJECT"
  | "RATE_EXCEEDED"
  | "TOO_MANY_WATCHES"
  | "OVERLOADED"
  | "CALL_TOO_LONG"
  | "RESUME_TOKEN_TOO_OLD"
  | "SCHEDULER_UNAVAILABLE"
  | "STARTING"
  | "SHUTTING_DOWN"
  | "CLOCK_GOES_BACK"
  | "CLOCK_IS_BUSY"
  | "INTERNAL";

export type Reason = EngineReason | ServerReason;

/**
 * Every reason code that a caller can see, with the gRPC status of a whole call that is refused for
 * it. `docs/errors.md` explains each; a test keeps the two equal.
 */
export const reasons: Readonly<Record<Reason, status>> = {
  REQUEST_ID_REUSED: status.ALREADY_EXISTS,
  NEVER_FITS: status.FAILED_PRECONDITION,
  DEADLINE_IN_THE_PAST: status.FAILED_PRECONDITION,
  CAP_OUT_OF_RANGE: status.FAILED_PRECONDITION,
  UNKNOWN_SITE: status.NOT_FOUND,
  UNKNOWN_GPU_MODEL: status.NOT_FOUND,
  UNKNOWN_JOB: status.NOT_FOUND,
  UNKNOWN_DEPENDENCY: status.NOT_FOUND,
  DEPENDENCY_NEVER_MET: status.FAILED_PRECONDITION,
  NOT_PERMITTED: status.PERMISSION_DENIED,
  ALREADY_FINISHED: status.FAILED_PRECONDITION,
  NOT_HELD: status.FAILED_PRECONDITION,
  TOO_MANY_JOBS: status.RESOURCE_EXHAUSTED,
  UNKNOWN_NODE: status.NOT_FOUND,
  NODE_NOT_LOST: status.FAILED_PRECONDITION,
  UNKNOWN_DOMAIN: status.NOT_FOUND,
  UNKNOWN_BUDGET: status.NOT_FOUND,
  TOO_MANY_BUDGETS: status.RESOURCE_EXHAUSTED,
  BUDGET_IN_THE_PAST: status.FAILED_PRECONDITION,
  UNKNOWN_CURTAILMENT: status.NOT_FOUND,
  CURTAILMENT_OVER: status.FAILED_PRECONDITION,
  TOO_MANY_CURTAILMENTS: status.RESOURCE_EXHAUSTED,
  CURTAILMENT_IN_THE_PAST: status.FAILED_PRECONDITION,
  CURTAILMENT_TOO_SHORT: status.INVALID_ARGUMENT,
  CURTAILMENT_ABOVE_RAMP: status.FAILED_PRECONDITION,
  CURTAILMENT_BEYOND_HORIZON: status.FAILED_PRECONDITION,
  CURTAILMENT_OVERLAPS_ITSELF: status.ALREADY_EXISTS,
  CURTAILMENT_ABOVE_LIMIT: status.FAILED_PRECONDITION,
  CURTAILMENT_BELOW_IDLE: status.FAILED_PRECONDITION,
  CURTAILMENT_BREAKS_FLOORS: status.FAILED_PRECONDITION,
  CURTAILMENT_GIVES_UP_PROTECTED: status.INVALID_ARGUMENT,
  INVALID_SITE_FILE: status.INVALID_ARGUMENT,
  SITE_CHANGE_STRANDS_JOBS: status.FAILED_PRECONDITION,
  INVALID_ACCOUNT: status.INVALID_ARGUMENT,
  ACCOUNT_TWICE: status.INVALID_ARGUMENT,
  UNKNOWN_ACCOUNT: status.NOT_FOUND,
  QUOTA_TOO_LARGE: status.FAILED_PRECONDITION,
  INVALID_FIELDS: status.INVALID_ARGUMENT,
  MALFORMED_MESSAGE: status.INVALID_ARGUMENT,
  MESSAGE_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  METADATA_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  TOKEN_MISSING: status.UNAUTHENTICATED,
  TOKEN_UNKNOWN: status.UNAUTHENTICATED,
  UNKNOWN_PROJECT: status.NOT_FOUND,
  RATE_EXCEEDED: status.RESOURCE_EXHAUSTED,
  TOO_MANY_WATCHES: status.RESOURCE_EXHAUSTED,
  OVERLOADED: status.UNAVAILABLE,
  CALL_TOO_LONG: status.DEADLINE_EXCEEDED,
  RESUME_TOKEN_TOO_OLD: status.OUT_OF_RANGE,
  SCHEDULER_UNAVAILABLE: status.UNAVAILABLE,
  STARTING: status.UNAVAILABLE,
  SHUTTING_DOWN: status.UNAVAILABLE,
  CLOCK_GOES_BACK: status.INVALID_ARGUMENT,
  CLOCK_IS_BUSY: status.ABORTED,
  INTERNAL: status.INTERNAL,
};

const ofEngine: Record<RejectionCode, EngineReason> = {
  "request-id-reused": "REQUEST_ID_REUSED",
  "never-fits": "NEVER_FITS",
  "deadline-in-the-past": "DEADLINE_IN_THE_PAST",
  "cap-out-of-range": "CAP_OUT_OF_RANGE",
  "unknown-site": "UNKNOWN_SITE",
  "unknown-gpu-model": "UNKNOWN_GPU_MODEL",
  "unknown-job": "UNKNOWN_JOB",
  "unknown-dependency": "UNKNOWN_DEPENDENCY",
  "dependency-never-met": "DEPENDENCY_NEVER_MET",
  "not-permitted": "NOT_PERMITTED",
  "already-finished": "ALREADY_FINISHED",
  "not-held": "NOT_HELD",
  "too-many-jobs": "TOO_MANY_JOBS",
  "unknown-node": "UNKNOWN_NODE",
  "node-not-lost": "NODE_NOT_LOST",
  "unknown-domain": "UNKNOWN_DOMAIN",
  "unknown-budget": "UNKNOWN_BUDGET",
  "too-many-budgets": "TOO_MANY_BUDGETS",
  "budget-in-the-past": "BUDGET_IN_THE_PAST",
  "unknown-curtailment": "UNKNOWN_CURTAILMENT",
  "curtailment-over": "CURTAILMENT_OVER",
  "too-many-curtailments": "TOO_MANY_CURTAILMENTS",
  "curtailment-in-the-past": "CURTAILMENT_IN_THE_PAST",
  "curtailment-too-short": "CURTAILMENT_TOO_SHORT",
  "curtailment-above-ramp": "CURTAILMENT_ABOVE_RAMP",
  "curtailment-beyond-horizon": "CURTAILMENT_BEYOND_HORIZON",
  "curtailment-overlaps-itself": "CURTAILMENT_OVERLAPS_ITSELF",
  "curtailment-above-limit": "CURTAILMENT_ABOVE_LIMIT",
  "curtailment-below-idle": "CURTAILMENT_BELOW_IDLE",
  "curtailment-breaks-floors": "CURTAILMENT_BREAKS_FLOORS",
  "curtailment-gives-up-protected": "CURTAILMENT_GIVES_UP_PROTECTED",
  "invalid-site-file": "INVALID_SITE_FILE",
  "site-change-strands-jobs": "SITE_CHANGE_STRANDS_JOBS",
  "invalid-account": "INVALID_ACCOUNT",
  "account-twice": "ACCOUNT_TWICE",
  "unknown-account": "UNKNOWN_ACCOUNT",
  "quota-too-large": "QUOTA_TOO_LARGE",
};

export function reasonOf(code: RejectionCode): EngineReason {
  return ofEngine[code];
}

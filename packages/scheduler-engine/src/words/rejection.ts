/** Every expected "no" of the engine. Each has one row in docs/errors.md and one gRPC status. */
export type RejectionCode =
  | "request-id-reused"
  | "never-fits"
  | "deadline-in-the-past"
  | "cap-out-of-range"
  | "unknown-site"
  | "unknown-gpu-model"
  | "unknown-job"
  | "unknown-dependency"
  | "dependency-never-met"
  | "not-permitted"
  | "already-finished"
  | "not-held"
  | "too-many-jobs"
  | "unknown-node"
  | "node-not-lost"
  | "unknown-domain"
  | "unknown-budget"
  | "too-many-budgets"
  | "budget-in-the-past"
  | "unknown-curtailment"
  | "curtailment-over"
  | "too-many-curtailments"
  | "curtailment-in-the-past"
  | "curtailment-too-short"
  | "curtailment-above-ramp"
  | "curtailment-beyond-horizon"
  | "curtailment-overlaps-itself"
  | "curtailment-above-limit"
  | "curtailment-below-idle"
  | "curtailment-breaks-floors"
  | "curtailment-gives-up-protected"
  | "invalid-site-file"
  | "site-change-strands-jobs"
  | "invalid-account"
  | "account-twice"
  | "unknown-account"
  | "quota-too-large";

/** An expected "no": a value, never an exception. */
export interface Rejection {
  readonly kind: "rejected";
  readonly code: RejectionCode;
  /** What was found, what is allowed, what to do. */
  readonly message: string;
}

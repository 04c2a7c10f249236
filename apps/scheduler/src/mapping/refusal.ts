import type { Rejection as ApiRejection } from "@ertis/api";
import type { Rejection } from "@ertis/scheduler-engine";
import { rejectionMetadataMax, violationCountMax } from "../limits/limits.ts";
import { type Reason, reasonOf } from "./reasons.ts";
import type { Violation } from "./violation.ts";

/** Why a whole call is refused; becomes a gRPC status with google.rpc details. */
export class Refusal {
  readonly reason: Reason;
  /** For people: what was found, what is allowed, what to do. */
  readonly message: string;
  readonly violations: readonly Violation[];
  /** When it makes sense to try again. */
  readonly retryAfterMs: number | undefined;
  /** Further facts for programs. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What the server's log has beside the error; undefined = nothing was logged. */
  readonly requestId: string | undefined;

  constructor(
    reason: Reason,
    message: string,
    more: {
      readonly violations?: readonly Violation[];
      readonly retryAfterMs?: number;
      readonly metadata?: Readonly<Record<string, string>>;
      readonly requestId?: string;
    } = {},
  ) {
    this.reason = reason;
    this.message = message;
    this.violations = more.violations ?? [];
    this.retryAfterMs = more.retryAfterMs;
    this.metadata = more.metadata ?? {};
    this.requestId = more.requestId;
  }
}

/** All wrong fields of a call at once. */
export function invalid(violations: readonly Violation[]): Refusal {
  return new Refusal("INVALID_FIELDS", sentence(violations), { violations });
}

export function invalidField(field: string, description: string): Refusal {
  return invalid([{ field, description }]);
}

export function refusalOf(rejection: Rejection): Refusal {
  return new Refusal(reasonOf(rejection.code), rejection.message);
}

/** A refused item of a batch. */
export function rejectionToApi(rejection: Rejection): ApiRejection {
  return itemRejection(reasonOf(rejection.code), "", rejection.message);
}

export function itemRejection(reason: Reason, field: string, message: string): ApiRejection {
  return { reason, field, message, metadata: new Map() };
}

/** A refused item with all of its wrong fields: each is in the message and in the metadata. */
export function invalidItem(violations: readonly Violation[]): ApiRejection {
  const named = violations.slice(0, Math.min(violationCountMax, rejectionMetadataMax));
  return {
    reason: "INVALID_FIELDS",
    field: violations[0]?.field ?? "",
    message: sentence(violations),
    metadata: new Map(named.map(({ field, description }) => [field, description])),
  };
}

function sentence(violations: readonly Violation[]): string {
  const named = violations
    .slice(0, violationCountMax)
    .map(({ field, description }) => `${field}: ${description}`);
  const more = violations.length - named.length;
  return more > 0 ? `${named.join("; ")}; and ${more} more` : named.join("; ");
}

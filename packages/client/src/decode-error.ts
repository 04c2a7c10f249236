import { status, type ServiceError } from "@grpc/grpc-js";
import {
  BadRequest,
  ErrorInfo,
  Help,
  LocalizedMessage,
  type ProtoAny,
  type ProtoDuration,
  RequestInfo,
  RetryInfo,
  RpcStatus,
} from "@ertis/api";
import { ErtisError, type ErtisCode, type ErtisErrorFacts } from "./ertis-error.ts";

/** Where a gRPC server puts the bytes of `google.rpc.Status`. */
const detailsKey = "grpc-status-details-bin";

const codeNames: ReadonlyMap<number, ErtisCode> = new Map([
  [status.CANCELLED, "CANCELLED"],
  [status.INVALID_ARGUMENT, "INVALID_ARGUMENT"],
  [status.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"],
  [status.NOT_FOUND, "NOT_FOUND"],
  [status.ALREADY_EXISTS, "ALREADY_EXISTS"],
  [status.PERMISSION_DENIED, "PERMISSION_DENIED"],
  [status.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"],
  [status.FAILED_PRECONDITION, "FAILED_PRECONDITION"],
  [status.ABORTED, "ABORTED"],
  [status.OUT_OF_RANGE, "OUT_OF_RANGE"],
  [status.UNIMPLEMENTED, "UNIMPLEMENTED"],
  [status.INTERNAL, "INTERNAL"],
  [status.UNAVAILABLE, "UNAVAILABLE"],
  [status.DATA_LOSS, "DATA_LOSS"],
  [status.UNAUTHENTICATED, "UNAUTHENTICATED"],
]);

/** What to do when the server gave no advice of its own. */
const adviceByCode: Readonly<Partial<Record<ErtisCode, string>>> = {
  UNAVAILABLE:
    "check that the scheduler runs at this address, and that both sides use TLS or neither",
  DEADLINE_EXCEEDED: "the scheduler is slow or out of reach: try again, or allow more time",
  UNAUTHENTICATED: "check the token",
  PERMISSION_DENIED: "ask an operator, or use a token with the right",
};

/** Only an id that the server gave stands in its log. */
function adviceFor(code: ErtisCode, requestId: string | undefined): string {
  if (code !== "INTERNAL") {
    return adviceByCode[code] ?? "";
  }
  return requestId === undefined || requestId === ""
    ? "this is a fault of the scheduler: report it with the time, at which its log has the rest"
    : `this is a fault of the scheduler: report it with request id ${requestId}, which its log has beside the error`;
}

/** Codes after which nobody knows whether the server acted. */
const unknownOutcome: ReadonlySet<ErtisCode> = new Set([
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "CANCELLED",
  "INTERNAL",
  "UNKNOWN",
  "DATA_LOSS",
]);

function toMs(duration: ProtoDuration | undefined): number | undefined {
  if (duration === undefined) {
    return undefined;
  }
  return Math.max(0, Number(duration.seconds) * 1_000 + Math.ceil(duration.nanos / 1_000_000));
}

type Details = { -readonly [Key in keyof ErtisErrorFacts]?: ErtisErrorFacts[Key] };

function readDetail(detail: ProtoAny, facts: Details): void {
  const kind = detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1);
  switch (kind) {
    case "google.rpc.ErrorInfo": {
      const info = ErrorInfo.decode(detail.value);
      facts.reason = info.reason;
      facts.metadata = info.metadata;
      return;
    }
    case "google.rpc.BadRequest": {
      facts.fieldViolations = BadRequest.decode(detail.value).fieldViolations.map(
        ({ field, reason, description }) => ({ field, reason, description }),
      );
      return;
    }
    case "google.rpc.RetryInfo": {
      facts.retryAfterMs = toMs(RetryInfo.decode(detail.value).retryDelay);
      return;
    }
    case "google.rpc.RequestInfo": {
      facts.requestId = RequestInfo.decode(detail.value).requestId;
      return;
    }
    case "google.rpc.Help": {
      facts.advice ??= Help.decode(detail.value).links[0]?.description ?? "";
      return;
    }
    case "google.rpc.LocalizedMessage": {
      facts.advice = LocalizedMessage.decode(detail.value).message;
      return;
    }
    default:
      // A detail of a newer server: the message still says what happened.
      return;
  }
}

function readDetails(error: ServiceError): Details {
  const facts: Details = {};
  const [bytes] = error.metadata?.get(detailsKey) ?? [];
  if (!(bytes instanceof Uint8Array)) {
    return facts;
  }
  try {
    for (const detail of RpcStatus.decode(bytes).details) {
      readDetail(detail, facts);
    }
  } catch {
    // Damaged details must not hide the error they belong to.
  }
  return facts;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}

/** grpc-js wraps the one interesting sentence of a refused connection in two that are not. */
function toPlain(details: string): string {
  const match =
    /^No connection established\. Last error: (?:Error: )?(.+?)\. Resolution note:/.exec(details);
  return match === null ? details : `cannot reach the scheduler: ${match[1] ?? ""}`;
}

/**
 * Any failure of a call as an `ErtisError`, with the google.rpc details the server sent.
 *
 * @param isReading the call changes nothing, whatever becomes of it
 */
export function toErtisError(error: unknown, isReading = false): ErtisError {
  if (error instanceof ErtisError) {
    return error;
  }
  if (!isServiceError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return new ErtisError({ code: "UNKNOWN", message, isOutcomeUnknown: !isReading, cause: error });
  }
  const code = codeNames.get(error.code) ?? "UNKNOWN";
  const details = readDetails(error);
  const advice =
    details.advice === undefined || details.advice === ""
      ? adviceFor(code, details.requestId)
      : details.advice;
  const message = error.details === "" ? `the call ended with ${code}` : toPlain(error.details);
  return new ErtisError({
    ...details,
    code,
    message,
    advice,
    isOutcomeUnknown: !isReading && unknownOutcome.has(code),
    cause: error,
  });
}

import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import {
  BadRequest,
  ErrorInfo,
  LocalizedMessage,
  type ProtoAny,
  RequestInfo,
  RetryInfo,
  RpcStatus,
} from "@ertis/api";
import type { FieldViolation } from "../ertis-error.ts";

/** A failure as a server would send it. */
export interface RichErrorFacts {
  readonly code: keyof typeof status;
  readonly message: string;
  readonly reason?: string;
  readonly advice?: string;
  readonly fieldViolations?: readonly FieldViolation[];
  readonly retryAfterMs?: number;
  readonly requestId?: string;
}

function pack(name: string, value: Uint8Array): ProtoAny {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(value) };
}

function toDetails(facts: RichErrorFacts): ProtoAny[] {
  const details: ProtoAny[] = [];
  if (facts.reason !== undefined) {
    const info = ErrorInfo.fromPartial({ reason: facts.reason, domain: "ertis" });
    details.push(pack("ErrorInfo", ErrorInfo.encode(info).finish()));
  }
  if (facts.fieldViolations !== undefined) {
    const request = BadRequest.fromPartial({ fieldViolations: [...facts.fieldViolations] });
    details.push(pack("BadRequest", BadRequest.encode(request).finish()));
  }
  if (facts.retryAfterMs !== undefined) {
    const seconds = BigInt(Math.floor(facts.retryAfterMs / 1_000));
    const nanos = (facts.retryAfterMs % 1_000) * 1_000_000;
    const retry = RetryInfo.fromPartial({ retryDelay: { seconds, nanos } });
    details.push(pack("RetryInfo", RetryInfo.encode(retry).finish()));
  }
  if (facts.advice !== undefined) {
    const message = LocalizedMessage.fromPartial({ locale: "en", message: facts.advice });
    details.push(pack("LocalizedMessage", LocalizedMessage.encode(message).finish()));
  }
  if (facts.requestId !== undefined) {
    const info = RequestInfo.fromPartial({ requestId: facts.requestId });
    details.push(pack("RequestInfo", RequestInfo.encode(info).finish()));
  }
  return details;
}

/** The error a grpc-js handler answers with, google.rpc details included. */
export function toServiceError(facts: RichErrorFacts): ServiceError {
  const code = status[facts.code];
  const details = toDetails(facts);
  const metadata = new Metadata();
  const rich = RpcStatus.fromPartial({ code, message: facts.message, details });
  metadata.set("grpc-status-details-bin", Buffer.from(RpcStatus.encode(rich).finish()));
  return Object.assign(new Error(facts.message), { code, details: facts.message, metadata });
}

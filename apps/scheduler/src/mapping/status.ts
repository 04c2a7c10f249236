import {
  BadRequest,
  ErrorInfo,
  type ProtoAny,
  QuotaFailure,
  RequestInfo,
  RetryInfo,
  RpcStatus,
} from "@ertis/api";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { violationCountMax } from "../limits/limits.ts";
import { reasons } from "./reasons.ts";
import type { Refusal } from "./refusal.ts";

/** Who speaks in ErrorInfo: the service, not a host. */
const errorDomain = "ertis.v1";
/** Trailers are limited to 8 KiB by many proxies. */
const messageLengthMax = 2_000;
const typePrefix = "type.googleapis.com/google.rpc.";

/** A refusal as gRPC sends it: code, sentence, and google.rpc details in the trailer. */
export function statusOf(refusal: Refusal): StatusObject {
  const code = reasons[refusal.reason];
  const message = refusal.message.slice(0, messageLengthMax);
  const metadata = new Metadata();
  const details = detailsOf(refusal);
  const bytes = RpcStatus.encode({ code, message, details }).finish();
  metadata.set("grpc-status-details-bin", Buffer.from(bytes));
  return { code, details: message, metadata };
}

function detailsOf(refusal: Refusal): ProtoAny[] {
  const { reason, violations, retryAfterMs, metadata, requestId } = refusal;
  const info = { reason, domain: errorDomain, metadata: new Map(Object.entries(metadata)) };
  const details = [detail("ErrorInfo", ErrorInfo.encode(info).finish())];
  if (violations.length > 0) {
    const fieldViolations = violations
      .slice(0, violationCountMax)
      .map(({ field, description }) => ({
        field,
        description,
        reason: "",
        localizedMessage: undefined,
      }));
    details.push(detail("BadRequest", BadRequest.encode({ fieldViolations }).finish()));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = {
      seconds: BigInt(Math.floor(retryAfterMs / 1_000)),
      nanos: (retryAfterMs % 1_000) * 1_000_000,
    };
    details.push(detail("RetryInfo", RetryInfo.encode({ retryDelay }).finish()));
  }
  if (requestId !== undefined) {
    const request = RequestInfo.encode({ requestId, servingData: "" });
    details.push(detail("RequestInfo", request.finish()));
  }
  if (reason === "RATE_EXCEEDED" || reason === "TOO_MANY_WATCHES") {
    details.push(detail("QuotaFailure", quotaFailure(refusal)));
  }
  return details;
}

function quotaFailure(refusal: Refusal): Uint8Array {
  const subject = refusal.metadata["person"] ?? "";
  return QuotaFailure.encode(
    QuotaFailure.fromPartial({ violations: [{ subject, description: refusal.message }] }),
  ).finish();
}

function detail(name: string, value: Uint8Array): ProtoAny {
  return { typeUrl: `${typePrefix}${name}`, value: Buffer.from(value) };
}

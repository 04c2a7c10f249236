import type { Reply } from "@ertis/scheduler-engine";
import type { Request, Scheduler } from "@ertis/scheduler-runtime";
import { readableLength } from "../mapping/readable.ts";
import { Refusal, refusalOf } from "../mapping/refusal.ts";
import type { Violation } from "../mapping/violation.ts";

/** The durable answer to a command, or why the whole call is refused. */
export async function requestOrRefuse(
  scheduler: Scheduler,
  request: Request,
): Promise<Exclude<Reply, { readonly kind: "rejected" }> | Refusal> {
  const reply = await scheduler.request(request);
  if (reply.kind === "unavailable") {
    return new Refusal("SCHEDULER_UNAVAILABLE", unavailableMessage(reply.message), {
      retryAfterMs: 1_000,
    });
  }
  return reply.kind === "rejected" ? refusalOf(reply) : reply;
}

function unavailableMessage(message: string): string {
  return message.includes(": LogDiskFull: ")
    ? "the disk of the scheduler is full and nothing of this call was kept; send it again with the same request ids when an operator has freed space"
    : message;
}

/** The page's size, or the default for 0. */
export function pageSizeOf(
  asked: number,
  { standard, max }: { readonly standard: number; readonly max: number },
  violations: Violation[],
): number {
  if (asked > max) {
    violations.push({
      field: "page_size",
      description: `found ${asked}, but 1 to ${max} are allowed, or 0 for ${standard}`,
    });
  }
  return asked === 0 ? standard : asked;
}

/** A length of time of a request, or the default for 0. */
export function durationOf(
  field: string,
  askedMs: number,
  limits: { readonly min: number; readonly max: number; readonly default: number },
  violations: Violation[],
): number {
  if (askedMs === 0) {
    return limits.default;
  }
  if (askedMs < limits.min || askedMs > limits.max) {
    violations.push({
      field,
      description: `found ${readableLength(askedMs)} (${askedMs}), but ${readableLength(limits.min)} to ${readableLength(limits.max)} is allowed, or 0 for ${readableLength(limits.default)}`,
    });
  }
  return askedMs;
}

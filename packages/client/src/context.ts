import type { ClientReadableStream } from "@grpc/grpc-js";
import type { BackOff } from "./back-off.ts";
import type { Caller } from "./caller.ts";
import type { Method } from "./connection.ts";
import type { BatchLimits } from "./split.ts";

/** What the calls of one client share. */
export interface Context {
  readonly caller: Caller;
  readonly backOff: BackOff;
  /** From 0 (inclusive) to 1. */
  readonly random: () => number;
  /** How large a batch the server takes. */
  readonly findBatchLimits: () => Promise<BatchLimits>;
  openStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
  ): ClientReadableStream<Response>;
}

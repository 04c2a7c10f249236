import {
  type AdvanceResponse,
  ClockServiceService,
  type GetClockResponse,
  type GetServerInfoResponse,
  InfoServiceService,
} from "@ertis/api";
import { type AccountCalls, createAccountCalls } from "./account-calls.ts";
import type { BackOff } from "./back-off.ts";
import { Caller, type CallOptions } from "./caller.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import type { Context } from "./context.ts";
import { createCurtailmentCalls, type CurtailmentCalls } from "./curtailment-calls.ts";
import type { ErtisError } from "./ertis-error.ts";
import { createJobCalls, type JobCalls } from "./job-calls.ts";
import { createNodeCalls, type NodeCalls } from "./node-calls.ts";
import { createPowerCalls, type PowerCalls } from "./power-calls.ts";
import type { BatchLimits } from "./split.ts";

/** How a client connects, waits and retries. */
export interface ClientOptions extends ConnectionOptions {
  /** Milliseconds for a call with all its retries; default 30 s. */
  readonly deadlineMs?: number;
  /** Milliseconds for one try of a call that may be repeated; default 10 s. */
  readonly attemptTimeoutMs?: number;
  /** Waits between tries; default from 100 ms to 5 s. */
  readonly backOff?: BackOff;
  /** Limits of a batch; left out: asked from the server once. */
  readonly batchLimits?: BatchLimits;
  /** Told before each wait for a retry. */
  readonly onRetry?: (error: ErtisError, waitMs: number) => void;
  /** Told once for a call that has no answer after three seconds, with the milliseconds left to it. */
  readonly onSlow?: (leftMs: number) => void;
  /** Source of jitter, from 0 (inclusive) to 1; default `Math.random`. */
  readonly random?: () => number;
}

/** The server and its clock. */
export interface ServerCalls {
  /** Version, sites, clock, limits, and who the caller is. */
  serverInfo(options?: CallOptions): Promise<GetServerInfoResponse>;
  /** The stepped virtual clock of tests and replays. */
  clock(options?: CallOptions): Promise<GetClockResponse>;
  /** Moves that clock forward; one answer may stop early (`quiet` is false): call again. */
  advanceClock(toTimeMs: number, options?: CallOptions): Promise<AdvanceResponse>;
}

/** A connection to one scheduler. */
export interface ErtisClient
  extends JobCalls, PowerCalls, CurtailmentCalls, AccountCalls, NodeCalls, ServerCalls {
  /** Ends all calls and closes the connection. */
  close(): void;
}

const defaultBackOff: BackOff = { firstMs: 200, longestMs: 5_000 };

/** A stream is renewed with its resume token this often, so that it never outlives a gRPC deadline. */
const streamTimeoutMs = 3_600_000;

/** The contract's own limit of items. */
const maxItemCount = 1_000;

/** Asks the server for its limits once; a failed try is forgotten, so that the next one asks again. */
function rememberBatchLimits(ask: () => Promise<BatchLimits>): () => Promise<BatchLimits> {
  let known: Promise<BatchLimits> | undefined;
  return async () => {
    known ??= ask();
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

function createServerCalls(caller: Caller): ServerCalls {
  return {
    async serverInfo(options) {
      return caller.call(InfoServiceService.getServerInfo, {}, options);
    },
    async clock(options) {
      return caller.call(ClockServiceService.getClock, {}, options);
    },
    async advanceClock(toTimeMs, options) {
      // Not repeated: it may take long, and a second one would only wait behind the first.
      return caller.call(ClockServiceService.advance, { toTimeMs }, options, "if-refused");
    },
  };
}

/** Connects to a scheduler; nothing is sent before the first call. Throws `ErtisError` for bad options. */
export function createClient(options: ClientOptions): ErtisClient {
  const connection = new Connection(options);
  const backOff = options.backOff ?? defaultBackOff;
  const random = options.random ?? Math.random;
  const caller = new Caller(connection, {
    attemptTimeoutMs: options.attemptTimeoutMs ?? 10_000,
    deadlineMs: options.deadlineMs ?? 30_000,
    backOff,
    random,
    onRetry: options.onRetry,
    onSlow: options.onSlow,
  });
  const server = createServerCalls(caller);
  const askLimits = async (): Promise<BatchLimits> => {
    const { limits } = await server.serverInfo();
    return {
      maxItemCount: Math.min(limits?.maxSubmitItemCount ?? maxItemCount, maxItemCount),
      maxBytes: limits?.maxMessageBytes ?? 1024 * 1024,
    };
  };
  const { batchLimits } = options;
  const context: Context = {
    caller,
    backOff,
    random,
    findBatchLimits:
      batchLimits === undefined ? rememberBatchLimits(askLimits) : async () => batchLimits,
    openStream: (method, request) =>
      connection.stream({ method, request, timeoutMs: streamTimeoutMs }),
  };
  return {
    ...createJobCalls(context),
    ...createPowerCalls(context),
    ...createCurtailmentCalls(context),
    ...createAccountCalls(context),
    ...createNodeCalls(context),
    ...server,
    close: () => connection.close(),
  };
}

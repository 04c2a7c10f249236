import { type BackOff, toWaitMs, wait } from "./back-off.ts";
import type { Connection, Method } from "./connection.ts";
import { toErtisError } from "./decode-error.ts";
import type { ErtisError } from "./ertis-error.ts";

/** What a caller may say about one call. */
export interface CallOptions {
  /** Milliseconds for the call with all its retries; default 30 s. */
  readonly deadlineMs?: number;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

/**
 * Which failures are tried again. `always`: the request may be repeated without harm (reads, requests
 * with an id). `if-refused`: only when the server said that it did nothing.
 */
export type Repeat = "always" | "if-refused";

/** How calls are timed. */
export interface CallerSettings {
  /** Milliseconds for one try. */
  readonly attemptTimeoutMs: number;
  /** Milliseconds for all tries of a call that says nothing else. */
  readonly deadlineMs: number;
  readonly backOff: BackOff;
  /** From 0 (inclusive) to 1. */
  readonly random: () => number;
  /** Told before each wait. */
  readonly onRetry: ((error: ErtisError, waitMs: number) => void) | undefined;
  /** Told once for a call that has no answer after three seconds, with the milliseconds left to it. */
  readonly onSlow: ((leftMs: number) => void) | undefined;
}

/** A person who waits longer than this wants to know what for; what is asked of large sites may take half of it. */
const slowMs = 3_000;

/** Calls that change nothing, by their names: after one that failed there is nothing that may have been done. */
const reading = /\/(?:Get|List|Explain|Plan|Preview)[A-Za-z]+$/;

/** A server that refuses because of load, and says when to come back, has done nothing. */
function isRefusedForNow(error: ErtisError): boolean {
  return error.code === "RESOURCE_EXHAUSTED" && error.retryAfterMs !== undefined;
}

function isTransient(error: ErtisError): boolean {
  return (
    error.code === "UNAVAILABLE" || error.code === "DEADLINE_EXCEEDED" || error.code === "ABORTED"
  );
}

/** Calls with deadlines and retries. */
export class Caller {
  readonly #connection: Connection;
  readonly #settings: CallerSettings;

  constructor(connection: Connection, settings: CallerSettings) {
    this.#connection = connection;
    this.#settings = settings;
  }

  /** Calls until it is answered, refused for good, or the deadline is over. Rejects with `ErtisError`. */
  async call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
    repeat: Repeat = "always",
  ): Promise<Response> {
    const { onSlow } = this.#settings;
    if (onSlow === undefined) {
      return this.#callUntilAnswered(method, request, options, repeat);
    }
    const leftMs = (options.deadlineMs ?? this.#settings.deadlineMs) - slowMs;
    const timer = setTimeout(() => onSlow(leftMs), slowMs);
    try {
      return await this.#callUntilAnswered(method, request, options, repeat);
    } finally {
      clearTimeout(timer);
    }
  }

  async #callUntilAnswered<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
    repeat: Repeat,
  ): Promise<Response> {
    const { settings, signal } = { settings: this.#settings, signal: options.signal };
    // The monotonic clock: a step of the wall clock neither ends a call nor keeps it alive.
    const endMs = performance.now() + (options.deadlineMs ?? settings.deadlineMs);
    for (let retry = 1; ; retry += 1) {
      const leftMs = Math.max(1, endMs - performance.now());
      // A call that must not be repeated gets all the time there is in its one try.
      const timeoutMs = repeat === "always" ? Math.min(settings.attemptTimeoutMs, leftMs) : leftMs;
      try {
        return await this.#connection.unary({ method, request, timeoutMs, signal });
      } catch (cause) {
        const error = toErtisError(cause, reading.test(method.path));
        if (signal?.aborted === true) {
          throw error;
        }
        const isRepeated = isRefusedForNow(error) || (repeat === "always" && isTransient(error));
        const waitMs = Math.max(
          toWaitMs(settings.backOff, retry, settings.random()),
          error.retryAfterMs ?? 0,
        );
        if (!isRepeated || performance.now() + waitMs >= endMs) {
          throw error;
        }
        settings.onRetry?.(error, waitMs);
        await wait(waitMs, signal);
      }
    }
  }
}

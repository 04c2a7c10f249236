import type { ClientReadableStream } from "@grpc/grpc-js";
import type { WatchPhase } from "@ertis/api";
import { type BackOff, toWaitMs, wait } from "./back-off.ts";
import { toErtisError } from "./decode-error.ts";
import { ErtisError } from "./ertis-error.ts";

/** What the messages of all watch streams have in common. */
export interface WatchMessage {
  readonly phase: WatchPhase;
  readonly resumeToken: string;
  readonly sequence: number;
}

/** What a watch tells. */
export type WatchEvent<Message extends WatchMessage> =
  | { readonly kind: "message"; readonly message: Message }
  /** Forget all that was seen: a new snapshot follows (or, without snapshots, changes were missed). */
  | { readonly kind: "resync"; readonly error: ErtisError }
  /** The stream broke; it is opened again after `waitMs`. What was seen may be out of date. */
  | { readonly kind: "disconnected"; readonly error: ErtisError; readonly waitMs: number };

/** How a watch behaves. */
export interface WatchOptions {
  /** Ends the watch. */
  readonly signal?: AbortSignal;
  /** Longest silence of a healthy server, milliseconds, 1,000 to 60,000; default 10 s. */
  readonly heartbeatIntervalMs?: number;
  /** Continue after this token of an earlier watch with the same filter. */
  readonly resumeToken?: string;
  /** Give up after this many failed tries to connect in a row; default: never. */
  readonly maxFailures?: number;
}

/** What a resumable watch needs to know of its stream. */
export interface WatchSource<Message extends WatchMessage> {
  readonly open: (resumeToken: string) => ClientReadableStream<Message>;
  readonly options: WatchOptions;
  readonly backOff: BackOff;
  readonly random: () => number;
}

/** Codes that no second try can heal. */
const finalCodes: ReadonlySet<string> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "UNIMPLEMENTED",
  "FAILED_PRECONDITION",
]);

const defaultHeartbeatMs = 10_000;

/** A stream that says nothing for this long has died: two heartbeats and a half. */
function toSilenceMs(options: WatchOptions): number {
  return 2.5 * (options.heartbeatIntervalMs ?? defaultHeartbeatMs);
}

/** The messages of one stream; ends it when it falls silent, the signal aborts or the reader leaves. */
async function* readStream<Message>(
  stream: ClientReadableStream<Message>,
  silenceMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Message, void, undefined> {
  let isSilent = false;
  const cancel = (): void => stream.cancel();
  const watchdog = setTimeout(() => {
    isSilent = true;
    stream.cancel();
  }, silenceMs);
  // After the reader left, cancelling still emits an error that nobody else would catch.
  stream.on("error", () => undefined);
  signal?.addEventListener("abort", cancel);
  const messages: AsyncIterable<Message> = stream;
  try {
    for await (const message of messages) {
      watchdog.refresh();
      yield message;
      watchdog.refresh();
    }
  } catch (error) {
    if (isSilent) {
      const message = `the stream was silent for ${silenceMs} ms`;
      throw new ErtisError({ code: "UNAVAILABLE", message, cause: error });
    }
    throw error;
  } finally {
    clearTimeout(watchdog);
    signal?.removeEventListener("abort", cancel);
    stream.cancel();
  }
}

/** A function, so that the compiler does not take the flag of a signal for a constant. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** A server that shuts down in good order ends its streams without an error. */
const endedError: ErtisError = new ErtisError({
  code: "UNAVAILABLE",
  message: "the scheduler ended the stream",
});

/**
 * Follows a stream for as long as the caller wants: reconnects with the last resume token, treats silence
 * as a broken connection, and says `resync` when what was seen is no longer worth anything (the token is
 * too old, or the stream broke inside the snapshot). Throws `ErtisError` for what no retry can heal.
 */
export async function* watchResumably<Message extends WatchMessage>(
  source: WatchSource<Message>,
): AsyncGenerator<WatchEvent<Message>, void, undefined> {
  const { signal, maxFailures = Infinity } = source.options;
  let resumeToken = source.options.resumeToken ?? "";
  let failureCount = 0;
  while (!isAborted(signal)) {
    let error = endedError;
    let hasSeen = false;
    try {
      const stream = source.open(resumeToken);
      for await (const message of readStream(stream, toSilenceMs(source.options), signal)) {
        failureCount = 0;
        hasSeen = true;
        resumeToken = message.resumeToken === "" ? resumeToken : message.resumeToken;
        yield { kind: "message", message };
      }
    } catch (cause) {
      error = toErtisError(cause, true);
    }
    if (isAborted(signal)) {
      return;
    }
    failureCount += 1;
    if (finalCodes.has(error.code) || failureCount > maxFailures) {
      throw error;
    }
    if (error.code === "OUT_OF_RANGE" || (hasSeen && resumeToken === "")) {
      resumeToken = "";
      yield { kind: "resync", error };
    }
    const waitMs = Math.max(
      toWaitMs(source.backOff, failureCount, source.random()),
      error.retryAfterMs ?? 0,
    );
    yield { kind: "disconnected", error, waitMs };
    await wait(waitMs, signal);
  }
}

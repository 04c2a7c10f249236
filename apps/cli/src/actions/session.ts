import { createClient, type ErtisClient, ErtisError } from "@ertis/client";
import type { ConnectionFlags } from "../commands/options.ts";
import { loadContext, type ServerContext } from "../context/load-context.ts";
import { readDuration } from "../job-file/parse-settings.ts";
import { showDuration } from "../output/format.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";

/** A connection for the length of one command. */
export interface Session {
  readonly client: ErtisClient;
  readonly context: ServerContext;
  /**
   * The scheduler's clock, milliseconds since the Unix epoch. It may be a virtual one: lengths of time must
   * not mix it with this machine's.
   */
  readonly findNowMs: () => Promise<number>;
}

function createNow(client: ErtisClient, terminal: Terminal): () => Promise<number> {
  return async () => {
    try {
      return (await client.serverInfo({ deadlineMs: 2_000 })).nowTimeMs;
    } catch {
      // Only lengths of time suffer; the call that matters reports what is wrong.
      return terminal.nowMs();
    }
  };
}

/** A failed call, told apart from a fault of our own. */
export function isErtisError(error: unknown): error is ErtisError {
  return error instanceof ErtisError;
}

const usualTimeoutMs = 10_000;

function readTimeoutMs(text: string | undefined): number {
  const read = text === undefined ? undefined : readDuration(text);
  if (read?.kind === "wrong") {
    throw new UsageError(`--timeout: ${read.message}`);
  }
  return read?.value ?? usualTimeoutMs;
}

/** Tells of retries: all of them when asked for, else only that a person waits for something. */
function createRetryReport(
  terminal: Terminal,
  isVerbose: boolean,
  timeoutMs: number,
): (error: ErtisError, waitMs: number) => void {
  let isTold = false;
  return (error, waitMs) => {
    if (isVerbose) {
      terminal.stderr.write(`ertis: ${error.message}; trying again in ${waitMs} ms\n`);
    } else if (!isTold && terminal.stderr.isTty) {
      isTold = true;
      terminal.stderr.write(`${error.message}; trying for ${showDuration(timeoutMs)}\n`);
    }
  };
}

/** Connects, works and closes. */
export async function withSession<Result>(
  terminal: Terminal,
  flags: ConnectionFlags,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const say = (message: string): void => terminal.stderr.write(`ertis: ${message}\n`);
  const context = loadContext(flags, { env: terminal.env, cwd: terminal.cwd, warn: say });
  const timeoutMs = readTimeoutMs(flags.timeout);
  const client = createClient({
    address: context.address,
    deadlineMs: timeoutMs,
    ...(context.token === "" ? {} : { token: context.token }),
    ...(context.caFile === undefined ? {} : { tls: { caFile: context.caFile } }),
    onRetry: createRetryReport(terminal, flags.verbose ?? false, timeoutMs),
  });
  try {
    return await work({ client, context, findNowMs: createNow(client, terminal) });
  } finally {
    client.close();
  }
}

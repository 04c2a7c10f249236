import { createClient, type ErtisClient, ErtisError } from "@ertis/client";
import type { ConnectionFlags } from "../commands/options.ts";
import { loadContext, type ServerContext } from "../context/load-context.ts";
import { readDuration } from "../job-file/parse-settings.ts";
import { showDuration } from "../output/format.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
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

/** Tells of retries to those who asked for it. */
function createRetryReport(terminal: Terminal): (error: ErtisError, waitMs: number) => void {
  return (error, waitMs) => {
    terminal.stderr.write(`ertis: ${error.message}; trying again in ${waitMs} ms\n`);
  };
}

/** Says once what the person waits for. */
function createSlowReport(terminal: Terminal, address: string, timeoutMs: number): () => void {
  let isTold = false;
  return () => {
    if (!isTold && !terminal.interrupt.aborted) {
      isTold = true;
      const until = showDuration(timeoutMs);
      terminal.stderr.write(
        `no answer from ${toPrintable(address)} so far, waiting until ${until} are over\n`,
      );
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
    ...(flags.verbose === true ? { onRetry: createRetryReport(terminal) } : {}),
    onSlow: createSlowReport(terminal, context.address, timeoutMs),
  });
  try {
    return await work({ client, context, findNowMs: createNow(client, terminal) });
  } finally {
    client.close();
  }
}

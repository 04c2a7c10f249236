import { constants } from "node:os";
import { isatty } from "node:tty";
import type { Output, Terminal } from "./terminal.ts";

function toOutput(stream: NodeJS.WriteStream, fileDescriptor: number): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    isTty: isatty(fileDescriptor),
    columns: () => (stream.isTTY ? stream.columns : undefined),
    rows: () => (stream.isTTY ? stream.rows : undefined),
  };
}

async function readInput(): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  const chunks: AsyncIterable<string> = process.stdin;
  for await (const chunk of chunks) {
    text += chunk;
  }
  return text;
}

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    return undefined;
  }
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C for itself while it asks.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await lines.question(question, { signal });
  } catch {
    // Ctrl-C: nobody answered.
    return undefined;
  } finally {
    lines.close();
  }
}

/** A call under way may not hear the signal; nobody who pressed Ctrl-C waits for its deadline. */
const graceMs = 500;

interface Interrupts {
  readonly signal: AbortSignal;
  /** The exit code of the signal that came; undefined = none came. */
  readonly exitCode: () => number | undefined;
}

/** The first signal asks to stop, a second one stops; a launcher may pass on what the terminal sent too. */
function listenForSignals(): Interrupts {
  const controller = new AbortController();
  let firstMs: number | undefined;
  let exitCode: number | undefined;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      exitCode ??= 128 + constants.signals[name];
      if (firstMs !== undefined && performance.now() - firstMs > 200) {
        process.exit(exitCode);
      }
      firstMs ??= performance.now();
      controller.abort();
      setTimeout(() => process.exit(exitCode), graceMs).unref();
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}

/** The process's own terminal, and the exit code of the signal that ended it. */
export interface ProcessTerminal {
  readonly terminal: Terminal;
  readonly interruptExitCode: () => number | undefined;
}

export function createProcessTerminal(): ProcessTerminal {
  const interrupts = listenForSignals();
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // `ertis jobs | head`: the reader has seen enough.
      process.exit(error.code === "EPIPE" ? 0 : 1);
    });
  }
  const terminal: Terminal = {
    stdout: toOutput(process.stdout, 1),
    stderr: toOutput(process.stderr, 2),
    readInput,
    ask: (question) => ask(question, interrupts.signal),
    env: process.env,
    cwd: process.cwd(),
    nowMs: () => Date.now(),
    interrupt: interrupts.signal,
  };
  return { terminal, interruptExitCode: interrupts.exitCode };
}

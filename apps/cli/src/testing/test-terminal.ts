import type { Output, Terminal } from "../terminal/terminal.ts";
import { sampleNowMs } from "./sample-power.ts";

/** A terminal that keeps what it is told. */
export interface TestTerminal extends Terminal {
  readonly out: () => string;
  readonly err: () => string;
  readonly press: () => void;
}

/** What a test's terminal is like. */
export interface TestTerminalOptions {
  /** Columns; undefined = a pipe. */
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** What a person answers; undefined = nobody is there. */
  readonly answer?: string;
  readonly input?: string;
  /** What this machine's clock says, where it is not what the scheduler's does. */
  readonly nowMs?: number;
}

function createOutput(columns: number | undefined): { output: Output; text: () => string } {
  const parts: string[] = [];
  const output: Output = {
    write: (text) => {
      parts.push(text);
    },
    isTty: columns !== undefined,
    columns: () => columns,
    rows: () => (columns === undefined ? undefined : 24),
  };
  return { output, text: () => parts.join("") };
}

export function createTestTerminal(options: TestTerminalOptions = {}): TestTerminal {
  const stdout = createOutput(options.columns);
  const stderr = createOutput(options.columns);
  const controller = new AbortController();
  return {
    stdout: stdout.output,
    stderr: stderr.output,
    readInput: async () => Promise.resolve(options.input ?? ""),
    ask: async (question) => {
      stderr.output.write(question);
      return Promise.resolve(options.answer);
    },
    env: { NO_COLOR: "1", HOME: "/nowhere", ...options.env },
    cwd: options.cwd ?? "/nowhere",
    nowMs: () => options.nowMs ?? sampleNowMs,
    interrupt: controller.signal,
    out: stdout.text,
    err: stderr.text,
    press: () => {
      controller.abort();
    },
  };
}

import type { Output, Terminal } from "./terminal.ts";

function toOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    isTty: stream.isTTY,
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
  try {
    return await lines.question(question, { signal });
  } catch {
    // Ctrl-C: nobody answered.
    return undefined;
  } finally {
    lines.close();
  }
}

/** The process's own terminal. The first SIGINT asks to stop, the second one stops. */
export function createProcessTerminal(): Terminal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  process.on("SIGINT", () => {
    const nowMs = performance.now();
    // A launcher and the terminal may both pass on the same Ctrl-C.
    if (firstMs !== undefined && nowMs - firstMs > 200) {
      process.exit(130);
    }
    firstMs ??= nowMs;
    controller.abort();
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // `ertis jobs | head`: the reader has seen enough.
      process.exit(error.code === "EPIPE" ? 0 : 1);
    });
  }
  return {
    stdout: toOutput(process.stdout),
    stderr: toOutput(process.stderr),
    readInput,
    ask: (question) => ask(question, controller.signal),
    env: process.env,
    cwd: process.cwd(),
    nowMs: () => Date.now(),
    interrupt: controller.signal,
  };
}

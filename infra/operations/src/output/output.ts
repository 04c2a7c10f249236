/** Where a command writes. Results go to stdout, what happens meanwhile to stderr. */
export interface Output {
  readonly isScreen: boolean;
  /** Results. */
  print(text: string): void;
  /** A line about what happens. */
  say(line: string): void;
  /** The line that stands below all others and changes; undefined takes it away. Nothing where there is no screen. */
  setStatus(line: string | undefined): void;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * `… | head` closes the pipe when it has enough. What is said after that is lost, and the work goes on: a
 * run that changes clusters must not end because nobody reads any more.
 */
export function outliveReader(stream: NodeJS.EventEmitter): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      throw error;
    }
  });
}

const clearLine = "\r\u001B[2K";

export function createOutput(
  stdout: Stream = process.stdout,
  stderr: Stream = process.stderr,
): Output {
  const isScreen = stderr.isTTY === true;
  let status: string | undefined;
  const draw = (): void => {
    if (isScreen && status !== undefined) {
      stderr.write(status.slice(0, (stderr.columns ?? 80) - 1));
    }
  };
  const erase = (): void => {
    if (isScreen && status !== undefined) {
      stderr.write(clearLine);
    }
  };
  return {
    isScreen,
    print(text) {
      erase();
      stdout.write(text);
      draw();
    },
    say(line) {
      erase();
      stderr.write(`${line}\n`);
      draw();
    },
    setStatus(line) {
      erase();
      status = line;
      draw();
    },
  };
}

import { spawn } from "node:child_process";

export interface ProgramResult {
  /** Undefined where the program could not be started or was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly directory?: string;
  /** Written to its standard input, which is closed then; without it there is none. */
  readonly input?: string;
  /** After it the program is ended with SIGKILL. */
  readonly timeoutSeconds?: number;
}

/** Runs a program to its end and keeps what it said. It never throws: a missing program is a result too. */
export async function runProgram(
  file: string,
  programArguments: readonly string[],
  options: RunOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(file, programArguments, {
      env: options.environment ?? process.env,
      cwd: options.directory,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      timeout: options.timeoutSeconds === undefined ? undefined : options.timeoutSeconds * 1000,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", (error) => {
      resolve({ exitCode: undefined, stdout, stderr: `${stderr}${error.message}` });
    });
    // The program may leave without reading its input; its exit code says what is wrong then.
    child.stdin?.once("error", () => undefined);
    child.stdin?.end(options.input);
    child.once("close", (code) => {
      resolve({ exitCode: code ?? undefined, stdout, stderr });
    });
  });
}

const longestLineCharacterCount = 400;

/** The last lines of what a program wrote, for a message; very long ones are cut. */
export function lastLines(text: string, lineCount: number): string {
  return text
    .trimEnd()
    .split("\n")
    .slice(-lineCount)
    .map((line) =>
      line.length > longestLineCharacterCount
        ? `${line.slice(0, longestLineCharacterCount)} …`
        : line,
    )
    .join("\n");
}

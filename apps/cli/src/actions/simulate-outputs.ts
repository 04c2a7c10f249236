import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Outcome, renderPage } from "@ertis/simulator";
import { describeFileError } from "../job-file/describe-file-error.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";

/** Where the outcome goes besides the terminal; `-` is standard output. */
interface OutputFiles {
  readonly out?: string;
  readonly json?: string;
}

export function writeOutputs(
  terminal: Terminal,
  flags: OutputFiles,
  outcomes: readonly Outcome[],
): void {
  const json = (): string => `${JSON.stringify(outcomes.length === 1 ? outcomes[0] : outcomes)}\n`;
  if (flags.json === "-") {
    terminal.stdout.write(json());
  } else if (flags.json !== undefined) {
    writeText(terminal, flags.json, json());
  }
  if (flags.out !== undefined) {
    writeText(terminal, flags.out, renderPage(outcomes));
  }
}

/** Before a run of minutes, not after it. */
export function checkOutputs({ cwd }: Terminal, { out, json }: OutputFiles): void {
  if (out !== undefined && json !== undefined && resolve(cwd, out) === resolve(cwd, json)) {
    throw new UsageError(`--out and --json both write ${out}`, "give one of them another name");
  }
  for (const file of [out, json]) {
    if (file !== undefined && file !== "-") {
      checkFolder(cwd, file);
    }
  }
}

function checkFolder(cwd: string, file: string): void {
  const folder = dirname(file);
  try {
    accessSync(resolve(cwd, folder), constants.W_OK);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw isMissing
      ? new UsageError(
          `cannot write ${file}: there is no folder ${folder}`,
          `make it first (mkdir -p ${folder}), or name a file in a folder that is there`,
        )
      : new UsageError(
          `cannot write ${file}: its folder ${folder} may not be written to, or is none`,
          "name a file in a folder of your own",
        );
  }
}

function writeText(terminal: Terminal, file: string, text: string): void {
  try {
    writeFileSync(resolve(terminal.cwd, file), text);
  } catch (error) {
    throw new UsageError(`${file}: ${describeFileError(error)}`);
  }
  terminal.stderr.write(`wrote ${file}\n`);
}

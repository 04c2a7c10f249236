import type { Command } from "commander";
import { findNearest } from "../job-file/nearest.ts";
import { isJobFile } from "../job-file/is-job-file.ts";
import { UsageError } from "../usage-error.ts";

/** What to submit and with which arguments, and the options given before it or, of a job file, after it. */
export interface JobWords<Flags> {
  readonly words: readonly string[];
  readonly flags: Flags;
}

/**
 * What follows a script are its arguments, as with sbatch. A job file is no program: what follows it are options as
 * before it, since one that is overlooked (`--hold`, `--dry-run`) would have a job submitted that nobody wanted so.
 */
export function readJobWords<Flags extends object>(
  command: Command,
  words: readonly string[],
): JobWords<Flags> {
  const [file = "", ...rest] = words;
  if (rest.length === 0 || !isJobFile(file)) {
    return { words, flags: command.opts<Flags>() };
  }
  const { operands, unknown } = command.passThroughOptions(false).parseOptions(rest);
  const [option] = unknown;
  if (option === "-h" || option === "--help") {
    command.help();
  }
  if (option !== undefined) {
    refuseOption(command, option);
  }
  const [argument] = operands;
  if (argument !== undefined) {
    throw new UsageError(
      `${argument} follows a job file, which takes no arguments on the command line`,
      'write them under "args" in the file',
    );
  }
  return { words: [file], flags: command.opts<Flags>() };
}

function refuseOption(command: Command, option: string): never {
  const known = command.options.flatMap(({ long, hidden }) =>
    long === undefined || long === null || hidden ? [] : [long],
  );
  const nearest = findNearest(option.split("=")[0] ?? "", known);
  const meant = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw new UsageError(
    `unknown option ${option} after a job file${meant}`,
    `"ertis ${command.name()} --help" lists the options; a program's own stand under "args" in the file`,
  );
}

import { type Command, Option } from "commander";
import type { ContextFlags } from "../context/load-context.ts";

/** Options of every command that calls the scheduler. */
export interface ConnectionFlags extends ContextFlags {
  /** Length of time as it was written. */
  readonly timeout?: string;
  readonly verbose?: boolean;
}

/** Options of every command that shows data. */
export interface OutputFlags {
  readonly output: OutputFormat;
  /** commander turns `--no-headers` into this. */
  readonly headers: boolean;
}

const outputFormats = ["table", "wide", "json", "yaml", "name", "jsonl"] as const;

export type OutputFormat = (typeof outputFormats)[number];

/** Adds the options that say which scheduler, and as whom. */
export function addConnectionOptions(command: Command): Command {
  return command
    .optionsGroup("Connection:")
    .option("--address <host:port>", "scheduler to speak to (ERTIS_ADDRESS)")
    .option("--token-file <path>", "file with the token (ERTIS_TOKEN holds the token itself)")
    .option("--ca-file <path>", "certificates of the authority to trust, PEM")
    .option("--as <name>", "use .ertis/contexts/<name>.json, for example operator")
    .option("--timeout <length>", "give up after this long; default 10s")
    .option("-v, --verbose", "tell about retries and request ids");
}

/** Adds the options that say how data is shown. */
export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .addOption(
      new Option("-o, --output <format>", "how to show it").choices(outputFormats).default("table"),
    )
    .option("--no-headers", "leave the header line out");
}

/**
 * Lets the options of connection and output stand before the command too: `ertis --as operator nodes`.
 * What stands after it wins. Each command's own help tells of them.
 */
export function addGlobalOptions(program: Command): void {
  const known = program.options.length;
  addConnectionOptions(addOutputOptions(program)).optionsGroup("Options:");
  for (const option of program.options.slice(known)) {
    option.hideHelp();
  }
  program.hook("preAction", (_, command) => {
    for (const option of program.options.slice(known)) {
      const name = option.attributeName();
      if (program.getOptionValueSource(name) !== "cli") {
        continue;
      }
      if (!command.options.some((own) => own.attributeName() === name)) {
        program.error(`error: "${command.name()}" has no ${option.long ?? option.flags}`);
      }
      if (command.getOptionValueSource(name) !== "cli") {
        command.setOptionValueWithSource(name, program.getOptionValue(name), "cli");
      }
    }
  });
}

/** An option under a name that another command has for it: understood, and told beside the first. */
export function otherName(name: string, of: string): Option {
  return new Option(`${name} <when>`, `the same as ${of}`).hideHelp();
}

/** Adds examples under the help of a command. */
export function addExamples(
  command: Command,
  ...examples: readonly (readonly [string, string])[]
): Command {
  const lines = examples.map(([line, what]) => `  ${line}\n      ${what}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** For options that may be given several times. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

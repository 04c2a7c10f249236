import { Command, CommanderError } from "commander";
import { addAccountCommands } from "./commands/accounts.ts";
import { addCurtailCommands, withAmounts } from "./commands/curtail.ts";
import { addJobCommands } from "./commands/jobs.ts";
import { addMoreCommands } from "./commands/more.ts";
import { addNodeCommands } from "./commands/nodes.ts";
import { addPowerCommands } from "./commands/power.ts";
import { addGlobalOptions } from "./commands/options.ts";
import type { Runtime } from "./commands/runtime.ts";
import { type ExitCode, exitCodeMeanings, exitCodes } from "./exit-codes.ts";
import { reportError } from "./output/report-error.ts";
import { UsageError } from "./usage-error.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** The version of this package. */
export const version = "0.1.0";

/** Aliases work and stay out of the help: who knows them types them blind, others need not learn them. */
function showTerm(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? "..." : "");
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return [command.name(), ...words].join(" ");
}

/** All commands, not yet run. */
export function createProgram(runtime: Runtime): Command {
  const { terminal } = runtime;
  const program = new Command("ertis");
  program
    .description("GPU jobs placed inside the power tree.")
    .version(version, "-V, --version", "print the version")
    .enablePositionalOptions()
    .showHelpAfterError('(see "ertis help" or "ertis COMMAND --help")')
    .showSuggestionAfterError()
    .configureHelp({ subcommandTerm: showTerm, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHelpWidth: () => terminal.stdout.columns() ?? 100,
      getErrHelpWidth: () => terminal.stderr.columns() ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  addGlobalOptions(program);
  addJobCommands(program, runtime);
  addPowerCommands(program, runtime);
  addCurtailCommands(program, runtime);
  addAccountCommands(program, runtime);
  addNodeCommands(program, runtime);
  addMoreCommands(program, runtime);
  const codes = exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`);
  program.addHelpText(
    "after",
    `\nBegin here:\n  ertis jobs\n  ertis submit --gpus 8 --time 10min --wrap "sleep 60"\n  ertis power --watch\n\nBefore or after every command: --as operator, --address, --timeout, --verbose, --output, …\n\nExit codes:\n${codes.join("\n")}`,
  );
  return program;
}

/** commander shows the whole help for a command that does not exist; a person would look for it there. */
function assertHelpIsOfCommand(program: Command, argv: readonly string[]): void {
  const [first, name] = argv;
  if (first !== "help" || name === undefined || name.startsWith("-") || name === "help") {
    return;
  }
  const isKnown = program.commands.some(
    (command) => command.name() === name || command.aliases().includes(name),
  );
  if (!isKnown) {
    throw new UsageError(`unknown command '${name}'`, '"ertis help" lists the commands');
  }
}

/** Runs one command line (without the program's name) and gives the exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const runtime: Runtime = {
    terminal,
    async finish(action, flags) {
      try {
        exitCode = await action;
      } catch (error) {
        exitCode = reportError(terminal, error, flags.verbose ?? false);
      }
    },
  };
  const program = createProgram(runtime);
  try {
    assertHelpIsOfCommand(program, argv);
    const words = argv.length === 0 ? ["--help"] : withAmounts(argv);
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Asked-for help and version end with 0; the rest has been said on standard error.
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    }
    return reportError(terminal, error, false);
  }
  return exitCode;
}

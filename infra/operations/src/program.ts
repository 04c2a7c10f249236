import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { Output } from "./output/output.ts";
import { exitCodes, sayProblem } from "./problem.ts";
import type { ExitCode } from "./problem.ts";

function parseHostCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw new InvalidArgumentError("it is a whole number from 1 to 999999.");
  }
  return Number(text);
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** All commands, not yet run. `finish` gets what one ends with. */
function createProgram(output: Output, finish: Finish): Command {
  const program = new Command("operations");
  program
    .description("The stacks of all sites, in order.")
    .showSuggestionAfterError()
    .showHelpAfterError("(--help lists the flags)")
    .exitOverride();
  addLooking(program, output, finish);
  addChanging(program, output, finish);
  return program;
}

type Finish = (code: ExitCode) => void;

/** Each command's module is loaded when it is asked for: the Kubernetes client takes its time. */
function addLooking(program: Command, output: Output, finish: Finish): void {
  program
    .command("stacks")
    .description("list the stacks in the order in which they come up")
    .option("--all", "those of later phases, too")
    .option("--json", "as JSON")
    .action(async (options: object) => {
      const { showStacks } = await import("./commands/stacks.ts");
      showStacks(options, output);
      finish(exitCodes.ok);
    });
  program
    .command("preview")
    .description("what up would change: every stack of built phases and the next hall")
    .option("--all", "every hall of every phase")
    .option("--stack <name>", "only this one: project/stack, project or hall", collect)
    .option("--diff", "which properties change, and how")
    .option("--local", "of the local profile, whose clusters are up")
    .option("--json", "as JSON")
    .action(async (options: object) => {
      const { preview } = await import("./commands/preview.ts");
      finish(await preview(options, output));
    });
  program
    .command("drift")
    .description("objects that differ from what their stacks wrote; ends with 2 if there are any")
    .argument("[stacks...]", "project/stack, project or hall (default: all that are up)")
    .option("--local", "of the local profile")
    .option("--json", "as JSON")
    .action(async (names: readonly string[], options: object) => {
      const { drift } = await import("./commands/drift.ts");
      finish(await drift(names, options, output));
    });
  program
    .command("health")
    .description("whether the workload of each add-on is ready; ends with 1 if one is not")
    .argument("[stacks...]", "project/stack, project or hall (default: all that are up)")
    .option("--local", "of the local profile, where add-ons are recorded and not installed")
    .option("--json", "as JSON")
    .action(async (names: readonly string[], options: object) => {
      const { health } = await import("./commands/health.ts");
      finish(await health(names, options, output));
    });
  program
    .command("images")
    .description("every image, chart, artifact and file, as published and where a site has it")
    .option("--site <site>", "only what this site needs")
    .option("--upstream", "only the names that makers publish, each once")
    .option("--json", "as JSON")
    .action(async (options: object) => {
      const { showImages } = await import("./commands/images.ts");
      showImages(options, output);
      finish(exitCodes.ok);
    });
}

function addChanging(program: Command, output: Output, finish: Finish): void {
  program
    .command("up")
    .description("bring stacks of built phases up, in order; after an interrupted run, too")
    .argument("[stacks...]", "project/stack, project or hall (default: all that are built)")
    .option("--yes", "without the question; what the preview stops stays stopped")
    .action(async (names: readonly string[], options: object) => {
      const { up } = await import("./commands/up.ts");
      finish(await up(names, options, output));
    });
  program
    .command("up-local")
    .description("local clusters, local-world, and all stacks on them")
    .argument("[stacks...]", "project/stack, project or hall of the local profile (default: all)")
    .option(
      "--hosts-per-site <count>",
      "GPU hosts of a site (default: as the last time, else 32)",
      parseHostCount,
    )
    .option("--stop", "end local-world, and leave the rest")
    .action(async (names: readonly string[], options: object) => {
      const { upLocal } = await import("./commands/up-local.ts");
      const { withLocalTurn } = await import("./processes/local-turn.ts");
      finish(await withLocalTurn(async () => upLocal(names, options, output)));
    });
  program
    .command("destroy")
    .description("take stacks down, in reverse order; refuses where anything is protected")
    .argument("[stacks...]", "project/stack, project or hall (default: all that are up)")
    .option("--local", "of the local profile")
    .option("--yes", "in production: go on after the runbook")
    .action(async (names: readonly string[], options: { readonly local?: boolean }) => {
      const { destroy } = await import("./commands/destroy.ts");
      const { withLocalTurn } = await import("./processes/local-turn.ts");
      const work = async (): Promise<ExitCode> => destroy(names, options, output);
      finish(await (options.local === true ? withLocalTurn(work) : work()));
    });
}

/** Runs one command line and gives the exit code. */
export async function run(argv: readonly string[], output: Output): Promise<number> {
  let exitCode: ExitCode = exitCodes.ok;
  const program = createProgram(output, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    }
    const { text, exitCode: code } = sayProblem(error);
    output.setStatus(undefined);
    output.say(text.trimEnd());
    return code;
  }
}

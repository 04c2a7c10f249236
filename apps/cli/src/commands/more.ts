import { Argument, type Command } from "commander";
import {
  addConnectionOptions,
  addExamples,
  addOutputOptions,
  type ConnectionFlags,
  type OutputFlags,
} from "./options.ts";
import type { Runtime } from "./runtime.ts";
import { addSimulateCommand } from "./simulate.ts";

function addInfo(program: Command, runtime: Runtime): void {
  const command = program
    .command("info")
    .summary("who am I, which scheduler, which sites")
    .description("Shows the scheduler, its sites, its clock and limits, and who it takes you for.");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis info", "the first thing to look at when something is odd"],
    ["ertis info --as operator", "the same with the operator's context"],
  ).action(async (flags: ConnectionFlags & OutputFlags) => {
    const { runInfo } = await import("../actions/info.ts");
    await runtime.finish(runInfo(runtime.terminal, flags), flags);
  });
}

function addCompletion(program: Command, runtime: Runtime): void {
  const command = program
    .command("completion")
    .summary("print the completion script of a shell")
    .addArgument(new Argument("<shell>", "which").choices(["bash", "zsh", "fish"]));
  addExamples(
    command,
    ['eval "$(ertis completion bash)"', "for this shell; put it into ~/.bashrc to keep it"],
    ["ertis completion fish > ~/.config/fish/completions/ertis.fish", "for fish"],
  ).action(async (shell: string) => {
    const { renderCompletion } = await import("../completion/render-completion.ts");
    runtime.terminal.stdout.write(renderCompletion(shell, program));
  });
}

/** What belongs nowhere else. */
export function addMoreCommands(program: Command, runtime: Runtime): void {
  program.commandsGroup("More:");
  addSimulateCommand(program, runtime);
  addInfo(program, runtime);
  addCompletion(program, runtime);
  program.helpCommand("help [command]", "show the help of a command");
}

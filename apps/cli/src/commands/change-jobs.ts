import type { Command } from "commander";
import type { ChangeFlags, JobChange } from "../actions/change-jobs.ts";
import type { ConnectionFlags } from "./options.ts";
import { addFilterOptions } from "./filter-options.ts";
import { addConnectionOptions, addExamples, addOutputOptions } from "./options.ts";
import type { Runtime } from "./runtime.ts";

interface ChangeText {
  readonly change: JobChange;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
}

const changes: readonly ChangeText[] = [
  {
    change: "cancel",
    aliases: ["scancel"],
    summary: "cancel jobs: waiting ones end at once, running ones are stopped",
    description:
      "Cancels the named jobs, or those that match. A match asks first and cancels exactly what it showed; " +
      "--yes does not ask. Naming nothing is an error, never everything.",
    examples: [
      ["ertis cancel 1234 1235", "two jobs"],
      ["ertis cancel --mine --state queued", "my queued jobs, after showing how many"],
      ['ertis cancel --label sweep=7 --yes --reason "wrong seed"', "in a script"],
    ],
  },
  {
    change: "hold",
    aliases: [],
    summary: "keep jobs that have not started from starting",
    description: "Holds the named jobs, or those that match; what runs goes on.",
    examples: [
      ["ertis hold 1234", "one job"],
      ["ertis hold --project nlp --state queued", "what a project has in the queue"],
    ],
  },
  {
    change: "release",
    aliases: [],
    summary: "let held jobs start",
    description: "Releases the named jobs, or those that match.",
    examples: [
      ["ertis release 1234", "one job"],
      ["ertis release --mine --state held", "all that I held"],
    ],
  },
];

function addChange(program: Command, runtime: Runtime, text: ChangeText): void {
  const { change } = text;
  const command = program
    .command(`${change} [ids...]`)
    .aliases(text.aliases)
    .summary(text.summary)
    .description(text.description);
  addFilterOptions(command)
    .option("-y, --yes", "do not ask")
    .option("--reason <text>", "why, for the record and the owner");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, ...text.examples).action(
    async (ids: readonly string[], flags: ChangeFlags) => {
      const { runChange } = await import("../actions/change-jobs.ts");
      await runtime.finish(runChange(runtime.terminal, { change, ids, flags }), flags);
    },
  );
}

function addWatch(program: Command, runtime: Runtime): void {
  const command = program
    .command("watch <ids...>")
    .summary("follow jobs until they end")
    .description(
      "Tells each change until all have ended; exit code 7 when one failed or was cancelled. Broken connections " +
        "are taken up again. Ctrl-C stops the watching, not the jobs.",
    );
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis watch 1234", "until it ends"],
    ["ertis watch 1234 1235 && ./next.sh", "go on only when both succeeded"],
  ).action(async (ids: readonly string[], flags: ConnectionFlags) => {
    const { runWatch } = await import("../actions/watch.ts");
    await runtime.finish(runWatch(runtime.terminal, ids, flags), flags);
  });
}

/** Watch, cancel, hold, release. */
export function addJobChangeCommands(program: Command, runtime: Runtime): void {
  addWatch(program, runtime);
  for (const text of changes) {
    addChange(program, runtime, text);
  }
}

import { type Command, Option } from "commander";
import type { JobsFlags } from "../actions/jobs.ts";
import type { ShowFlags } from "../actions/job.ts";
import type { PlanFlags } from "../actions/plan.ts";
import type { SubmitFlags } from "../actions/submit.ts";
import { addJobChangeCommands } from "./change-jobs.ts";
import { addFilterOptions, parseWhole } from "./filter-options.ts";
import { addJobOptions } from "./job-options.ts";
import { readJobWords } from "./job-words.ts";
import { addConnectionOptions, addExamples, addOutputOptions } from "./options.ts";
import type { Runtime } from "./runtime.ts";

function addSubmit(program: Command, runtime: Runtime): void {
  const command = program
    .command("submit [file] [args...]")
    .alias("sbatch")
    .summary("submit a job: a script, a job file, or --wrap COMMAND")
    .description(
      "Submits a job, or every job of a file. A script's #ERTIS lines (and its #SBATCH lines) hold the same " +
        "options as the command line. Environment variables (ERTIS_PROJECT, ERTIS_SITE, ERTIS_GPU, ERTIS_TIME, " +
        "ERTIS_PRIORITY, ERTIS_IMAGE) win over the file, flags win over both. A file in .yaml, .yml or .json is " +
        "a job file, and options may follow it; what follows a script are its arguments; - reads a script from " +
        "standard input.",
    )
    .passThroughOptions();
  addJobOptions(command)
    .optionsGroup("How:")
    .option("--wait", "wait until it ends; exit code 7 when it failed")
    .option("--parsable", "print the job id alone")
    .option(
      "--request-id <uuid>",
      "the same id and job submit it once only, however often it is sent",
    )
    .option("--dry-run", "say what would become of it; submit nothing")
    .addOption(new Option("--test-only", "as --dry-run").hideHelp());
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    [
      "ertis submit --gpus 8 --time 2h train.sh --epochs 3",
      "a script; what follows it are its arguments",
    ],
    [
      "ertis submit --nodes 2 --gpus-per-node 8 --time 1-00:00:00 --array 0-99%10 sweep.sh",
      "100 tasks, 10 at once",
    ],
    [
      'ertis submit --gpus 1 --time 10min --wrap "nvidia-smi" --wait',
      "one command; wait for its end",
    ],
  ).action(async (file: string | undefined, args: readonly string[]) => {
    const { runSubmit } = await import("../actions/submit.ts");
    const typed = file === undefined ? [] : [file, ...args];
    const { words, flags } = readJobWords<SubmitFlags>(command, typed);
    await runtime.finish(runSubmit(runtime.terminal, words, flags), flags);
  });
}

function addPlan(program: Command, runtime: Runtime): void {
  const command = program
    .command("plan [file] [args...]")
    .summary("say where and when a job would start, and submit nothing")
    .description(
      "The scheduler's own dry run: takes the same options and files as submit. Of a file with several jobs, at most " +
        "100, each is planned alone, as if the others were not there: one row a job.",
    )
    .passThroughOptions();
  addOutputOptions(addJobOptions(command));
  addConnectionOptions(command);
  addExamples(
    command,
    [
      "ertis plan --gpus 64 --time 12h train.sh",
      "would it start now, and if not, what is in the way?",
    ],
    ["ertis plan job.yaml -o json", "the same for a program; of several jobs a list"],
  ).action(async (file: string | undefined, args: readonly string[]) => {
    const { runPlan } = await import("../actions/plan.ts");
    const typed = file === undefined ? [] : [file, ...args];
    const { words, flags } = readJobWords<PlanFlags>(command, typed);
    await runtime.finish(runPlan(runtime.terminal, words, flags), flags);
  });
}

function addJobs(program: Command, runtime: Runtime): void {
  const command = program
    .command("jobs [ids...]")
    .aliases(["squeue", "queue"])
    .summary("list jobs that wait or run")
    .description(
      "Lists jobs, newest first: those that have not ended, or with --all the finished ones too.",
    );
  addFilterOptions(command)
    .option("-a, --all", "finished jobs too")
    .option("--tasks", "arrays task by task")
    .option("--limit <count>", "most jobs shown; 0 = all", parseWhole, 100);
  addOutputOptions(command).option("-w, --watch", "follow the changes");
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis jobs --mine", "my jobs that have not ended"],
    ["ertis jobs --state failed --project nlp -o wide", "what failed in a project"],
    ["ertis jobs --all -o jsonl | jq -r .id", "for programs: one JSON object a line"],
  ).action(async (ids: readonly string[], flags: JobsFlags) => {
    const { runJobs } = await import("../actions/jobs.ts");
    await runtime.finish(runJobs(runtime.terminal, ids, flags), flags);
  });
}

function addJob(program: Command, runtime: Runtime): void {
  const job = program.command("job <id>").summary("show one job, whole");
  addOutputOptions(job);
  addConnectionOptions(job);
  addExamples(
    job,
    ["ertis job 1234", "state, times, attempts, nodes"],
    ["ertis job 1234_7 -o yaml", "task 7 of an array, as the contract has it"],
  ).action(async (id: string, flags: ShowFlags) => {
    const { runJob } = await import("../actions/job.ts");
    await runtime.finish(runJob(runtime.terminal, id, flags), flags);
  });
  const why = program
    .command("why <id>")
    .alias("explain")
    .summary("say why a job waits and when it may start");
  addOutputOptions(why);
  addConnectionOptions(why);
  addExamples(
    why,
    [
      "ertis why 1234",
      "what is in its way, with the numbers, and when it starts: likely, at the earliest, for sure",
    ],
    ["ertis why 1234 -o json | jq -r .explanation.reason", "the reason as a code"],
  ).action(async (id: string, flags: ShowFlags) => {
    const { runWhy } = await import("../actions/job.ts");
    await runtime.finish(runWhy(runtime.terminal, id, flags), flags);
  });
}

/** Everything about jobs. */
export function addJobCommands(program: Command, runtime: Runtime): void {
  program.commandsGroup("Jobs:");
  addSubmit(program, runtime);
  addPlan(program, runtime);
  addJobs(program, runtime);
  addJob(program, runtime);
  addJobChangeCommands(program, runtime);
}

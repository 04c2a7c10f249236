import { type Command, Option } from "commander";
import type { ComplianceFlags } from "../actions/compliance.ts";
import type { CurtailAskFlags, CurtailListFlags } from "../actions/curtail.ts";
import {
  addConnectionOptions,
  addExamples,
  addOutputOptions,
  collect,
  type ConnectionFlags,
  otherName,
  type OutputFlags,
} from "./options.ts";
import { UsageError } from "../usage-error.ts";
import type { Runtime } from "./runtime.ts";

function addAskOptions(command: Command): Command {
  return command
    .optionsGroup("When:")
    .option(
      "--start <when>",
      'beginning, also --from: now+10min, 18:00, "2026-11-25 18:00"; default: now',
    )
    .addOption(otherName("--from", "--start"))
    .option("--notice <length>", "begins after this long, instead of --start")
    .option("--end <when>", "end, also --until")
    .addOption(otherName("--until", "--end"))
    .option("--for <length>", "length, instead of --end: 4h")
    .option("--ramp <length>", "from the start until the target holds; default: at once")
    .optionsGroup("How:")
    .addOption(
      new Option(
        "--mode <mode>",
        "planned: steers the mean draw of each minute; emergency: bounds fall at once, ramps do not hold them up",
      )
        .choices(["planned", "emergency"])
        .default("planned"),
    )
    .option(
      "--give-up <tiers>",
      "tiers whose floors it gives up, as a refusal names them: 50, or 50,25; 0 only with --mode emergency; may be repeated",
      collect,
    );
}

const targetWords =
  'The target is -30% (less than the mean draw of the hour before), 70% (of it), or a power such as "210 MW".';

function addPreview(curtail: Command, runtime: Runtime): void {
  const command = curtail
    .command("preview <domain> <target>")
    .summary("say what a curtailment would do, and change nothing")
    .description(
      `The scheduler's own dry run: watts over time, how soon the target holds, which jobs are capped, put on fewer nodes, paused or untouched, and what each loses. When the floors of jobs do not fit, it says the smallest target that keeps them, what giving up each tier's floors would free and the --give-up that would be enough (exit code 8, as of every target that is too low: below what idle nodes draw, or sooner than ramps allow); when its target would not be met before it ends, it says so (exit code 9). ${targetWords} In the bars █ is the draw, ░ what may be drawn on top, │ what is allowed. GPUS AT FLOORS is what the GPUs of a tier's jobs draw when all of them are held at their floors; what nodes draw beside their GPUs is no tier's. Operators only.`,
    );
  addAskOptions(command);
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    [
      "ertis curtail preview pavlodar-hub -30% --start 18:00 --for 4h --ramp 5min",
      "the winter's evening peak",
    ],
    [
      'ertis curtail preview pavlodar-hub/substation-1 "4 MW" --for 1h --mode emergency',
      "what if it had to be at once?",
    ],
    [
      "ertis curtail preview pavlodar-hub -60% --for 1h --mode emergency --give-up 50,25",
      "what if jobs of these tiers could be asked for everything?",
    ],
  ).action(async (domainId: string, target: string, flags: CurtailAskFlags) => {
    const { runCurtailPreview } = await import("../actions/curtail.ts");
    await runtime.finish(runCurtailPreview(runtime.terminal, { domainId, target }, flags), flags);
  });
}

function addSchedule(curtail: Command, runtime: Runtime): void {
  const command = curtail
    .command("schedule <id> <domain> <target>")
    .summary("schedule a curtailment")
    .description(
      `Announces it: jobs that do not fit it do not start, and what runs is prepared. Refused when the floors of jobs do not fit, except those of tiers that --give-up names: their jobs may lose everything while it is on. One that would not meet its target before it ends is announced with a warning (in JSON: foreseenMiss). ${targetWords} Operators only.`,
    );
  addAskOptions(command).option("--reason <text>", "why, for the record; required");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    [
      'ertis curtail schedule evening pavlodar-hub -30% --start 18:00 --for 4h --ramp 5min --reason "order of the dispatcher"',
      "after a look at the preview",
    ],
    [
      'ertis curtail schedule trip pavlodar-hub 50% --notice 10min --for 30min --mode emergency --reason "unit 4 of GRES-1 tripped"',
      "in ten minutes, at once and below bounds",
    ],
  ).action(async (id: string, domainId: string, target: string, flags: CurtailAskFlags) => {
    const { runCurtailSchedule } = await import("../actions/curtail.ts");
    const ask = { id, domainId, target };
    await runtime.finish(runCurtailSchedule(runtime.terminal, ask, flags), flags);
  });
}

function addCancel(curtail: Command, runtime: Runtime): void {
  const command = curtail
    .command("cancel <id>")
    .summary("cancel a curtailment, also one that has begun")
    .description(
      "Cancels it: caps that it lowered rise again within the ramps, paused jobs go on. Operators only.",
    )
    .option("--reason <text>", "why, for the record; required");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(command, [
    'ertis curtail cancel evening --reason "the dispatcher took it back"',
    "power as before",
  ]).action(
    async (id: string, flags: ConnectionFlags & OutputFlags & { readonly reason?: string }) => {
      const { runCurtailCancel } = await import("../actions/curtail.ts");
      await runtime.finish(runCurtailCancel(runtime.terminal, id, flags), flags);
    },
  );
}

function addList(curtail: Command, runtime: Runtime): void {
  const command = curtail
    .command("list", { isDefault: true })
    .summary("list curtailments that go on or are to come")
    .option("--site <site>", "on domains of this site")
    .option("--domain <domain>", "on this domain")
    .option("-a, --all", "also those that have ended or were cancelled");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis curtail list", "what is in force and to come, by start"],
    ["ertis curtail list --all -o jsonl", "all that are remembered, for a program"],
  ).action(async (flags: CurtailListFlags) => {
    const { runCurtailList } = await import("../actions/curtail.ts");
    await runtime.finish(runCurtailList(runtime.terminal, flags), flags);
  });
}

function addCompliance(curtail: Command, runtime: Runtime): void {
  const command = curtail
    .command("compliance <id>")
    .summary("say how a curtailment is or was kept")
    .description(
      "Target and draw of each minute, the worst minute and second, the energy that was allowed and not used, and what each job lost. Energy is of the whole domain while it was measured: what it drew, what the target would have allowed on top, and what it drew less than the baseline. For everybody who may see jobs.",
    )
    .option("--csv <file>", "write the minutes to a file instead; - is standard output")
    .option("--jobs-csv <file>", "write what each job lost to a file instead");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis curtail compliance evening", "for people"],
    ["ertis curtail compliance evening --csv evening.csv", "for the grid's clerk"],
    ["ertis curtail compliance evening -o json", "everything, for a program"],
  ).action(async (id: string, flags: ComplianceFlags) => {
    const { runCompliance } = await import("../actions/compliance.ts");
    await runtime.finish(runCompliance(runtime.terminal, id, flags), flags);
  });
}

/** Preview, schedule, cancel, list and account for curtailments. */
export function addCurtailCommands(program: Command, runtime: Runtime): void {
  const curtail = program
    .command("curtail")
    .summary("preview, schedule, cancel and account for curtailments")
    .description(
      "Curtailments: temporary lower ceilings that jobs are capped, shrunk or paused for.",
    )
    .enablePositionalOptions();
  addPreview(curtail, runtime);
  addSchedule(curtail, runtime);
  addCancel(curtail, runtime);
  addList(curtail, runtime);
  addCompliance(curtail, runtime);
}

/**
 * `-30%` is a target, not an option, and `-5kW` a wrong amount rather than an option nobody knows: with the sign
 * of mathematics in place of the dash, the command line takes both for the words they are.
 */
export function withAmounts(argv: readonly string[]): readonly string[] {
  if (!argv.includes("curtail") && !argv.includes("budget")) {
    return argv;
  }
  if (argv.includes("curtail") && argv.some((word) => /^--target(=|$)/.test(word))) {
    throw new UsageError(
      "the target has no option: it stands after the domain",
      "for example: ertis curtail preview pavlodar-hub -30% --for 1h",
    );
  }
  return argv.map((word) => (/^-\s?[\d.,]/.test(word) ? `\u2212${word.slice(1)}` : word));
}

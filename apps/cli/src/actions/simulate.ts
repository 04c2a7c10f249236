import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import {
  type ExampleFiles,
  exactPlant,
  exampleFiles,
  feedWattsOf,
  type Outcome,
  outcomeOf,
  type OutcomeWords,
  prepare,
  type PlantRules,
  renderComparison,
  renderTable,
  roughPlant,
  setPlant,
  Simulation,
  type SimulationRequest,
  type TextFile,
  usualPlant,
} from "@ertis/simulator";
import { formatMilliseconds, milliseconds, parseMilliseconds, toNumber } from "@ertis/quantities";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { describeFileError } from "../job-file/describe-file-error.ts";
import { showWatts } from "../output/format.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import {
  type Budget,
  checkCarriesIdle,
  readBudget,
  showAsked,
  type Variant,
  variantOf,
} from "./simulate-variants.ts";
import { exitCodeOfRuns } from "./simulate-exit-code.ts";
import { checkOutputs, writeOutputs } from "./simulate-outputs.ts";
import { withScenario } from "./simulate-scenario.ts";
import { createProgress } from "./simulate-progress.ts";

/** As commander hands them over. */
export interface SimulateFlags {
  readonly scenario?: string;
  readonly site?: string;
  readonly trace?: string;
  readonly events?: string;
  readonly seed: number;
  readonly plant: "exact" | "usual" | "rough";
  readonly set?: readonly string[];
  readonly measureEvery?: string;
  readonly budget?: string;
  readonly first?: number;
  readonly fromDay?: number;
  readonly toDay?: number;
  readonly rate?: number;
  readonly overAsk: number;
  readonly horizon?: string;
  readonly out?: string;
  readonly json?: string;
  readonly compare?: string;
  readonly verbose?: boolean;
}

const plants: Readonly<Record<SimulateFlags["plant"], PlantRules>> = {
  exact: exactPlant,
  usual: usualPlant,
  rough: roughPlant,
};

/** So many moments are played before Ctrl-C and the progress line get their turn. */
const momentsPerSlice = 5_000;
const measureEveryMs = 60_000;
/** As often as power meters say anything: a run of more would hardly come forward. */
const measureEveryMinMs = 1_000;

/** Runs one simulation or two, prints the figures and writes what was asked for. */
export async function runSimulate(terminal: Terminal, given: SimulateFlags): Promise<ExitCode> {
  const flags = withScenario(given);
  checkOutputs(terminal, flags);
  checkDays(flags);
  const request = requestOf(terminal, flags);
  const first: Variant = {
    title: flags.compare === undefined ? "Run" : "First run",
    request,
    changes: {},
  };
  const variants =
    flags.compare === undefined
      ? [first]
      : [first, variantOf(flags.compare, request, (file) => readText(terminal, file))];
  const outcomes: Outcome[] = [];
  for (const variant of variants) {
    const outcome = await runOne(terminal, variant, {
      subject: subjectOf(given, variant),
      command: flags.compare === undefined ? commandOf(given) : commandAlone(given, flags, variant),
    });
    if (outcome === undefined) {
      return exitCodes.interrupted;
    }
    outcomes.push(outcome);
  }
  const [one, two] = outcomes;
  if (one === undefined) {
    return exitCodes.generic;
  }
  if (flags.json !== "-") {
    const lines = two === undefined ? renderTable(one) : renderComparison(one, two);
    terminal.stdout.write(`${lines.join("\n")}\n`);
  }
  writeOutputs(terminal, flags, outcomes);
  return exitCodeOfRuns(outcomes);
}

function requestOf(terminal: Terminal, flags: SimulateFlags): SimulationRequest {
  const files = filesOf(flags);
  const site = readText(terminal, files.site);
  const eventsFile = files.events;
  const budget: Budget | undefined =
    flags.budget === undefined ? undefined : readBudget(flags.budget);
  return {
    site,
    trace: readText(terminal, files.trace),
    events: eventsFile === undefined ? undefined : readText(terminal, eventsFile),
    seed: flags.seed,
    plant: plantOf(flags),
    scale: {
      ...(flags.first === undefined ? {} : { jobsMax: flags.first }),
      ...(flags.fromDay === undefined ? {} : { fromDay: flags.fromDay }),
      ...(flags.toDay === undefined ? {} : { toDay: flags.toDay }),
      ...(flags.rate === undefined ? {} : { arrivalRate: flags.rate }),
    },
    draw: {
      overAsk: { min: 1, max: Math.max(1, flags.overAsk) },
      ...(flags.plant === "exact" ? { startAllowanceMs: 0 } : {}),
    },
    measureEveryMs: readLength("--measure-every", flags.measureEvery, {
      otherwiseMs: eventsFile === undefined ? 0 : measureEveryMs,
      leastMs: measureEveryMinMs,
    }),
    horizonMs: readLength("--horizon", flags.horizon, { otherwiseMs: Infinity, leastMs: 1 }),
    feedBudgetWatts: budget === undefined ? undefined : budgetWattsOf(budget, site),
  };
}

/** Said in the words of the options: that no job is left says it of the trace. */
function checkDays({ fromDay = 0, toDay = Infinity }: SimulateFlags): void {
  if (fromDay >= toDay) {
    throw new UsageError(
      `--from-day ${fromDay} is not before --to-day ${toDay}, which is left out itself`,
      `give a --to-day from ${fromDay + 1} on`,
    );
  }
}

/** Above the limit of the feed a ceiling says nothing; below what is drawn for nobody nothing runs. */
function budgetWattsOf(budget: Budget, site: TextFile): number {
  const feed = feedWattsOf(site);
  if (feed === undefined) {
    // The mistakes of its site file are told later, by line.
    return budget.of(0);
  }
  const budgetWatts = budget.of(feed.limitWatts);
  if (budgetWatts > feed.limitWatts) {
    throw new UsageError(
      `--budget comes to ${showAsked(budgetWatts)}, the feed of ${site.file} may carry ${showWatts(feed.limitWatts)}`,
      "give at most that, or leave --budget out",
    );
  }
  checkCarriesIdle("--budget comes to", budgetWatts, feed, site);
  return budgetWatts;
}

function filesOf({ site, trace, events }: SimulateFlags): ExampleFiles {
  if (trace !== undefined) {
    // For a first try with an own trace the example's site will do; its events belong to its trace.
    return { site: site ?? exampleFiles.site, trace, events };
  }
  if (site !== undefined) {
    throw new UsageError(
      "--trace is missing",
      `give both --site and --trace, or neither for the example (its site is ${exampleFiles.site}, its trace ${exampleFiles.trace})`,
    );
  }
  return { ...exampleFiles, events: events ?? exampleFiles.events };
}

function plantOf({ plant, set = [] }: SimulateFlags): PlantRules {
  const changed = setPlant(plants[plant], set);
  if (changed.kind === "refused") {
    throw new UsageError(`--set: ${changed.message}`);
  }
  return changed.rules;
}

function readLength(
  name: string,
  text: string | undefined,
  { otherwiseMs, leastMs }: { readonly otherwiseMs: number; readonly leastMs: number },
): number {
  if (text === undefined) {
    return otherwiseMs;
  }
  const read = parseMilliseconds(text);
  if (read.kind === "error") {
    throw new UsageError(`${name}: ${read.message}`);
  }
  if (toNumber(read.value) === 0) {
    throw new UsageError(`${name}: is 0, and has to be longer`, "for example 10s or 2h");
  }
  if (toNumber(read.value) < leastMs) {
    throw new UsageError(
      `${name}: is ${formatMilliseconds(read.value)}, and at least ${formatMilliseconds(milliseconds(leastMs))} is allowed`,
      "for example 10s",
    );
  }
  return toNumber(read.value);
}

function readText({ cwd }: Terminal, file: string): TextFile {
  try {
    return { file, text: readFileSync(resolve(cwd, file), "utf8") };
  } catch (error) {
    throw new UsageError(`${file}: ${describeFileError(error)}`);
  }
}

async function runOne(
  terminal: Terminal,
  { title, request }: Variant,
  words: Pick<OutcomeWords, "subject" | "command">,
): Promise<Outcome | undefined> {
  const prepared = prepare(request);
  if (prepared.kind === "refused") {
    throw new UsageError(prepared.lines.join("\n"));
  }
  const progress = createProgress(terminal, title);
  const simulation = new Simulation(prepared.input);
  while (simulation.step(momentsPerSlice)) {
    progress.tell(simulation.progress());
    // Lets Ctrl-C in.
    await new Promise((wake) => {
      setImmediate(wake);
    });
    if (terminal.interrupt.aborted) {
      progress.close();
      return undefined;
    }
  }
  progress.close();
  return outcomeOf(simulation, { ...words, title, rules: prepared.rules });
}

/** Which scenario, or whose site and trace. */
function subjectOf({ scenario }: SimulateFlags, { request, changes }: Variant): string {
  const files = `${basename(request.site.file)}, ${basename(request.trace.file)}`;
  return scenario === undefined || changes.site !== undefined ? files : `Scenario ${scenario}`;
}

/** The command line of one of two runs by itself. A scenario that compares on its own is named by its files. */
function commandAlone(given: SimulateFlags, flags: SimulateFlags, { changes }: Variant): string {
  return given.compare === undefined
    ? commandOf({ ...flags, ...changes }, ["compare", "scenario"])
    : commandOf({ ...given, ...changes }, ["compare"]);
}

/** The command line that runs it again. */
function commandOf(flags: SimulateFlags, leftOut: readonly string[] = []): string {
  const words = Object.entries(flags).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return name === "out" || name === "json" || leftOut.includes(name)
      ? []
      : values.flatMap((one) =>
          typeof one === "string" || typeof one === "number" ? [flag, quoted(String(one))] : [],
        );
  });
  return `ertis simulate ${words.join(" ")}`;
}

function quoted(text: string): string {
  return /^[\w./:+=%-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

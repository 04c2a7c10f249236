import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  exactPlant,
  exampleFiles,
  type Outcome,
  outcomeOf,
  prepare,
  type PlantRules,
  renderComparison,
  renderPage,
  renderTable,
  roughPlant,
  Simulation,
  type SimulationRequest,
  type TextFile,
  usualPlant,
} from "@ertis/simulator";
import { parseMilliseconds, toNumber } from "@ertis/quantities";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { describeFileError } from "../job-file/describe-file-error.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import {
  type Budget,
  feedLimitWatts,
  readBudget,
  type Variant,
  variantOf,
} from "./simulate-variants.ts";
import { createProgress } from "./simulate-progress.ts";

/** As commander hands them over. */
export interface SimulateFlags {
  readonly site?: string;
  readonly trace?: string;
  readonly events?: string;
  readonly seed: number;
  readonly plant: "exact" | "usual" | "rough";
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

/** Runs one simulation or two, prints the figures and writes what was asked for. */
export async function runSimulate(terminal: Terminal, flags: SimulateFlags): Promise<ExitCode> {
  const request = requestOf(terminal, flags);
  const first: Variant = { title: flags.compare === undefined ? "Run" : "First run", request };
  const variants =
    flags.compare === undefined
      ? [first]
      : [first, variantOf(flags.compare, request, (file) => readText(terminal, file))];
  const outcomes: Outcome[] = [];
  for (const variant of variants) {
    const outcome = await runOne(terminal, variant, commandOf(flags));
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
  return outcomes.some(({ violationCount }) => violationCount > 0)
    ? exitCodes.generic
    : exitCodes.ok;
}

function requestOf(terminal: Terminal, flags: SimulateFlags): SimulationRequest {
  const isExample = flags.site === undefined && flags.trace === undefined;
  if (!isExample && (flags.site === undefined || flags.trace === undefined)) {
    const missing = flags.site === undefined ? "--site" : "--trace";
    throw new UsageError(
      `${missing} is missing`,
      `give both --site and --trace, or neither for the example (its site is ${exampleFiles.site}, its trace ${exampleFiles.trace})`,
    );
  }
  const site = readText(terminal, flags.site ?? exampleFiles.site);
  const eventsFile = flags.events ?? (isExample ? exampleFiles.events : undefined);
  const budget: Budget | undefined =
    flags.budget === undefined ? undefined : readBudget(flags.budget);
  return {
    site,
    trace: readText(terminal, flags.trace ?? exampleFiles.trace),
    events: eventsFile === undefined ? undefined : readText(terminal, eventsFile),
    seed: flags.seed,
    plant: plants[flags.plant],
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
    measureEveryMs: eventsFile === undefined ? 0 : measureEveryMs,
    horizonMs: flags.horizon === undefined ? Infinity : readHorizon(flags.horizon),
    feedBudgetWatts: budget === undefined ? undefined : budget.of(feedLimitWatts(site)),
  };
}

function readHorizon(text: string): number {
  const read = parseMilliseconds(text);
  if (read.kind === "error") {
    throw new UsageError(`--horizon: ${read.message}`);
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
  command: string,
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
  return outcomeOf(simulation, { title, command, rules: prepared.rules });
}

/** The command line that runs it again. */
function commandOf(flags: SimulateFlags): string {
  const words = Object.entries(flags).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const isShown = typeof value === "string" || typeof value === "number";
    return isShown && name !== "out" && name !== "json" ? [flag, quoted(String(value))] : [];
  });
  return `ertis simulate ${words.join(" ")}`;
}

function quoted(text: string): string {
  return /^[\w./:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function writeOutputs(
  terminal: Terminal,
  flags: SimulateFlags,
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

function writeText(terminal: Terminal, file: string, text: string): void {
  try {
    writeFileSync(resolve(terminal.cwd, file), text);
  } catch (error) {
    throw new UsageError(`${file}: ${describeFileError(error)}`);
  }
  terminal.stderr.write(`wrote ${file}\n`);
}

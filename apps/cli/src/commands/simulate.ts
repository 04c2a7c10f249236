import { type Command, InvalidArgumentError, Option } from "commander";
import type { SimulateFlags } from "../actions/simulate.ts";
import { parseCount, parseWhole } from "./filter-options.ts";
import { addExamples, collect } from "./options.ts";
import type { Runtime } from "./runtime.ts";

const mostFactor = "999999, written out like 2 or 0.5";

/** Undefined: it is no number without a sign. */
function readFactor(text: string): number | undefined {
  return /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
}

function parseRate(text: string): number {
  const value = readFactor(text) ?? 0;
  if (value <= 0) {
    throw new InvalidArgumentError(`It must be a number above 0 and at most ${mostFactor}.`);
  }
  return value;
}

/** Below 1 would be walltimes that end jobs before their work is done. */
function parseOverAsk(text: string): number {
  const value = readFactor(text) ?? 0;
  if (value < 1) {
    throw new InvalidArgumentError(
      `It must be a number from 1 to ${mostFactor}; 1: nobody asks for too much.`,
    );
  }
  return value;
}

/** Written out, so that help needs no simulator. */
const plantHelp = `  common-bias    spread of how all draws together lie beside their curves (1.4%)
  job-bias       spread of how the draw of one job does (1.5%)
  loss-bias      spread of what a cap costs a job beside its curve (5%)
  minute-noise   spread of the draw from minute to minute (0.35%)
  drift          drift of a job's draw a minute, may be below 0 (-0.01%)
  drift-spread   spread of that drift from job to job (0.04%)
  dip-every      a job's draw dips so often, for a checkpoint; 0s: never (1 h)
  dip-length     how long a dip is (2 min)
  dip-keeps      what a job keeps of its draw above idle in a dip (30%)
  reading-noise  spread of what meters read (0.1%)
  cap-loss       orders about caps, and answers, that are lost and sent again (1%)
  cap-delay      from an order about caps until GPUs hold to it (200 ms..1 s)
  start-delay    from the wish to run until a program runs (2 s..20 s)
  stop-delay     from the wish to stop until it has (200 ms..10 s)
  node-life      a node fails once in so long on average; 0s: never (180 d)
  repair         until a failed node is back (1 h..1 d)`;

/** A site on virtual time. Needs no scheduler. */
export function addSimulateCommand(program: Command, runtime: Runtime): void {
  const command = program
    .command("simulate")
    .summary("run a site, a trace and events on virtual time; see what becomes of them")
    .description(
      "Runs the scheduler's own engine on virtual time: a site file, a trace of jobs and a file of events " +
        "(curtailments, failures, lost feeds) give figures, a page with plots, and every promise checked at every " +
        "event. Without files: a small built-in example. Needs no scheduler. The formats are described in " +
        "packages/simulator/README.md.",
    )
    .optionsGroup("What:")
    .option(
      "--scenario <name>",
      "files that come with it: winter-peak, emergency, emergency-target, unit-trip, hall-feed, summer, more-power",
    )
    .option("--site <file>", "site file; default: the site of the built-in example")
    .option("--trace <file>", "jobs: Philly's or Muri's columns, or CSV or JSON lines of its own")
    .option("--events <file>", "what happens to the site")
    .option("--seed <number>", "of everything that is drawn", parseWhole, 1)
    .addOption(
      new Option("--plant <kind>", "how the hardware behaves")
        .choices(["exact", "usual", "rough"])
        .default("usual"),
    )
    .option(
      "--set <name=value>",
      "what the plant does that the scheduler does not see, as below; may be repeated",
      collect,
    )
    .option("--measure-every <length>", "telemetry, from 1s on; else 1min with events")
    .option(
      "--budget <power>",
      "ceiling on the feed over the whole run: 250 kW, or 80 % of its limit",
    )
    .optionsGroup("How much of the trace:")
    .option("--first <count>", "only the first so many jobs", parseCount)
    .option("--from-day <day>", "from this day of the trace on", parseWhole)
    .option("--to-day <day>", "up to this day, which is left out", parseWhole)
    .option("--rate <factor>", "arrivals so many times as fast", parseRate)
    .option("--over-ask <factor>", "walltimes are 1 to this many times the need", parseOverAsk, 5)
    .option("--horizon <length>", "stop after this long; default: when every job is over")
    .optionsGroup("Output:")
    .option("--out <file>", "a page with plots: one HTML file that needs no network")
    .option("--json <file>", "all figures and series; - is standard output")
    .option(
      "--compare <what>",
      "a second run beside: another site file, or another budget, as 300 MW, or +60 MW on top of --budget",
    )
    .option("-v, --verbose", "tell more when something goes wrong");
  command.addHelpText("after", `\nWhat --set changes, and how it usually is:\n${plantHelp}`);
  addExamples(
    command,
    ["ertis simulate --out report.html", "the built-in example, with plots"],
    [
      "ertis simulate --scenario winter-peak --out peak.html",
      "the grid asks for a fifth less on a winter evening; the others are told of in docs/simulate.md",
    ],
    [
      "ertis simulate --budget 100kW --compare +60kW --out more.html",
      "what 60 kW more than 100 kW would give the built-in example",
    ],
    [
      "ertis simulate --site hub.yaml --trace jobs.csv --events summer.yaml --seed 7",
      "the same seed gives the same run",
    ],
  ).action(async (flags: SimulateFlags) => {
    const { runSimulate } = await import("../actions/simulate.ts");
    await runtime.finish(runSimulate(runtime.terminal, flags), flags);
  });
}

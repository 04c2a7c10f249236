/**
 * Measures. `npm run benchmark` lists the benchmarks, `npm run benchmark -- submit-batch array` runs
 * two of them. Figures for docs/benchmarks.md are taken on a machine that does nothing else.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import type { Benchmark, BenchmarkOptions, Line } from "./benchmark.ts";
import { cliStart } from "./cli-start.ts";
import { spreadText } from "./figures.ts";
import { type Goal, goalText, isMet } from "./goals.ts";
import { describeCommit, describeMachine, measureDisk } from "./machine.ts";
import { powerBenchmarks } from "./power/list.ts";
import { runProgram } from "./program.ts";
import { arrayAcknowledged } from "./submit/array.ts";
import { repeatOne } from "./submit/repeat.ts";
import { submitBatch, submitOne } from "./submit/submit-batch.ts";

const benchmarks: readonly Benchmark[] = [
  {
    name: "submit-batch",
    what: "durable submits in batches of 1,000, generator on the same cores, placement on",
    goal: "100,000 jobs/s",
    run: submitBatch,
  },
  {
    name: "submit-one",
    what: "durable submits one by one, 64 in flight, and the transport's bound with h2load",
    goal: "20,000 jobs/s",
    run: async (options) => [...(await submitOne(options)), ...(await repeatOne(options))],
  },
  {
    name: "array",
    what: "a 100,000-task array until acknowledged, 200 on an idle server",
    goal: "p99 5 ms",
    run: arrayAcknowledged,
  },
  {
    name: "decision",
    what: "command taken → events ready: 23,500 nodes 95 % full, 100,000 queued in 1,000 shapes",
    goal: "p99 10 ms",
    run: () => runProgram("decision/decision.ts", []),
  },
  {
    name: "restart",
    what: "start → serving with 1,000,000 jobs, and its memory",
    goal: "10 s with a snapshot, 2 GB",
    run: () => runProgram("restart/restart.ts", []),
  },
  {
    name: "event-log",
    what: "the log alone: appends, reads, snapshots beside appends",
    goal: "",
    run: ({ directory }) => runProgram("event-log.ts", [directory]),
  },
  { name: "cli-start", what: "how long a command of the CLI takes", goal: "", run: cliStart },
  {
    name: "replay",
    what: "a real trace on the stepped clock; has its own command",
    goal: "",
    run: () =>
      Promise.resolve([
        {
          name: "replay",
          text: ["run: npm run replay -- --help"],
          figures: { command: "npm run replay" },
        },
      ]),
  },
  ...powerBenchmarks,
];

const help = `npm run benchmark -- [options] NAME…

  --seconds N         length of a load, default 60
  --seed N            default 1
  --directory PATH    where storage goes, default /var/tmp; not a memory file system
  --snapshot-mb N     megabytes of log between snapshots in the submit benchmarks; default: the server's
  --profile PATH      leaves a processor profile of the server there (submit benchmarks)
  --json PATH         writes the figures there too
  --help              this text

Some need public traces: they say which, and where ERTIS_DATA_DIR has to point, and measure nothing without.

`;

function list(): string {
  const lines = benchmarks.map(
    ({ name, what, goal }) => `  ${name.padEnd(14)}${what}${goal === "" ? "" : `; goal ${goal}`}`,
  );
  return `${help}${lines.join("\n")}\n`;
}

function parse(): {
  readonly names: readonly string[];
  readonly options: BenchmarkOptions;
  readonly json: string;
} {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: "1" },
      directory: { type: "string", default: "/var/tmp" },
      "snapshot-mb": { type: "string" },
      profile: { type: "string", default: "" },
      json: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  const megabytes = values["snapshot-mb"];
  return {
    names: values.help ? [] : positionals,
    json: values.json,
    options: {
      directory: values.directory,
      seed: wholeNumber("--seed", values.seed, 0),
      seconds: wholeNumber("--seconds", values.seconds, 1),
      profileDirectory: values.profile,
      snapshotMegabytes:
        megabytes === undefined ? undefined : wholeNumber("--snapshot-mb", megabytes, 1),
    },
  };
}

function wholeNumber(flag: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min) {
    throw new Error(`${flag} ${text}: a whole number of at least ${min} is needed`);
  }
  return value;
}

/** A goal that is missed is an error of the command, so that nobody overlooks it. */
function judge(goals: readonly Goal[]): void {
  const missedCount = goals.filter((goal) => !isMet(goal)).length;
  if (goals.length > 0) {
    console.log(`\ngoals     ${goals.length - missedCount} met, ${missedCount} missed`);
  }
  if (missedCount > 0) {
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  const { names, options, json } = parse();
  const unknown = names.filter((name) => benchmarks.every((one) => one.name !== name));
  if (unknown.length > 0) {
    throw new Error(`not known: ${unknown.join(", ")}; known are the names below\n\n${list()}`);
  }
  if (names.length === 0) {
    process.stdout.write(list());
    return;
  }
  const machine = describeMachine(options.directory);
  const commit = describeCommit();
  const startedAt = new Date().toISOString();
  const command = `npm run benchmark -- ${process.argv.slice(2).join(" ")}`;
  const disk = measureDisk(options.directory);
  console.log(
    `machine   ${machine.cpu}, ${machine.coreCount} cores, ${machine.memoryGigabytes} GB`,
  );
  console.log(
    `system    Linux ${machine.kernel}, Node ${machine.node}, ${machine.fileSystem}, load average ${machine.loadAverage.toFixed(2)}`,
  );
  console.log(`disk      fdatasync of 4 KiB ${spreadText(disk)}`);
  console.log(`command   ${command}`);
  console.log(`seed      ${options.seed}; commit ${commit}; ${startedAt}`);
  const results: { readonly benchmark: string; readonly lines: readonly Line[] }[] = [];
  for (const benchmark of benchmarks.filter(({ name }) => names.includes(name))) {
    console.log(`\n${benchmark.name}: ${benchmark.what}`);
    const lines = await benchmark.run(options);
    for (const { name, text, goals = [] } of lines) {
      const shown = [...text, ...goals.map(goalText)];
      console.log(`  ${name}\n${shown.map((line) => `    ${line}`).join("\n")}`);
    }
    results.push({ benchmark: benchmark.name, lines });
  }
  judge(results.flatMap(({ lines }) => lines.flatMap(({ goals = [] }) => goals)));
  if (json !== "") {
    const record = { startedAt, commit, command, seed: options.seed, machine, disk, results };
    writeFileSync(json, `${JSON.stringify(record, undefined, 2)}\n`);
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/**
 * `npm run replay`: the main job on real input. Exit codes: 0 when every job was acknowledged and
 * finished and the oracle found nothing, 1 when not, 2 for a wrong command line.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseOptions, type ReplayOptions, usage } from "./options.ts";
import { createProgress } from "./progress.ts";
import type { ReplayOutcome } from "./report.ts";
import { runReplay } from "./run.ts";
import { reportTable } from "./table.ts";
import { loadPhilly, loadSmall, type Scene } from "./traces.ts";

/** 128 + SIGINT, as shells have it. */
const interruptedExitCode = 130;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The trace asked for; the small one, loudly, where Philly is not at hand. */
function sceneFor(trace: ReplayOptions["trace"]): Scene {
  if (trace === "small") {
    return loadSmall();
  }
  const loaded = loadPhilly(process.env["ERTIS_DATA_DIR"]);
  if (loaded.kind === "scene") {
    return loaded.scene;
  }
  say(`SKIPPED: the whole Philly trace is not replayed. ${loaded.message}`);
  say("The small trace of this repository runs in its place.\n");
  return loadSmall();
}

function prepareDirectory(wanted: string | undefined): {
  readonly directory: string;
  readonly isTemporary: boolean;
} {
  if (wanted === undefined) {
    return { directory: mkdtempSync(join(tmpdir(), "ertis-replay-")), isTemporary: true };
  }
  const directory = resolve(wanted);
  // Not recursive: in a file system that cannot make directories (/proc) Node would try for ever.
  if (!existsSync(directory)) {
    mkdirSync(directory);
  }
  if (readdirSync(directory).length > 0) {
    throw new Error(`--data: ${directory} is not empty; name an empty or a new directory`);
  }
  return { directory, isTemporary: false };
}

function problemsOf(outcome: ReplayOutcome): readonly string[] {
  const { submittedCount, acknowledgedCount, lostCount, figures, violationCount } = outcome;
  return [
    ...(acknowledgedCount === submittedCount
      ? []
      : [`${submittedCount - acknowledgedCount} jobs were not acknowledged:`, ...outcome.refusals]),
    ...(lostCount === 0 ? [] : [`${lostCount} acknowledged jobs are not in the log`]),
    ...(figures.unfinishedCount === 0 ? [] : [`${figures.unfinishedCount} jobs did not finish`]),
    ...(violationCount === 0
      ? []
      : [`the oracle found ${violationCount} violations:`, ...outcome.violations]),
  ];
}

async function main(options: ReplayOptions): Promise<number> {
  const scene = sceneFor(options.trace);
  const { directory, isTemporary } = prepareDirectory(options.dataDirectory);
  const jobCount = Math.min(options.jobsMax ?? scene.jobs.length, scene.jobs.length);
  const progress = createProgress(process.stderr, jobCount, () => performance.now());
  const cleanUp = (): void => {
    progress.finish();
    if (isTemporary) {
      rmSync(directory, { recursive: true, force: true });
    }
  };
  // The server notices by itself that nobody is there any more.
  process.once("SIGINT", () => {
    cleanUp();
    process.exit(interruptedExitCode);
  });
  try {
    const report = await runReplay({
      scene,
      seed: options.seed,
      jobsMax: options.jobsMax,
      directory,
      isRecoveryMeasured: true,
      command: ["npm run replay --", ...process.argv.slice(2)].join(" "),
      onProgress: ({ submittedCount, nowMs }) => {
        progress.report({ doneCount: submittedCount, nowMs });
      },
      onStage: (stage) => {
        progress.finish();
        say(`replay: ${stage}`);
      },
    });
    const text =
      options.output === "json" ? JSON.stringify(report, undefined, 2) : reportTable(report);
    process.stdout.write(`${text}\n`);
    const problems = problemsOf(report.outcome);
    for (const problem of problems) {
      say(problem);
    }
    return problems.length === 0 ? 0 : 1;
  } finally {
    cleanUp();
  }
}

const parsed = parseOptions(process.argv.slice(2));
switch (parsed.kind) {
  case "help":
    process.stdout.write(`${usage}\n`);
    break;
  case "wrong":
    say(`error: ${parsed.message}\n\n${usage}`);
    process.exitCode = 2;
    break;
  case "options":
    try {
      process.exitCode = await main(parsed.options);
    } catch (error) {
      say(`error: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
}

import { createClient } from "@ertis/client";
import { openSqliteEventLog } from "@ertis/event-log";
import { defaultLimits } from "@ertis/scheduler-engine";
import { writeSnapshotOf } from "@ertis/scheduler-runtime";
import { type Arrival, drive, type DriveProgress, type DriveResult } from "./drive.ts";
import { describeCommit, describeMachine, directoryBytes } from "./machine.ts";
import { type LogReport, readLog } from "./read-log.ts";
import { type ReplayCost, type ReplayOutcome, type ReplayReport, submitTimes } from "./report.ts";
import { defaultRules, describeRules, type ReplayRules, submitEntryOf } from "./rules.ts";
import { type ServerFigures, type ServerTask, startServer } from "./server-process.ts";
import type { Scene } from "./traces.ts";

export interface RunOptions {
  readonly scene: Scene;
  readonly seed: number;
  /** Only the first so many jobs; undefined: all. */
  readonly jobsMax: number | undefined;
  /** Empty; takes the log. */
  readonly directory: string;
  /** Starts the server twice more on the log of the run: without a snapshot and with one. */
  readonly isRecoveryMeasured: boolean;
  /** As a person would repeat it. */
  readonly command: string;
  readonly onProgress: (progress: DriveProgress) => void;
  /** What comes after the last job is over, as words. */
  readonly onStage: (stage: string) => void;
}

/** Runs a trace through a server process of its own and reads its log afterwards. */
export async function runReplay(options: RunOptions): Promise<ReplayReport> {
  const { scene, seed, directory } = options;
  const rules: ReplayRules = { ...defaultRules, seed };
  const arrivals = toArrivals(options, rules);
  const task: ServerTask = {
    dataDirectory: directory,
    siteFile: scene.siteFile,
    siteText: scene.siteText,
    seed,
    clockStartMs: arrivals[0]?.atMs ?? 0,
    walltimeMsMax: rules.walltimeMsMax,
  };
  // Before the run: the tree may go on meanwhile.
  const [machine, commit] = [describeMachine(directory), describeCommit()];
  const driven = await driveServer(task, arrivals, options);
  const logBytes = directoryBytes(directory);
  if (options.isRecoveryMeasured) {
    options.onStage("starting the server again on its log");
  }
  const recoveryFromLogMs = options.isRecoveryMeasured ? await recover(task) : undefined;
  options.onStage("handing the log to the oracle");
  const oracleBegan = performance.now();
  const log = await readLog(directory);
  const oracleMs = performance.now() - oracleBegan;
  const recoveryFromSnapshotMs = options.isRecoveryMeasured
    ? await recoverFromSnapshot(task)
    : undefined;
  return {
    setting: {
      trace: scene.name,
      jobCount: arrivals.length,
      site: scene.siteFile,
      siteRevision: driven.siteRevision,
      budgetWatts: scene.budgetWatts,
      seed,
      rules: describeRules(rules),
      command: options.command,
      commit,
      machine,
      date: new Date().toISOString().slice(0, 10),
    },
    outcome: toOutcome(arrivals.length, driven.result, log),
    cost: {
      ...toCost(driven),
      logBytes,
      recoveryFromLogMs,
      recoveryFromSnapshotMs,
      oracleMs,
    },
  };
}

function toArrivals({ scene, jobsMax }: RunOptions, rules: ReplayRules): readonly Arrival[] {
  const jobs = scene.jobs.slice(0, jobsMax ?? scene.jobs.length);
  return jobs.map((job, index) => ({
    atMs: job.submittedAtMs,
    entry: submitEntryOf(job, index, rules),
  }));
}

interface Driven {
  readonly result: DriveResult;
  readonly siteRevision: string;
  readonly wallMs: number;
  readonly figures: ServerFigures;
}

/** A step over many endings takes long on a busy machine; the server answers before its own limit. */
const patience = { attemptTimeoutMs: 60_000, deadlineMs: 120_000 };

/** The main job: server up, budget set, every job submitted and run, server down. */
async function driveServer(
  task: ServerTask,
  arrivals: readonly Arrival[],
  { scene, onProgress }: RunOptions,
): Promise<Driven> {
  const server = await startServer(task);
  try {
    const client = createClient({ address: server.address, tls: false, ...patience });
    try {
      const [site] = (await client.serverInfo()).sites;
      await client.setBudget({
        budgetId: "replay",
        domainId: site?.id ?? "",
        limitWatts: scene.budgetWatts,
        reason: "the site's share of its grid connection during the replay",
      });
      const began = performance.now();
      const result = await drive(client, arrivals, onProgress);
      const wallMs = performance.now() - began;
      const figures = await server.close();
      return { result, siteRevision: site?.revision ?? "", wallMs, figures };
    } finally {
      client.close();
    }
  } finally {
    await server.close();
  }
}

/** How long the server takes from its start until it answers, on the log as it is. */
async function recover(task: ServerTask): Promise<number> {
  const server = await startServer(task);
  await server.close();
  return server.startMs;
}

async function recoverFromSnapshot(task: ServerTask): Promise<number> {
  const log = await openSqliteEventLog({ directory: task.dataDirectory });
  try {
    await writeSnapshotOf(log, defaultLimits);
  } finally {
    await log.close();
  }
  return recover(task);
}

function toOutcome(submittedCount: number, result: DriveResult, log: LogReport): ReplayOutcome {
  const { acknowledged, refusedCount, refusals } = result;
  return {
    submittedCount,
    acknowledgedCount: acknowledged.size,
    refusedCount,
    refusals,
    lostCount: [...acknowledged.keys()].filter((id) => !log.requestIds.has(id)).length,
    figures: log.figures,
    peaks: log.peaks,
    violationCount: log.violationCount,
    violations: log.violations,
    entryCount: log.entryCount,
    eventCount: log.eventCount,
  };
}

function toCost({
  result,
  wallMs,
  figures,
}: Driven): Omit<
  ReplayCost,
  "logBytes" | "recoveryFromLogMs" | "recoveryFromSnapshotMs" | "oracleMs"
> {
  const { p50Ms, p99Ms } = submitTimes(result.submitMs);
  return {
    wallMs,
    submitWallMs: result.submitWallMs,
    advanceWallMs: result.advanceWallMs,
    submitP50Ms: p50Ms,
    submitP99Ms: p99Ms,
    writer: figures.writer,
    peakMemoryBytes: figures.peakMemoryBytes,
    warningCount: figures.warningCount,
  };
}

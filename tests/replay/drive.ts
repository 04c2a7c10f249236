import { JobState } from "@ertis/api";
import type { ErtisClient, SubmitEntry } from "@ertis/client";

/** A job to submit, and when. */
export interface Arrival {
  readonly atMs: number;
  readonly entry: SubmitEntry;
}

/** What a driver tells while it runs. */
export interface DriveProgress {
  readonly submittedCount: number;
  readonly nowMs: number;
}

export type DriveClient = Pick<ErtisClient, "submit" | "advanceClock" | "jobs">;

export interface DriveResult {
  /** Request id → job id of every job the server acknowledged. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** The first refusals and failures, with their reason. */
  readonly refusals: readonly string[];
  readonly refusedCount: number;
  /** Wall time of each submit call as the client saw it, retries included. */
  readonly submitMs: readonly number[];
  readonly submitWallMs: number;
  readonly advanceWallMs: number;
  /** Virtual moment at which nothing was left to do. */
  readonly endedAtMs: number;
}

/** After the last arrival the clock goes on in such steps until every job is over. */
const lastStepMs = 6 * 3_600_000;
/** And gives up after this long: longer than a queue of the longest walltimes. */
const lastStepsMax = 4 * 1_000;
const refusalsKeptMax = 10;

const unfinished: readonly JobState[] = [
  JobState.HELD,
  JobState.WAITING,
  JobState.QUEUED,
  JobState.STARTING,
  JobState.RUNNING,
  JobState.STOPPING,
];

/**
 * Submits every arrival at its moment of the server's stepped clock: all of one moment in one call, then
 * the clock goes to the next. At the end it goes on until no job is left.
 *
 * @throws Error when jobs are still unfinished after 1,000 virtual days
 */
export async function drive(
  client: DriveClient,
  arrivals: readonly Arrival[],
  onProgress: (progress: DriveProgress) => void,
): Promise<DriveResult> {
  const acknowledged = new Map<string, string>();
  const refusals: string[] = [];
  const submitMs: number[] = [];
  let refusedCount = 0;
  let advanceWallMs = 0;
  let nowMs = 0;
  const advance = async (toMs: number): Promise<void> => {
    const began = performance.now();
    await advanceTo(client, toMs);
    advanceWallMs += performance.now() - began;
    nowMs = toMs;
  };
  for (const [atMs, entries] of byMoment(arrivals)) {
    await advance(atMs);
    const began = performance.now();
    // One batch on its way at a time: the order of jobs is part of the result.
    const outcomes = await client.submit(entries, { maxBatchesInFlight: 1 });
    submitMs.push(performance.now() - began);
    for (const outcome of outcomes) {
      if (outcome.kind === "accepted") {
        acknowledged.set(outcome.requestId, outcome.jobId);
        continue;
      }
      refusedCount += 1;
      if (refusals.length < refusalsKeptMax) {
        const why = outcome.kind === "refused" ? outcome.rejection : outcome.error;
        refusals.push(`${outcome.requestId}: ${why.reason} ${why.message}`);
      }
    }
    onProgress({ submittedCount: acknowledged.size + refusedCount, nowMs });
  }
  for (let step = 0; await hasUnfinished(client); step += 1) {
    if (step === lastStepsMax) {
      throw new Error(`jobs are unfinished ${step} steps of six hours after the last arrival`);
    }
    await advance(nowMs + lastStepMs);
    onProgress({ submittedCount: acknowledged.size + refusedCount, nowMs });
  }
  return {
    acknowledged,
    refusals,
    refusedCount,
    submitMs,
    submitWallMs: submitMs.reduce((sum, one) => sum + one, 0),
    advanceWallMs,
    endedAtMs: nowMs,
  };
}

function* byMoment(
  arrivals: readonly Arrival[],
): Generator<readonly [atMs: number, entries: readonly SubmitEntry[]], void, undefined> {
  let entries: SubmitEntry[] = [];
  for (const [index, { atMs, entry }] of arrivals.entries()) {
    entries.push(entry);
    if (arrivals[index + 1]?.atMs !== atMs) {
      yield [atMs, entries];
      entries = [];
    }
  }
}

/** One call may stop early at its deadline: it is repeated until all is quiet at the moment. */
async function advanceTo(client: DriveClient, toMs: number): Promise<void> {
  for (let isQuiet = false; !isQuiet;) {
    const { quiet, nowTimeMs } = await client.advanceClock(toMs, { deadlineMs: 120_000 });
    isQuiet = quiet && nowTimeMs >= toMs;
  }
}

async function hasUnfinished(client: DriveClient): Promise<boolean> {
  const found = client.jobs({ states: [...unfinished] }, { pageSize: 1 });
  const first = await found[Symbol.asyncIterator]().next();
  return first.done !== true;
}

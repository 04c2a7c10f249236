import type { RampStep, RampTally } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { hold, learnCurve } from "../apply/hold-nodes.ts";
import { awaitStop, findOverdue } from "../apply/overdue.ts";
import { addWalltimeTimers } from "../apply/walltime-timers.ts";
import { applyEvent } from "../apply/apply.ts";
import { queueIfEligible } from "../apply/jobs.ts";
import { countHoldings, listAllStoppable, recountHoldings } from "../apply/shares.ts";
import { known } from "../state/assert.ts";
import { createEngineState, type EngineState } from "../state/engine-state.ts";
import { isFinished, type Job } from "../state/job.ts";
import type { LostPromise } from "../state/reservations.ts";
import type { PowerBudget } from "../words/command.ts";
import type { ReservationMade } from "../words/event.ts";
import type { JobNumber } from "../words/job-spec.ts";
import {
  type CurtailmentsChunk,
  decodeCurtailments,
  encodeCurtailments,
} from "./curtailments-codec.ts";
import { UnreadableEntry } from "./entry-codec.ts";
import { decodeJob, type EncodedJob, encodeJob } from "./job-codec.ts";
import { type SharedParts, SharedPartsWriter } from "./shared-parts.ts";
import { decodeShares, encodeShares, type SharesChunk } from "./shares-codec.ts";
import { decodeSite, encodeSite, type SiteChunk } from "./site-codec.ts";

/** Version of the snapshots this program writes and reads. Another one is skipped when the log is whole. */
const snapshotVersion = 1;

const jobsPerChunk = 5_000;
const requestIdsPerChunk = 20_000;
const finishedPerChunk = 100_000;

type Chunk =
  | { readonly kind: "head"; readonly v: number; readonly nowMs: number; readonly nextJob: number }
  | SiteChunk
  | { readonly kind: "budgets"; readonly budgets: readonly PowerBudget[] }
  | SharesChunk
  /** What domains with a ramp did lately, in their order. */
  | {
      readonly kind: "ramps";
      readonly site: string;
      readonly ledgers: readonly (readonly RampStep[])[];
      /** Absent: nothing came that was not planned. */
      readonly tallies?: readonly RampTally[];
    }
  | CurtailmentsChunk
  | {
      readonly kind: "lost-promises";
      readonly lost: readonly (readonly [JobNumber, LostPromise])[];
    }
  | {
      readonly kind: "jobs";
      readonly shared: SharedParts;
      readonly jobs: readonly EncodedJob[];
    }
  | {
      readonly kind: "request-ids";
      readonly firstJob: number;
      readonly entries: readonly (readonly [string, number, number])[];
    }
  | { readonly kind: "finished"; readonly jobs: readonly number[] };

/** The whole state, in pieces of some megabytes at most: one string of a million jobs would throw. */
export function* encodeSnapshot(state: EngineState): Generator<string, void, void> {
  for (const chunk of chunksOf(state)) {
    yield JSON.stringify(chunk);
  }
}

function* chunksOf(state: EngineState): Generator<Chunk, void, void> {
  yield { kind: "head", v: snapshotVersion, nowMs: state.nowMs, nextJob: state.nextJob };
  for (const site of state.sites.values()) {
    yield encodeSite(site);
  }
  yield { kind: "budgets", budgets: [...state.budgets.values()] };
  const curtailments = encodeCurtailments(state);
  if (!isNothingCurtailed(curtailments)) {
    yield curtailments;
  }
  if (state.lostPromises.size > 0) {
    yield { kind: "lost-promises", lost: [...state.lostPromises].toSorted(([a], [b]) => a - b) };
  }
  for (const [site, { domains, budget, tallies }] of state.ramps) {
    const ledgers = domains.map((domain) => budget.ledgers[domain]?.steps ?? []);
    const hasCounted = tallies.some((one) => one.unplannedCount + one.emergencyCount > 0);
    if (hasCounted || ledgers.some((steps) => steps.length > 0)) {
      yield { kind: "ramps", site, ledgers, ...(hasCounted ? { tallies } : {}) };
    }
  }
  if (state.shares.declared.length > 0) {
    yield encodeShares(state.shares);
  }
  let shared = new SharedPartsWriter();
  let jobs: EncodedJob[] = [];
  for (const job of state.jobs.after(0)) {
    jobs.push(encodeJob(job, shared));
    if (jobs.length === jobsPerChunk) {
      yield { kind: "jobs", shared: shared.parts, jobs };
      shared = new SharedPartsWriter();
      jobs = [];
    }
  }
  yield { kind: "jobs", shared: shared.parts, jobs };
  yield* requestIdChunks(state);
  const finished = state.finished.slice(state.finishedFrom);
  for (let from = 0; from < finished.length; from += finishedPerChunk) {
    yield { kind: "finished", jobs: finished.slice(from, from + finishedPerChunk) };
  }
}

/** Most schedulers never had one, and their snapshots stay as they were. */
function isNothingCurtailed(chunk: CurtailmentsChunk): boolean {
  const { records, paused, pauses, draws, sites } = chunk;
  return [records, paused, pauses, draws, sites].every((list) => list.length === 0);
}

function* requestIdChunks(state: EngineState): Generator<Chunk, void, void> {
  const { requestIds } = state;
  const end = requestIds.firstJob + requestIds.count;
  for (let firstJob = requestIds.firstJob; firstJob < end; firstJob += requestIdsPerChunk) {
    const entries: [string, number, number][] = [];
    for (let job = firstJob; job < Math.min(end, firstJob + requestIdsPerChunk); job += 1) {
      const { requestId, bodyHash, acceptedAtMs } = requestIds.entry(job);
      entries.push([requestId, bodyHash, acceptedAtMs]);
    }
    yield { kind: "request-ids", firstJob, entries };
  }
}

/** Builds a state from the chunks of a snapshot, taken in their order, then `finish`ed. */
export class SnapshotReader {
  readonly #state: EngineState = createEngineState();
  readonly #reservations: ReservationMade[] = [];
  #curtailments: CurtailmentsChunk | undefined;

  /** @throws UnreadableEntry when the snapshot is of another version. */
  add(text: string): void {
    const chunk: Chunk = JSON.parse(text);
    const state = this.#state;
    switch (chunk.kind) {
      case "head":
        if (chunk.v !== snapshotVersion) {
          throw new UnreadableEntry(`a snapshot of version ${chunk.v} is not read`);
        }
        state.nowMs = chunk.nowMs;
        state.nextJob = chunk.nextJob;
        return;
      case "site":
        decodeSite(state, chunk);
        this.#reservations.push(...chunk.reservations);
        return;
      case "budgets":
        for (const budget of chunk.budgets) {
          applyEvent(state, { kind: "budget-set", budget });
        }
        return;
      case "curtailments":
        this.#curtailments = chunk;
        return;
      case "ramps": {
        const ramps = known(state.ramps.get(chunk.site), "ramps of a snapshot");
        for (const [at, domain] of ramps.domains.entries()) {
          ramps.budget.ledgers[domain]?.steps.push(...(chunk.ledgers[at] ?? []));
          Object.assign(ramps.tallies[at] ?? {}, chunk.tallies?.[at]);
        }
        return;
      }
      case "lost-promises":
        for (const [job, lost] of chunk.lost) {
          state.lostPromises.set(job, lost);
        }
        return;
      case "shares":
        state.shares = decodeShares(chunk);
        return;
      case "jobs":
        for (const encoded of chunk.jobs) {
          this.#addJob(decodeJob(encoded, chunk.shared));
        }
        return;
      case "request-ids":
        chunk.entries.forEach(([requestId, bodyHash, acceptedAtMs], index) => {
          state.requestIds.add(requestId, chunk.firstJob + index, bodyHash, acceptedAtMs);
        });
        return;
      case "finished":
        for (const number of chunk.jobs) {
          state.finished.push(number);
        }
    }
  }

  /** The state, once every chunk was added. */
  finish(): EngineState {
    if (this.#state.shares.declared.length === 0) {
      countHoldings(this.#state);
    } else {
      recountHoldings(this.#state);
    }
    listAllStoppable(this.#state);
    findOverdue(this.#state);
    if (this.#curtailments !== undefined) {
      decodeCurtailments(this.#state, this.#curtailments);
    }
    for (const reservation of this.#reservations) {
      applyEvent(this.#state, reservation);
    }
    return this.#state;
  }

  #addJob(job: Job): void {
    const state = this.#state;
    state.jobs.add(job);
    if (!isFinished(job)) {
      state.unfinishedCount += 1;
    }
    for (const attempt of job.active?.values() ?? []) {
      const site = known(state.sites.get(attempt.placement.site), "site of a placement");
      learnCurve(site, attempt, job);
      hold(site, attempt);
      if (attempt.phase === "starting" || attempt.phase === "running") {
        addWalltimeTimers(state, attempt);
      } else {
        awaitStop(state, attempt);
      }
    }
    if (isFinished(job)) {
      return;
    }
    for (const dependency of job.spec.dependencies) {
      const waiting = state.dependents.get(dependency.job) ?? [];
      waiting.push(job.number);
      state.dependents.set(dependency.job, waiting);
    }
    // Also when it is due already: a tick rings a bounded number of timers, and the rest waits.
    if (job.spec.beginAt !== undefined && !job.isReady) {
      const atMs = toNumber(job.spec.beginAt);
      state.timers.add({ atMs, kind: "begin", job: job.number, task: 0, attempt: 0 });
    }
    queueIfEligible(state, job);
  }
}

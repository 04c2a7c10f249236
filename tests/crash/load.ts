import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import { JobActionOutcome } from "@ertis/api";
import { createClient, type ErtisClient, type JobRequest, type SubmitEntry } from "@ertis/client";
import { forkStream, type RandomStream } from "@ertis/executor-simulated";

import { Promises } from "./promises.ts";

const workerCount = 6;
/** Milliseconds for a call that is meant to be given up now and then. */
const hastyMs = 15;
/** Long enough for any restart. */
const patientMs = 60_000;
/** A worker rests when so many jobs were sent in the present round, so that the queue stays short. */
const jobsPerRoundMax = 130;

/** Callers that submit, repeat and cancel without an end, across the deaths of the server. */
export class Load {
  readonly promises: Promises = new Promises();
  readonly client: ErtisClient;
  readonly #workers: Promise<void>[];
  #waiters: { readonly count: number; readonly wake: () => void }[] = [];
  #isEnding = false;
  #sentInRound = 0;
  #acknowledgedBefore = 0;
  #nextRound: PromiseWithResolvers<undefined> = Promise.withResolvers();

  constructor(port: number, seed: number) {
    this.client = createClient({
      address: `127.0.0.1:${port}`,
      deadlineMs: patientMs,
      attemptTimeoutMs: 3_000,
      backOff: { firstMs: 20, longestMs: 200 },
    });
    this.#workers = Array.from({ length: workerCount }, async (_, index) =>
      this.#work(forkStream(seed, "load", index)),
    );
  }

  /** Resolves when so many more jobs were acknowledged in this round. */
  async acknowledged(count: number): Promise<void> {
    return new Promise((wake) => {
      this.#waiters.push({ count: this.#acknowledgedBefore + count, wake: () => wake() });
      this.#wakeWaiters();
    });
  }

  beginRound(): void {
    this.#acknowledgedBefore = this.promises.acknowledged.size;
    this.#sentInRound = 0;
    this.#nextRound.resolve(undefined);
    this.#nextRound = Promise.withResolvers();
  }

  /** No new jobs; whatever is unknown is asked again until it is known. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#nextRound.resolve(undefined);
    await Promise.all(this.#workers);
    while (this.promises.maybe.size > 0) {
      await this.#submit([...this.promises.maybe.values()].slice(0, 1_000), patientMs);
    }
  }

  async #work(random: RandomStream): Promise<void> {
    while (!this.#isEnding) {
      if (this.#sentInRound >= jobsPerRoundMax) {
        await this.#nextRound.promise;
      }
      await this.#act(random);
      this.#wakeWaiters();
      await pause(random.below(4));
    }
  }

  async #act(random: RandomStream): Promise<void> {
    const { acknowledged, maybe, sent } = this.promises;
    const dice = random.below(100);
    if (dice < 50) {
      return this.#submit(this.#newEntries(random, 1 + random.below(8)), patientMs);
    }
    if (dice < 70) {
      return this.#submit(this.#newEntries(random, 1), hastyMs);
    }
    if (dice < 80 && maybe.size > 0) {
      return this.#submit([...maybe.values()].slice(0, 20), patientMs);
    }
    const known = [...acknowledged.keys()];
    if (dice < 92) {
      const again = Array.from({ length: 5 }, () => known[random.below(known.length + 1)]);
      return this.#submit(
        [...new Set(again)].flatMap((id) => sent.get(id ?? "") ?? []),
        patientMs,
      );
    }
    const jobId = acknowledged.get(known[known.length - 1 - random.below(20)] ?? "");
    return jobId === undefined ? undefined : this.#cancel(jobId);
  }

  #newEntries(random: RandomStream, count: number): SubmitEntry[] {
    this.#sentInRound += count;
    return Array.from({ length: count }, () => {
      const entry = { requestId: randomUUID(), spec: randomSpec(random) };
      this.promises.sent.set(entry.requestId, entry);
      return entry;
    });
  }

  async #submit(entries: readonly SubmitEntry[], deadlineMs: number): Promise<void> {
    const outcomes = await this.client.submit(entries, { deadlineMs });
    for (const [index, outcome] of outcomes.entries()) {
      const entry = entries[index];
      if (entry !== undefined) {
        this.promises.note(entry, outcome);
      }
    }
  }

  async #cancel(jobId: string): Promise<void> {
    try {
      const results = await this.client.cancelJobs({ jobIds: [jobId] }, "a crash test");
      if (results[0]?.outcome === JobActionOutcome.DONE) {
        this.promises.cancelled.add(jobId);
      }
    } catch {
      // Its answer was lost with the server: the job may be cancelled or not.
    }
  }

  #wakeWaiters(): void {
    const { size } = this.promises.acknowledged;
    for (const waiter of this.#waiters.filter(({ count }) => size >= count)) {
      waiter.wake();
    }
    this.#waiters = this.#waiters.filter(({ count }) => size < count);
  }
}

/** Mostly small and short; one in eight is a gang or a small array. */
function randomSpec(random: RandomStream): JobRequest {
  const kind = random.below(16);
  const isGang = kind === 0;
  const env = new Map([
    ["ERTIS_SIM_RUNTIME_MS", String(random.below(200))],
    ["ERTIS_SIM_OUTCOME", random.below(10) === 0 ? "failed:3" : "succeeded"],
  ]);
  return {
    project: "language",
    name: "crash",
    nodeCount: isGang ? 2 : 1,
    gpusPerNode: isGang ? 8 : 1 + random.below(4),
    walltimeMs: 600_000,
    image: "registry.local/crash@sha256:0000",
    env,
    ...(kind === 1 ? { array: { taskCount: 3, throttle: 2 } } : {}),
  };
}

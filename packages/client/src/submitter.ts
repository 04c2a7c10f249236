import { JobServiceService, JobSpec, type Rejection, SubmitItem } from "@ertis/api";
import type { Caller, CallOptions } from "./caller.ts";
import type { Method } from "./connection.ts";
import { ErtisError } from "./ertis-error.ts";
import { toErtisError } from "./decode-error.ts";
import { type BatchLimits, countThatFit } from "./split.ts";

/** What is asked for: fields left out mean what the contract says of their default. */
export type JobRequest = Partial<JobSpec>;

/** One job to submit. */
export interface SubmitEntry {
  readonly spec: JobRequest;
  /** UUID of this job, chosen once; left out: made here. */
  readonly requestId?: string;
}

/** What became of one job. Nothing is lost in silence: each entry gets exactly one of these. */
export type SubmitOutcome =
  | {
      readonly kind: "accepted";
      readonly requestId: string;
      readonly jobId: string;
      /** False: this request id had been accepted before, with the same job. */
      readonly isNew: boolean;
      /** Log sequence at which it is durable. */
      readonly sequence: number;
      /**
       * How long after its deadline it ends at the earliest if it uses its shortest walltime, milliseconds; 0: it has none,
       * may keep it, or was accepted before.
       */
      readonly deadlineMissedByMs: number;
    }
  | { readonly kind: "refused"; readonly requestId: string; readonly rejection: Rejection }
  /** The call failed. When `error.isOutcomeUnknown`, submit again with the same request id to find out. */
  | { readonly kind: "failed"; readonly requestId: string; readonly error: ErtisError };

/** How a submitter batches. */
export interface SubmitterOptions extends CallOptions {
  /** Most batches on their way at one moment; default 4. */
  readonly maxBatchesInFlight?: number;
}

interface Waiting {
  readonly requestId: string;
  readonly bytes: Uint8Array;
  readonly resolve: (outcome: SubmitOutcome) => void;
}

/** Field 1 of SubmitJobsRequest, length-delimited. */
const itemTag = 0x0a;

/**
 * SubmitJobs with a request that is bytes already: each job is encoded once, when it is added, so that its
 * size is known and a retry sends the very same bytes.
 */
const submitEncoded: Method<
  Buffer,
  ReturnType<typeof JobServiceService.submitJobs.responseDeserialize>
> = {
  path: JobServiceService.submitJobs.path,
  requestSerialize: (bytes) => bytes,
  responseDeserialize: JobServiceService.submitJobs.responseDeserialize,
};

function encodeLength(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

const itemTagBytes = Uint8Array.of(itemTag);

function encodeBatch(batch: readonly Waiting[]): Buffer {
  return Buffer.concat(
    batch.flatMap(({ bytes }) => [itemTagBytes, encodeLength(bytes.length), bytes]),
  );
}

/**
 * Collects single jobs into batches: what is added in one turn of the event loop, or while all batches
 * are on their way, travels together.
 */
export class Submitter {
  readonly #caller: Caller;
  readonly #limits: () => Promise<BatchLimits>;
  readonly #options: SubmitterOptions;
  readonly #waiting: Waiting[] = [];
  readonly #roomSeekers: (() => void)[] = [];
  #batchesInFlight = 0;
  #isScheduled = false;

  constructor(caller: Caller, limits: () => Promise<BatchLimits>, options: SubmitterOptions) {
    this.#caller = caller;
    this.#limits = limits;
    this.#options = options;
  }

  /** Adds one job and says what became of it. Never rejects because of the server. */
  add(entry: SubmitEntry): Promise<SubmitOutcome> {
    const { promise, resolve } = Promise.withResolvers<SubmitOutcome>();
    this.#push(entry, resolve);
    return promise;
  }

  /** Adds jobs and says what became of each, in order. One promise for all: a promise each costs as much as its job. */
  addAll(entries: readonly SubmitEntry[]): Promise<SubmitOutcome[]> {
    const { promise, resolve } = Promise.withResolvers<SubmitOutcome[]>();
    const outcomes: SubmitOutcome[] = [];
    let leftCount = entries.length;
    if (leftCount === 0) {
      resolve(outcomes);
    }
    for (const [index, entry] of entries.entries()) {
      this.#push(entry, (outcome) => {
        outcomes[index] = outcome;
        leftCount -= 1;
        if (leftCount === 0) {
          resolve(outcomes);
        }
      });
    }
    return promise;
  }

  #push(entry: SubmitEntry, resolve: (outcome: SubmitOutcome) => void): void {
    const requestId = entry.requestId ?? crypto.randomUUID();
    const spec = JobSpec.fromPartial(entry.spec);
    const bytes = SubmitItem.encode({ requestId, spec }).finish();
    this.#waiting.push({ requestId, bytes, resolve });
    this.#schedule();
  }

  /** Resolves when fewer than `count` jobs wait for a batch: who adds without end waits here. */
  async waitForRoom(count = 2_000): Promise<void> {
    while (this.#waiting.length >= count) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#roomSeekers.push(() => resolve(undefined));
      await promise;
    }
  }

  #schedule(): void {
    if (this.#isScheduled) {
      return;
    }
    this.#isScheduled = true;
    setImmediate(() => {
      void this.#sendAll();
    });
  }

  async #sendAll(): Promise<void> {
    try {
      const limits = await this.#limits();
      this.#isScheduled = false;
      while (
        this.#waiting.length > 0 &&
        this.#batchesInFlight < (this.#options.maxBatchesInFlight ?? 4)
      ) {
        const first = this.#waiting.slice(0, limits.maxItemCount);
        const sizesBytes = first.map(({ bytes }) => bytes.length);
        void this.#send(this.#waiting.splice(0, countThatFit(sizesBytes, 0, limits)));
      }
    } catch (error) {
      this.#isScheduled = false;
      this.#fail(this.#waiting.splice(0), error);
    }
    for (const tell of this.#roomSeekers.splice(0)) {
      tell();
    }
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#batchesInFlight += 1;
    try {
      const { results, sequence } = await this.#caller.call(
        submitEncoded,
        encodeBatch(batch),
        this.#options,
      );
      for (const [index, { requestId, resolve }] of batch.entries()) {
        const outcome = results[index]?.outcome;
        if (outcome === undefined) {
          const message = "the scheduler left this job out of its answer";
          const error = new ErtisError({ code: "INTERNAL", message, isOutcomeUnknown: true });
          resolve({ kind: "failed", requestId, error });
        } else if (outcome.$case === "rejection") {
          resolve({ kind: "refused", requestId, rejection: outcome.value });
        } else {
          const isNew = outcome.$case === "acceptedJobId";
          const deadlineMissedByMs = results[index]?.deadlineMissedByMs ?? 0;
          const jobId = outcome.value;
          resolve({ kind: "accepted", requestId, jobId, isNew, sequence, deadlineMissedByMs });
        }
      }
    } catch (error) {
      this.#fail(batch, error);
    } finally {
      this.#batchesInFlight -= 1;
      if (this.#waiting.length > 0) {
        this.#schedule();
      }
    }
  }

  #fail(batch: readonly Waiting[], cause: unknown): void {
    const error = toErtisError(cause);
    for (const { requestId, resolve } of batch) {
      resolve({ kind: "failed", requestId, error });
    }
  }
}

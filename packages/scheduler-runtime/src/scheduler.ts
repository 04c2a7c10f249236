import type { Command, Engine, Entry, Reply } from "@ertis/scheduler-engine";
import type { LatencySummary } from "./latency.ts";
import type { Sequence } from "./ports.ts";

/** A command before the writer loop stamps it with its moment. */
export type Request = WithoutAt<Command>;
type WithoutAt<C> = C extends unknown ? Omit<C, "at"> : never;

/** An entry that is durable, with its position in the log. */
export interface CommittedEntry {
  readonly sequence: Sequence;
  readonly entry: Entry;
}

/** The scheduler is closing or has lost its log: nothing more is taken. The caller may try again. */
export interface Unavailable {
  readonly kind: "unavailable";
  readonly message: string;
}

/** How long the writer took, batch by batch; all zero without a stopwatch. */
export interface WriterTimings {
  /** From the batch taken to its events ready: the engine and the encoding of its rows. */
  readonly decision: LatencySummary;
  /** From the events ready to their rows durable. */
  readonly append: LatencySummary;
}

/** One scheduler: the writer loop around the engine. */
export interface Scheduler {
  /** Resolves when everything behind the reply is durable. Never rejects. */
  request(request: Request): Promise<Reply | Unavailable>;
  /**
   * Runs a read between two batches, when the state in memory is exactly the durable state. The
   * function must be synchronous, must not change anything and must be bounded in time.
   */
  read<T>(query: (engine: Engine, sequence: Sequence) => T): Promise<T>;
  /** Called after each commit, in order, until the returned function is called. Must not block. */
  onCommit(listener: (entries: readonly CommittedEntry[]) => void): () => void;
  /**
   * Entries after a sequence, oldest first, at most `countMax`; `too-old` when retention has let
   * them go. Recent ones come from memory, older ones from the log.
   */
  entriesAfter(
    sequence: Sequence,
    countMax: number,
  ): Promise<readonly CommittedEntry[] | "too-old">;
  /** Position of the last durable entry. */
  readonly lastSequence: Sequence;
  timings(): WriterTimings;
  /** Resolves when nothing is queued, in flight or due at the clock's present moment. */
  quiet(): Promise<void>;
  /** Resolves with the reason when the scheduler had to stop by itself (lost log, broken store). */
  readonly stopped: Promise<string>;
  /** Finishes what is in flight, then stops. */
  close(): Promise<void>;
}

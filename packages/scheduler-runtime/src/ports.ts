import type {
  AttemptKey,
  Measure,
  Observation,
  Placement,
  Workload,
} from "@ertis/scheduler-engine";
import type { Instant, Milliseconds } from "@ertis/quantities";

/** Position of a row in the log, from 1; 0 is the empty log. */
export type Sequence = number;

export interface LogRow {
  readonly sequence: Sequence;
  /** An encoded entry of the engine; opaque to the log. */
  readonly payload: string;
}

/** Somebody else wrote to the log: this scheduler must stop. */
export interface LogConflict {
  readonly kind: "log-conflict";
  readonly expectedSequence: Sequence;
  readonly foundSequence: Sequence;
}

/** State of the engine at a sequence, in chunks, so that no single string grows with the state. */
export interface StoredSnapshot {
  readonly sequence: Sequence;
  chunks(): AsyncIterable<string>;
}

/** Durable, ordered history of one scheduler. */
export interface EventLog {
  /**
   * All rows or none, at `expectedSequence + 1` and up. Durable when it resolves. Answers a
   * {@link LogConflict} when the log does not end at `expectedSequence`. Rejects only when the
   * store is broken (disk full, IO error, closed); then nothing was promised to anyone.
   */
  append(
    payloads: readonly string[],
    expectedSequence: Sequence,
  ): Promise<{ readonly kind: "appended"; readonly sequence: Sequence } | LogConflict>;
  /** Rows after `afterSequence`, in order. Throws when they were trimmed away or are corrupt. */
  read(afterSequence: Sequence): AsyncIterable<LogRow>;
  /** The first row still held (1 when none was trimmed) and the last one (0 when empty). */
  range(): Promise<{ readonly first: Sequence; readonly last: Sequence }>;
  /** The newest complete snapshot, or undefined. */
  latestSnapshot(): Promise<StoredSnapshot | undefined>;
  /** Complete or invisible: a crash in between leaves the previous snapshot in charge. */
  writeSnapshot(sequence: Sequence, chunks: AsyncIterable<string>): Promise<void>;
  /** Drops rows up to `upTo` (never past the newest snapshot) and older snapshots. */
  trim(upTo: Sequence): Promise<void>;
  close(): Promise<void>;
}

/** One attempt that a cluster should run. */
export interface DesiredAttempt {
  readonly attempt: AttemptKey;
  readonly placement: Placement;
  readonly startedAt: Instant;
  readonly endsBy: Instant;
  readonly name: string;
  readonly workload: Workload;
  /** Kind of work, for example `pre-train`: it says how the attempt slows down under a cap. */
  readonly workloadClass: string;
  /** `stop`: end it with this grace, then confirm; it holds its nodes until then. */
  readonly want: "run" | "warn" | "stop";
  readonly grace: Milliseconds;
  /**
   * The cap to hold every GPU of it to; 0: none. To be set before anything of it runs, and as soon as
   * it changes; each node then says `cap-applied` with the order. Orders may be carried out in the
   * order of the log, at once: a raise is an event only when watts that were acknowledged pay for it.
   */
  readonly capWatts: number;
  /** Grows with each change of the cap; 0 at the start. An older order than one carried out is void. */
  readonly capOrder: number;
  /** Full-speed time that its walltime grants this attempt. */
  readonly work: Milliseconds;
  /** Full-speed time that earlier attempts did and a checkpoint kept: above 0 it goes on from there. */
  readonly workDone: Milliseconds;
  /** With `stop`: it saves its work first and says `checkpointed` when that is done. */
  readonly savesWork: boolean;
}

/**
 * What changed in what a site should run. Never sent before the events behind it are durable.
 * `generation` only grows; an older one is refused by the cluster.
 */
export interface DesiredChange {
  readonly generation: Sequence;
  /**
   * True: this is everything. Whatever else runs must be stopped, and a node that is neither in
   * `powerOff` nor in `powerOn` has no watts granted: it is off, or must be.
   */
  readonly isComplete: boolean;
  readonly attempts: readonly DesiredAttempt[];
  /** Released for good: the cluster may forget them. */
  readonly forget: readonly AttemptKey[];
  /** Lost nodes the cluster should power off and confirm. */
  readonly powerOff: readonly number[];
  /**
   * Nodes that asked to come back and may, or are woken: their idle watts are granted. The cluster says of each that it is
   * ready once it is up: of one that was woken and is not in its time, the power-off is wanted. In a complete change: all
   * nodes whose idle watts are granted, so that a grant that was never delivered is not lost.
   */
  readonly powerOn: readonly number[];
}

/** What the meters of a site say: mean draw over a time that has just ended. */
export interface MeasuredDraw extends Pick<Measure, "domains" | "attempts"> {
  /** Revision of the site whose positions the domains are. */
  readonly revision: string;
}

/** Makes one site match what the scheduler wants; safe to call again at any time. */
export interface Executor {
  readonly site: string;
  /** Returns at once; delivery, retries and reconnects are the executor's business. */
  realize(change: DesiredChange): void;
  /**
   * Reports are handed over in order. The promise resolves when what follows from the report is
   * durable; until then the executor keeps it and hands it over again after a reconnect.
   *
   * Measurements are handed over as they come and never kept: whoever cannot take one now lets it go,
   * and the next one says how things are then. A site without meters never calls `measured`.
   */
  start(
    report: (observations: readonly Observation[]) => Promise<void>,
    measured?: (draw: MeasuredDraw) => void,
  ): void;
  close(): Promise<void>;
}

/** Time as the scheduler sees it: real, or stepped by a driver. */
export interface Clock {
  now(): Instant;
  /** One timer at a time: the earliest thing due. A new call replaces the last one. */
  wakeAt(moment: Instant | undefined, wake: () => void): void;
}

/** Where the runtime tells operators what happened; never throws, never waits. */
export interface Reporter {
  info(message: string, facts: Readonly<Record<string, string | number>>): void;
  warn(message: string, facts: Readonly<Record<string, string | number>>): void;
}

/** Milliseconds that only grow, with a fraction: how long work takes, not what time it is. */
export type Stopwatch = () => number;

import type {
  EventLog,
  LogConflict,
  LogRow,
  Sequence,
  StoredSnapshot,
} from "@ertis/scheduler-runtime";

import { LogClosed, LogDiskFull, LogFailed, LogLocked, LogTrimmed } from "./errors.ts";
import { payloadFault } from "./payload.ts";

interface MemorySnapshot {
  readonly sequence: Sequence;
  readonly chunks: readonly string[];
}

/** What outlives a {@link MemoryEventLog}: hand it to the next one to see what a restart sees. */
export class MemoryLogStorage {
  first: Sequence = 1;
  payloads: string[] = [];
  snapshots: MemorySnapshot[] = [];
  holder: MemoryEventLog | undefined;

  get last(): Sequence {
    return this.first + this.payloads.length - 1;
  }
}

type Fault = "fail" | "lose-answer";

/**
 * The twin of the SQLite log for tests and simulations: the same answers, conflicts and refusals,
 * and faults on demand. After a failed append it refuses everything until it is opened again, as
 * the SQLite log does.
 */
export class MemoryEventLog implements EventLog {
  readonly #storage: MemoryLogStorage;
  readonly #faults: Fault[] = [];
  #closedBecause: string | undefined;
  #failedBecause: Error | undefined;

  constructor(storage: MemoryLogStorage = new MemoryLogStorage()) {
    if (storage.holder !== undefined) {
      throw new LogLocked(
        "could not open the log in memory: another server holds it; close that one first",
      );
    }
    storage.holder = this;
    this.#storage = storage;
  }

  /** The next append keeps nothing and rejects, as when the disk is full. */
  failNextAppend(): void {
    this.#faults.push("fail");
  }

  /** The next append keeps its rows, but the caller sees a failure: a lost acknowledgement. */
  loseNextAnswer(): void {
    this.#faults.push("lose-answer");
  }

  /** As SIGKILL: this log is gone at once, its storage can be opened again. */
  kill(): void {
    this.#closedBecause = "it was killed";
    this.#storage.holder = undefined;
  }

  async append(
    payloads: readonly string[],
    expectedSequence: Sequence,
  ): Promise<{ readonly kind: "appended"; readonly sequence: Sequence } | LogConflict> {
    this.#demandWritable("append");
    for (const payload of payloads) {
      const fault = payloadFault(payload);
      if (fault !== undefined) {
        throw new TypeError(`could not append a payload: ${fault}`);
      }
    }
    const storage = this.#storage;
    if (storage.last !== expectedSequence) {
      return { kind: "log-conflict", expectedSequence, foundSequence: storage.last };
    }
    const fault = this.#faults.shift();
    if (fault === "fail") {
      throw this.#fail(new LogDiskFull("could not append: a test filled the disk"));
    }
    storage.payloads.push(...payloads);
    if (fault === "lose-answer") {
      throw this.#fail(new LogFailed("the rows were kept, but a test lost the answer"));
    }
    return { kind: "appended", sequence: storage.last };
  }

  async *read(afterSequence: Sequence): AsyncGenerator<LogRow, void, undefined> {
    for (let sequence = afterSequence + 1; ; sequence += 1) {
      this.#demandOpen("read");
      const { first, payloads } = this.#storage;
      if (sequence < first) {
        throw new LogTrimmed(
          `could not read row ${String(sequence)}: rows before ${String(first)} were trimmed; start from a snapshot`,
          first,
        );
      }
      const payload = payloads[sequence - first];
      if (payload === undefined) {
        return;
      }
      yield { sequence, payload };
    }
  }

  async range(): Promise<{ readonly first: Sequence; readonly last: Sequence }> {
    this.#demandOpen("tell the range");
    return { first: this.#storage.first, last: this.#storage.last };
  }

  async latestSnapshot(): Promise<StoredSnapshot | undefined> {
    this.#demandOpen("find the newest snapshot");
    const newest = this.#storage.snapshots.at(-1);
    if (newest === undefined) {
      return undefined;
    }
    const readChunks = (): AsyncGenerator<string, void, undefined> => this.#chunksOf(newest);
    return { sequence: newest.sequence, chunks: readChunks };
  }

  async writeSnapshot(sequence: Sequence, chunks: AsyncIterable<string>): Promise<void> {
    this.#demandWritable("write a snapshot");
    demandSnapshotSequence(sequence, this.#storage.last);
    const held: string[] = [];
    for await (const chunk of chunks) {
      const fault = payloadFault(chunk);
      if (fault !== undefined) {
        throw new TypeError(`could not write a snapshot chunk: ${fault}`);
      }
      held.push(chunk);
      this.#demandWritable("write a snapshot");
    }
    const { snapshots } = this.#storage;
    snapshots.push({ sequence, chunks: held });
    // Stable: of two at one sequence the later stays last and wins.
    snapshots.sort((left, right) => left.sequence - right.sequence);
  }

  async trim(upTo: Sequence): Promise<void> {
    this.#demandWritable("trim");
    const storage = this.#storage;
    const newest = storage.snapshots.at(-1);
    if (newest === undefined) {
      return;
    }
    const through = Math.min(upTo, newest.sequence);
    storage.payloads.splice(0, Math.max(0, through - storage.first + 1));
    storage.first = Math.max(storage.first, through + 1);
    storage.snapshots = [newest];
  }

  close(): Promise<void> {
    if (this.#closedBecause === undefined) {
      this.kill();
      this.#closedBecause = "it was closed";
    }
    return Promise.resolve();
  }

  async *#chunksOf(snapshot: MemorySnapshot): AsyncGenerator<string, void, undefined> {
    for (const chunk of snapshot.chunks) {
      this.#demandOpen("read a snapshot");
      if (!this.#storage.snapshots.includes(snapshot)) {
        throw new LogTrimmed(
          `could not read the snapshot at ${String(snapshot.sequence)}: a newer one replaced it; ask for the newest again`,
          this.#storage.first,
        );
      }
      yield chunk;
    }
  }

  #fail(error: Error): Error {
    this.#failedBecause = error;
    return error;
  }

  #demandOpen(attempt: string): void {
    if (this.#closedBecause !== undefined) {
      throw new LogClosed(`could not ${attempt}: ${this.#closedBecause}`);
    }
  }

  #demandWritable(attempt: string): void {
    this.#demandOpen(attempt);
    if (this.#failedBecause !== undefined) {
      throw new LogClosed(`could not ${attempt}: an earlier write failed; open the log again`, {
        cause: this.#failedBecause,
      });
    }
  }
}

/** A snapshot stands for rows that are there; one from the future would hide rows to come. */
export function demandSnapshotSequence(sequence: Sequence, last: Sequence): void {
  if (!Number.isSafeInteger(sequence) || sequence < 0 || sequence > last) {
    throw new RangeError(
      `could not write a snapshot at ${String(sequence)}: the log ends at ${String(last)}`,
    );
  }
}

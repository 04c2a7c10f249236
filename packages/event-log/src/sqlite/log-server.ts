import type { DatabaseSync } from "node:sqlite";

import type { Sequence } from "@ertis/scheduler-runtime";

import { LogClosed, LogCorrupt } from "../errors.ts";
import { demandSnapshotSequence } from "../memory.ts";
import { payloadFault } from "../payload.ts";
import { databaseFile, openDatabase } from "./database.ts";
import type { DatabaseOptions } from "./database.ts";
import { Entries } from "./entries.ts";
import type { Tail } from "./entries.ts";
import type { Done, Operations, RequestOf } from "./protocol.ts";
import { Snapshots } from "./snapshots.ts";
import { explainFailure, isStoreFailure } from "./wire-error.ts";

/**
 * How much new data a checkpoint waits for. It copies that much while appends wait: 8 MiB kept them
 * 30 ms at the 99th percentile of a loaded log, 1 MiB 3 to 5 ms, at the same throughput.
 */
const checkpointAfterBytes = 2 * 1024 * 1024;

/** How long one piece of removal may keep appends waiting. */
const removalSliceMs = 4;

type Settled<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "error"; readonly error: Error };

/**
 * The log as its worker sees it: synchronous, one caller. After a failed commit nobody knows what
 * reached the disk, so everything that writes is refused until the log is opened again.
 */
export class LogServer {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #entries: Entries;
  readonly #snapshots: Snapshots;
  #failure: Error | undefined;
  /** A failure of work that nobody waited for; the next write reports it, under its own class. */
  #unseenFailure: Error | undefined;
  #hasGarbage = true;
  #uncheckpointedBytes = 0;

  constructor(options: DatabaseOptions) {
    this.#file = databaseFile(options.directory);
    try {
      this.#database = openDatabase(options);
    } catch (error) {
      throw explainFailure(`open ${this.#file}`, error);
    }
    try {
      this.#entries = new Entries(this.#database);
      this.#snapshots = new Snapshots(this.#database);
      this.#demandRowsOfSnapshot();
    } catch (error) {
      this.#database.close();
      throw explainFailure(`open ${this.#file}`, error);
    }
  }

  /** Rows may be missing at the end without a trace in the rows themselves. */
  #demandRowsOfSnapshot(): void {
    const newest = this.#snapshots.newest();
    const last = this.#entries.tail().sequence;
    if (newest !== undefined && newest.sequence > last) {
      throw new LogCorrupt(
        `could not open ${this.#file}: it ends at row ${String(last)}, but its snapshot stands for rows through ${String(newest.sequence)}: rows were lost; restore the log from a backup`,
        last + 1,
      );
    }
  }

  /** Group commit: as many of the appends as follow on one another, in one transaction. */
  append(
    requests: readonly RequestOf<"append">[],
  ): readonly Settled<Operations["append"]["answer"]>[] {
    const rowCount = requests.reduce((sum, { ask }) => sum + ask.payloads.length, 0);
    const commitAll = (): readonly Settled<Operations["append"]["answer"]>[] => {
      let tail = this.#entries.tail();
      return requests.map(({ ask }) => {
        const fault = ask.payloads.map(payloadFault).find((found) => found !== undefined);
        if (fault !== undefined) {
          return { kind: "error", error: new TypeError(`could not append a payload: ${fault}`) };
        }
        const { expectedSequence } = ask;
        if (expectedSequence !== tail.sequence) {
          const conflict = { expectedSequence, foundSequence: tail.sequence };
          return { kind: "answer", answer: { kind: "log-conflict", ...conflict } };
        }
        tail = this.#appendRows(ask.payloads, tail);
        return { kind: "answer", answer: { kind: "appended", sequence: tail.sequence } };
      });
    };
    try {
      return this.#write(`append ${String(rowCount)} rows`, commitAll);
    } catch (error) {
      const failure = error instanceof Error ? error : new LogClosed(String(error));
      return requests.map(() => ({ kind: "error", error: failure }));
    }
  }

  read(afterSequence: Sequence): Operations["read"]["answer"] {
    return this.#attempt(`read after row ${String(afterSequence)}`, () =>
      this.#entries.read(afterSequence),
    );
  }

  range(): Operations["range"]["answer"] {
    return this.#attempt("tell the range", () => ({
      first: this.#entries.beginning().first,
      last: this.#entries.tail().sequence,
    }));
  }

  latestSnapshot(): Operations["latestSnapshot"]["answer"] {
    return this.#attempt("find the newest snapshot", () => this.#snapshots.newest());
  }

  readChunk(snapshotId: number, position: number): string {
    return this.#attempt("read a snapshot", () => this.#snapshots.readChunk(snapshotId, position));
  }

  beginSnapshot(sequence: Sequence): number {
    return this.#write("begin a snapshot", () => {
      demandSnapshotSequence(sequence, this.#entries.tail().sequence);
      return this.#snapshots.begin(sequence);
    });
  }

  writeChunk(snapshotId: number, chunk: string): Done {
    const fault = payloadFault(chunk);
    if (fault !== undefined) {
      throw new TypeError(`could not write a snapshot chunk: ${fault}`);
    }
    this.#write("write a snapshot", () => {
      this.#snapshots.write(snapshotId, chunk);
    });
    this.#uncheckpointedBytes += chunk.length;
    return "done";
  }

  completeSnapshot(snapshotId: number): Done {
    this.#write("complete a snapshot", () => {
      this.#snapshots.complete(snapshotId);
    });
    return "done";
  }

  abandonSnapshot(snapshotId: number): Done {
    this.#snapshots.abandon(snapshotId);
    this.#hasGarbage = true;
    return "done";
  }

  /** Returns when the rows are gone for every reader; their pages are freed bit by bit after. */
  trim(upTo: Sequence): Done {
    this.#write(`trim through row ${String(upTo)}`, () => {
      const newest = this.#snapshots.newest();
      if (newest !== undefined) {
        this.#entries.moveBeginning(Math.min(upTo, newest.sequence));
        this.#snapshots.hideAllBut(newest);
      }
    });
    this.#hasGarbage = true;
    return "done";
  }

  /** True when {@link tidy} has something to do. */
  isUntidy(): boolean {
    return (
      this.#failure === undefined &&
      (this.#hasGarbage || this.#uncheckpointedBytes >= checkpointAfterBytes)
    );
  }

  /**
   * One short piece of the work nobody waits for: a checkpoint, or some removal. Never throws: the
   * next write reports its failure.
   */
  tidy(): void {
    try {
      this.#tidy();
    } catch {
      this.#unseenFailure = this.#failure;
      this.#hasGarbage = false;
    }
  }

  close(): void {
    try {
      if (this.#failure === undefined) {
        this.#checkpoint("TRUNCATE");
      }
    } finally {
      this.#database.close();
    }
  }

  #appendRows(payloads: readonly string[], tail: Tail): Tail {
    const next = this.#entries.append(payloads, tail);
    for (const payload of payloads) {
      this.#uncheckpointedBytes += payload.length + 32;
    }
    return next;
  }

  #tidy(): void {
    if (this.#uncheckpointedBytes >= checkpointAfterBytes) {
      this.#checkpoint("PASSIVE");
      return;
    }
    const started = performance.now();
    this.#hasGarbage = this.#write("remove trimmed rows", () => {
      while (this.#entries.removeOne() || this.#snapshots.removeOne()) {
        this.#uncheckpointedBytes += 64;
        if (performance.now() - started >= removalSliceMs) {
          return true;
        }
      }
      return false;
    });
  }

  #checkpoint(mode: "PASSIVE" | "TRUNCATE"): void {
    this.#uncheckpointedBytes = 0;
    try {
      this.#database.exec(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      throw this.#fail("move committed rows into place", error);
    }
  }

  #write<Result>(attempt: string, work: () => Result): Result {
    this.#demandWritable(attempt);
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      throw this.#undo(attempt, error);
    }
  }

  #demandWritable(attempt: string): void {
    if (this.#unseenFailure !== undefined) {
      const failure = this.#unseenFailure;
      this.#unseenFailure = undefined;
      throw failure;
    }
    if (this.#failure !== undefined) {
      throw new LogClosed(
        `could not ${attempt}: an earlier write failed (${this.#failure.message}); open the log again`,
        { cause: this.#failure },
      );
    }
  }

  #undo(attempt: string, error: unknown): Error {
    const failure = isStoreFailure(error) ? this.#fail(attempt, error) : error;
    try {
      if (this.#database.isTransaction) {
        this.#database.exec("ROLLBACK");
      }
    } catch (rollbackError) {
      this.#fail(`roll back after: ${attempt}`, rollbackError);
    }
    return failure instanceof Error ? failure : new LogClosed(String(failure));
  }

  #fail(attempt: string, error: unknown): Error {
    const failure = explainFailure(`${attempt} in ${this.#file}`, error);
    this.#failure ??= failure;
    return failure;
  }

  #attempt<Result>(attempt: string, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw explainFailure(`${attempt} of ${this.#file}`, error);
    }
  }
}

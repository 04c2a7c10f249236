import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Sequence } from "@ertis/scheduler-runtime";

import { rowChecksum } from "../checksum.ts";
import { LogCorrupt, LogTrimmed } from "../errors.ts";
import type { RowBatch } from "./protocol.ts";

/** A batch ends at whichever comes first; about 2 ms of the worker's time. */
const batchRowsMax = 4_096;
const batchLengthMax = 512 * 1024;

export interface Tail {
  readonly sequence: Sequence;
  readonly checksum: number;
}

/** The rows of the log. Knows nothing of transactions: its caller opens and ends them. */
export class Entries {
  readonly #insert: StatementSync;
  readonly #last: StatementSync;
  readonly #after: StatementSync;
  readonly #checksumAt: StatementSync;
  readonly #beginning: StatementSync;
  readonly #moveBeginning: StatementSync;
  readonly #lowest: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO entry VALUES (?, ?, ?)");
    this.#last = database.prepare(
      "SELECT sequence, checksum FROM entry ORDER BY sequence DESC LIMIT 1",
    );
    this.#after = database.prepare(
      "SELECT sequence, checksum, payload FROM entry WHERE sequence > ? ORDER BY sequence LIMIT ?",
    );
    this.#after.setReturnArrays(true);
    this.#checksumAt = database.prepare("SELECT checksum FROM entry WHERE sequence = ?");
    this.#beginning = database.prepare("SELECT first_sequence, checksum_before FROM beginning");
    this.#moveBeginning = database.prepare(
      "UPDATE beginning SET first_sequence = ?, checksum_before = ?",
    );
    this.#lowest = database.prepare("SELECT sequence FROM entry ORDER BY sequence LIMIT 1");
    this.#remove = database.prepare("DELETE FROM entry WHERE sequence = ?");
  }

  beginning(): { readonly first: Sequence; readonly checksumBefore: number } {
    const row = this.#beginning.get();
    if (row === undefined) {
      throw new LogCorrupt("could not tell where the log begins: its record is gone", undefined);
    }
    return { first: Number(row["first_sequence"]), checksumBefore: Number(row["checksum_before"]) };
  }

  tail(): Tail {
    const row = this.#last.get();
    const { first, checksumBefore } = this.beginning();
    // Rows before the beginning may still be waiting for their removal.
    if (row === undefined || Number(row["sequence"]) < first) {
      return { sequence: first - 1, checksum: checksumBefore };
    }
    return { sequence: Number(row["sequence"]), checksum: Number(row["checksum"]) };
  }

  /** Adds rows after `tail`; the primary key refuses a sequence that exists. */
  append(payloads: readonly string[], tail: Tail): Tail {
    let { sequence, checksum } = tail;
    for (const payload of payloads) {
      sequence += 1;
      checksum = rowChecksum(checksum, sequence, payload);
      this.#insert.run(sequence, checksum, payload);
    }
    return { sequence, checksum };
  }

  read(afterSequence: Sequence): RowBatch {
    let previous = this.#checksumOf(afterSequence);
    const payloads: string[] = [];
    if (previous === undefined) {
      return { firstSequence: afterSequence + 1, payloads, isEnd: true };
    }
    let length = 0;
    let expected = afterSequence;
    for (const row of this.#after.iterate(afterSequence, batchRowsMax)) {
      const [sequence, checksum, payload]: readonly unknown[] = Array.isArray(row) ? row : [];
      expected += 1;
      if (sequence !== expected || typeof payload !== "string") {
        throw corruptRow(expected, `found row ${String(sequence)} in its place`);
      }
      const computed = rowChecksum(previous, expected, payload);
      if (checksum !== computed) {
        throw corruptRow(
          expected,
          `its checksum is ${String(checksum)}, its content gives ${String(computed)}`,
        );
      }
      previous = computed;
      payloads.push(payload);
      length += payload.length;
      if (length >= batchLengthMax) {
        return { firstSequence: afterSequence + 1, payloads, isEnd: false };
      }
    }
    return {
      firstSequence: afterSequence + 1,
      payloads,
      isEnd: payloads.length < batchRowsMax,
    };
  }

  /** Declares rows through `through` gone; {@link removeOne} then takes them away piece by piece. */
  moveBeginning(through: Sequence): void {
    if (through < this.beginning().first) {
      return;
    }
    const checksum = this.#checksumOf(through);
    if (checksum === undefined) {
      throw new RangeError(`could not trim through ${String(through)}: the log ends before it`);
    }
    this.#moveBeginning.run(through + 1, checksum);
  }

  /** Removes one row before the beginning; false when there is none. */
  removeOne(): boolean {
    const lowest = this.#lowest.get()?.["sequence"];
    if (lowest === undefined || Number(lowest) >= this.beginning().first) {
      return false;
    }
    this.#remove.run(Number(lowest));
    return true;
  }

  /** Checksum of a held row, or of the one before the first; undefined past the end. */
  #checksumOf(sequence: Sequence): number | undefined {
    const { first, checksumBefore } = this.beginning();
    if (sequence === first - 1) {
      return checksumBefore;
    }
    if (sequence < first) {
      throw new LogTrimmed(
        `could not read row ${String(sequence + 1)}: rows before ${String(first)} were trimmed; start from a snapshot`,
        first,
      );
    }
    const row = this.#checksumAt.get(sequence);
    if (row !== undefined) {
      return Number(row["checksum"]);
    }
    if (sequence > this.tail().sequence) {
      return undefined;
    }
    throw corruptRow(sequence, "it is missing");
  }
}

function corruptRow(sequence: Sequence, found: string): LogCorrupt {
  return new LogCorrupt(
    `row ${String(sequence)} of the log is corrupt: ${found}; restore the log from a backup`,
    sequence,
  );
}

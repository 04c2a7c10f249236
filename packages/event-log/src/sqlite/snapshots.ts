import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Sequence } from "@ertis/scheduler-runtime";

import { emptyChecksum, rowChecksum } from "../checksum.ts";
import { LogCorrupt, LogTrimmed } from "../errors.ts";
import type { SnapshotHeader } from "./protocol.ts";

interface Draft {
  chunkCount: number;
  checksum: number;
}

/** Snapshots in chunks. Knows nothing of transactions: its caller opens and ends them. */
export class Snapshots {
  readonly #drafts = new Map<number, Draft>();
  readonly #begin: StatementSync;
  readonly #insertChunk: StatementSync;
  readonly #complete: StatementSync;
  readonly #newest: StatementSync;
  readonly #chunkAt: StatementSync;
  readonly #checksumAt: StatementSync;
  readonly #isComplete: StatementSync;
  readonly #hideOlder: StatementSync;
  readonly #incomplete: StatementSync;
  readonly #anyChunk: StatementSync;
  readonly #removeChunk: StatementSync;
  readonly #removeSnapshot: StatementSync;

  constructor(database: DatabaseSync) {
    this.#begin = database.prepare("INSERT INTO snapshot (sequence) VALUES (?)");
    this.#insertChunk = database.prepare(
      "INSERT INTO snapshot_chunk (snapshot_id, position, checksum, chunk) VALUES (?, ?, ?, ?)",
    );
    this.#complete = database.prepare("UPDATE snapshot SET chunk_count = ? WHERE snapshot_id = ?");
    this.#newest = database.prepare(
      "SELECT snapshot_id, sequence, chunk_count FROM snapshot WHERE chunk_count IS NOT NULL ORDER BY sequence DESC, snapshot_id DESC LIMIT 1",
    );
    this.#chunkAt = database.prepare(
      "SELECT checksum, chunk FROM snapshot_chunk WHERE snapshot_id = ? AND position = ?",
    );
    this.#checksumAt = database.prepare(
      "SELECT checksum FROM snapshot_chunk WHERE snapshot_id = ? AND position = ?",
    );
    this.#isComplete = database.prepare(
      "SELECT 1 FROM snapshot WHERE snapshot_id = ? AND chunk_count IS NOT NULL",
    );
    this.#hideOlder = database.prepare(
      "UPDATE snapshot SET chunk_count = NULL WHERE chunk_count IS NOT NULL AND snapshot_id <> ?",
    );
    this.#incomplete = database.prepare(
      "SELECT snapshot_id FROM snapshot WHERE chunk_count IS NULL ORDER BY snapshot_id",
    );
    this.#anyChunk = database.prepare(
      "SELECT chunk_id FROM snapshot_chunk WHERE snapshot_id = ? ORDER BY position LIMIT 1",
    );
    this.#removeChunk = database.prepare("DELETE FROM snapshot_chunk WHERE chunk_id = ?");
    this.#removeSnapshot = database.prepare("DELETE FROM snapshot WHERE snapshot_id = ?");
  }

  begin(sequence: Sequence): number {
    const snapshotId = Number(this.#begin.run(sequence).lastInsertRowid);
    this.#drafts.set(snapshotId, { chunkCount: 0, checksum: emptyChecksum });
    return snapshotId;
  }

  write(snapshotId: number, chunk: string): void {
    const draft = this.#draft(snapshotId);
    const checksum = rowChecksum(draft.checksum, draft.chunkCount, chunk);
    this.#insertChunk.run(snapshotId, draft.chunkCount, checksum, chunk);
    draft.checksum = checksum;
    draft.chunkCount += 1;
  }

  complete(snapshotId: number): void {
    this.#complete.run(this.#draft(snapshotId).chunkCount, snapshotId);
    this.#drafts.delete(snapshotId);
  }

  /** The chunks already written are now removed like those of a dropped snapshot. */
  abandon(snapshotId: number): void {
    this.#drafts.delete(snapshotId);
  }

  newest(): SnapshotHeader | undefined {
    const row = this.#newest.get();
    return row === undefined
      ? undefined
      : {
          snapshotId: Number(row["snapshot_id"]),
          sequence: Number(row["sequence"]),
          chunkCount: Number(row["chunk_count"]),
        };
  }

  readChunk(snapshotId: number, position: number): string {
    if (this.#isComplete.get(snapshotId) === undefined) {
      throw new LogTrimmed(
        "could not read a snapshot: a newer one replaced it; ask for the newest again",
        1,
      );
    }
    const row = this.#chunkAt.get(snapshotId, position);
    const chunk = row?.["chunk"];
    if (typeof chunk !== "string") {
      throw new LogCorrupt(
        `chunk ${String(position)} of the snapshot is missing; restore the log from a backup`,
        undefined,
      );
    }
    const computed = rowChecksum(this.#checksumBefore(snapshotId, position), position, chunk);
    if (row?.["checksum"] !== computed) {
      throw new LogCorrupt(
        `chunk ${String(position)} of the snapshot is corrupt: its checksum is ${String(row?.["checksum"])}, its content gives ${String(computed)}; restore the log from a backup`,
        undefined,
      );
    }
    return chunk;
  }

  /** Hides every complete snapshot but the newest; {@link removeOne} then takes them away. */
  hideAllBut(newest: SnapshotHeader): void {
    this.#hideOlder.run(newest.snapshotId);
  }

  /** Removes one chunk, or one emptied snapshot, that nobody can see; false when there is none. */
  removeOne(): boolean {
    for (const row of this.#incomplete.all()) {
      const snapshotId = Number(row["snapshot_id"]);
      if (this.#drafts.has(snapshotId)) {
        continue;
      }
      const chunkId = this.#anyChunk.get(snapshotId)?.["chunk_id"];
      if (chunkId === undefined) {
        this.#removeSnapshot.run(snapshotId);
      } else {
        this.#removeChunk.run(Number(chunkId));
      }
      return true;
    }
    return false;
  }

  #draft(snapshotId: number): Draft {
    const draft = this.#drafts.get(snapshotId);
    if (draft === undefined) {
      throw new RangeError(`could not write a snapshot: ${String(snapshotId)} was never begun`);
    }
    return draft;
  }

  #checksumBefore(snapshotId: number, position: number): number {
    if (position === 0) {
      return emptyChecksum;
    }
    return Number(this.#checksumAt.get(snapshotId, position - 1)?.["checksum"] ?? emptyChecksum);
  }
}

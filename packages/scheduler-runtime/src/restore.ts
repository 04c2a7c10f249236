import {
  decodeEntry,
  encodeSnapshot,
  Engine,
  type EngineLimits,
  SnapshotReader,
} from "@ertis/scheduler-engine";
import type { EventLog, Sequence } from "./ports.ts";

/** An engine that stands where the log ends. */
export interface Restored {
  readonly engine: Engine;
  readonly sequence: Sequence;
  /** Position of the snapshot it began with; 0 when it began with nothing. */
  readonly snapshotSequence: Sequence;
  readonly rowsReplayed: number;
}

/**
 * The state of a log: its newest snapshot, then every row after it.
 *
 * @throws when the log is corrupt, trimmed without a snapshot, or written by a newer version
 */
export async function restore(log: EventLog, limits: EngineLimits): Promise<Restored> {
  const snapshot = await log.latestSnapshot();
  let engine = new Engine(limits);
  if (snapshot !== undefined) {
    const reader = new SnapshotReader();
    for await (const chunk of snapshot.chunks()) {
      reader.add(chunk);
    }
    engine = new Engine(limits, reader.finish());
  }
  const snapshotSequence = snapshot?.sequence ?? 0;
  let sequence = snapshotSequence;
  let rowsReplayed = 0;
  for await (const row of log.read(snapshotSequence)) {
    engine.replay(decodeEntry(row.payload));
    sequence = row.sequence;
    rowsReplayed += 1;
  }
  return { engine, sequence, snapshotSequence, rowsReplayed };
}

/**
 * Writes a snapshot of the log as it stands now, from the log alone: the writer is not asked and not
 * held up, so this may run in another thread.
 *
 * @returns the position of the snapshot
 */
export async function writeSnapshotOf(log: EventLog, limits: EngineLimits): Promise<Sequence> {
  const { engine, sequence, snapshotSequence } = await restore(log, limits);
  if (sequence > snapshotSequence) {
    await log.writeSnapshot(sequence, asAsync(encodeSnapshot(engine.state)));
  }
  return sequence;
}

async function* asAsync(chunks: Iterable<string>): AsyncGenerator<string, void, void> {
  yield* chunks;
}

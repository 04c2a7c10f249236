import {
  decodeEntry,
  encodeSnapshot,
  Engine,
  type EngineLimits,
  SnapshotReader,
  UnreadableEntry,
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
  const { engine, snapshotSequence } = await startingPoint(log, limits);
  let sequence = snapshotSequence;
  let rowsReplayed = 0;
  for await (const row of log.read(snapshotSequence)) {
    engine.replay(decodeEntry(row.payload));
    sequence = row.sequence;
    rowsReplayed += 1;
  }
  return { engine, sequence, snapshotSequence, rowsReplayed };
}

/** A snapshot that was written. */
export interface WrittenSnapshot {
  /** Position in the log that it stands for. */
  readonly sequence: Sequence;
  /** Its length; 0 when the newest one stood there already. */
  readonly characters: number;
}

/** The newest snapshot; nothing, when there is none, or one of another version and all rows. */
async function startingPoint(
  log: EventLog,
  limits: EngineLimits,
): Promise<{ readonly engine: Engine; readonly snapshotSequence: Sequence }> {
  const snapshot = await log.latestSnapshot();
  if (snapshot === undefined) {
    return { engine: new Engine(limits), snapshotSequence: 0 };
  }
  const reader = new SnapshotReader();
  try {
    for await (const chunk of snapshot.chunks()) {
      reader.add(chunk);
    }
  } catch (error) {
    const { first } = await log.range();
    if (error instanceof UnreadableEntry && first === 1) {
      return { engine: new Engine(limits), snapshotSequence: 0 };
    }
    throw error;
  }
  return { engine: new Engine(limits, reader.finish()), snapshotSequence: snapshot.sequence };
}

/**
 * Writes a snapshot of the log as it stands now, from the log alone: the writer is not asked and not
 * held up, so this may run in another thread.
 */
export async function writeSnapshotOf(
  log: EventLog,
  limits: EngineLimits,
): Promise<WrittenSnapshot> {
  const { engine, sequence, snapshotSequence } = await restore(log, limits);
  let characters = 0;
  async function* chunks(): AsyncGenerator<string, void, void> {
    for (const chunk of encodeSnapshot(engine.state)) {
      characters += chunk.length;
      yield chunk;
    }
  }
  if (sequence > snapshotSequence) {
    await log.writeSnapshot(sequence, chunks());
  }
  return { sequence, characters };
}

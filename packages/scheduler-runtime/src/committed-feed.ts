import { decodeEntry } from "@ertis/scheduler-engine";
import type { EventLog, Sequence } from "./ports.ts";
import { RecentEntries } from "./recent-entries.ts";
import type { CommittedEntry } from "./scheduler.ts";

/** What is durable, for those who watch and for those who come back later. */
export class CommittedFeed {
  readonly #log: EventLog;
  readonly #recent = new RecentEntries();
  readonly #listeners = new Set<(entries: readonly CommittedEntry[]) => void>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  tell(entries: readonly CommittedEntry[]): void {
    for (const committed of entries) {
      this.#recent.add(committed);
    }
    for (const listener of this.#listeners) {
      listener(entries);
    }
  }

  /** @returns what ends it */
  onCommit(listener: (entries: readonly CommittedEntry[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Entries after `sequence`, from memory, else from the log. */
  async after(
    sequence: Sequence,
    countMax: number,
  ): Promise<readonly CommittedEntry[] | "too-old"> {
    return this.#recent.after(sequence, countMax) ?? readBack(this.#log, sequence, countMax);
  }
}

async function readBack(
  log: EventLog,
  after: number,
  countMax: number,
): Promise<readonly CommittedEntry[] | "too-old"> {
  const { first } = await log.range();
  if (after + 1 < first) {
    return "too-old";
  }
  const entries: CommittedEntry[] = [];
  for await (const row of log.read(after)) {
    entries.push({ sequence: row.sequence, entry: decodeEntry(row.payload) });
    if (entries.length === countMax) {
      break;
    }
  }
  return entries;
}

import type { Entry } from "@ertis/scheduler-engine";
import type { Sequence } from "./ports.ts";
import type { CommittedEntry } from "./scheduler.ts";

/** Jobs and events remembered for watchers that come back; older ones are read from the log. */
const weightMax = 100_000;

/** The newest entries of the log, in memory, bounded by what they weigh. */
export class RecentEntries {
  #entries: CommittedEntry[] = [];
  #from = 0;
  #weight = 0;

  add(committed: CommittedEntry): void {
    this.#entries.push(committed);
    this.#weight += weigh(committed.entry);
    while (this.#weight > weightMax && this.#from < this.#entries.length - 1) {
      const oldest = this.#entries[this.#from];
      this.#weight -= oldest === undefined ? 0 : weigh(oldest.entry);
      this.#from += 1;
    }
    if (this.#from > 1_000 && this.#from * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#from);
      this.#from = 0;
    }
  }

  /** Entries after `sequence`, oldest first; undefined when memory does not reach back that far. */
  after(sequence: Sequence, countMax: number): readonly CommittedEntry[] | undefined {
    const first = this.#entries[this.#from]?.sequence;
    if (first === undefined || first > sequence + 1) {
      return undefined;
    }
    const start = this.#from + sequence + 1 - first;
    return this.#entries.slice(start, start + countMax);
  }
}

function weigh(entry: Entry): number {
  let weight = 1;
  for (const event of entry.events) {
    weight += event.kind === "jobs-submitted" ? event.items.length : 1;
  }
  return weight;
}

import { type Instant, type Milliseconds, toNumber } from "@ertis/quantities";
import type { EventLog, Reporter, Sequence } from "./ports.ts";
import type { WrittenSnapshot } from "./restore.ts";

/** How far back the log goes. What a restart needs is always kept. */
export interface LogRetention {
  readonly rowsMax: number;
  readonly ageMax: Milliseconds;
}

/**
 * When snapshots are made: after this many rows, or this many characters of rows. A state that takes
 * more characters than that waits for as many as it takes itself: a snapshot writes all of it, so
 * snapshots would otherwise cost ever more than the rows they save.
 */
export interface SnapshotPolicy {
  readonly everyRows: number;
  readonly everyCharacters: number;
  /** Makes one from the log and says where it stands; away from the writer, in another thread. */
  make(): Promise<WrittenSnapshot>;
}

/** One mark every so many rows is enough to know how old a row is. */
const rowsPerMark = 1_000;

/** Snapshots now and then, and lets old rows go; neither holds up the writer. */
export class Housekeeping {
  readonly #log: EventLog;
  readonly #retention: LogRetention;
  readonly #policy: SnapshotPolicy | undefined;
  readonly #reporter: Reporter;
  readonly #marks: { readonly sequence: Sequence; readonly atMs: number }[] = [];
  #rows = 0;
  #characters = 0;
  /** Of the last snapshot made. */
  #snapshotCharacters = 0;
  #running: Promise<void> | undefined;

  constructor(options: {
    readonly log: EventLog;
    readonly retention: LogRetention;
    readonly policy: SnapshotPolicy | undefined;
    readonly reporter: Reporter;
  }) {
    this.#log = options.log;
    this.#retention = options.retention;
    this.#policy = options.policy;
    this.#reporter = options.reporter;
  }

  /** Told of every commit. */
  committed(sequence: Sequence, at: Instant, rows: number, characters: number): void {
    this.#rows += rows;
    this.#characters += characters;
    const last = this.#marks.at(-1);
    if (last === undefined || sequence - last.sequence >= rowsPerMark) {
      this.#marks.push({ sequence, atMs: toNumber(at) });
    }
    const policy = this.#policy;
    if (policy !== undefined && this.#running === undefined && this.#isDue(policy)) {
      this.#rows = 0;
      this.#characters = 0;
      this.#running = this.#keep(policy, sequence, toNumber(at));
    }
  }

  /** Resolves when nothing is being made. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #isDue({ everyRows, everyCharacters }: SnapshotPolicy): boolean {
    const factor = Math.max(1, this.#snapshotCharacters / everyCharacters);
    return this.#rows >= everyRows * factor || this.#characters >= everyCharacters * factor;
  }

  async #keep(policy: SnapshotPolicy, last: Sequence, nowMs: number): Promise<void> {
    try {
      const { sequence, characters } = await policy.make();
      if (characters > 0) {
        this.#snapshotCharacters = characters;
      }
      const upTo = Math.min(sequence, this.#trimmable(last, nowMs));
      if (upTo > 0) {
        await this.#log.trim(upTo);
      }
      this.#reporter.info("snapshot made", { sequence, characters, rowsTrimmedUpTo: upTo });
    } catch (error) {
      // The log is whole without it: a restart only takes longer, and the next one is tried later.
      this.#reporter.warn("no snapshot could be made", { reason: describe(error) });
    } finally {
      this.#running = undefined;
    }
  }

  /** The last row that both bounds let go. */
  #trimmable(last: Sequence, nowMs: number): Sequence {
    let byAge = 0;
    const oldestMs = nowMs - toNumber(this.#retention.ageMax);
    while ((this.#marks[1]?.atMs ?? Infinity) <= oldestMs) {
      this.#marks.shift();
      byAge = this.#marks[0]?.sequence ?? 0;
    }
    return Math.max(last - this.#retention.rowsMax, byAge);
  }
}

/** An error as one line for operators. */
export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

import { type Instant, type Milliseconds, toNumber } from "@ertis/quantities";
import type { EventLog, Reporter, Sequence } from "./ports.ts";

/** How far back the log goes. What a restart needs is always kept. */
export interface LogRetention {
  readonly rowsMax: number;
  readonly ageMax: Milliseconds;
}

/** When snapshots are made: after this many rows, or this many characters of rows. */
export interface SnapshotPolicy {
  readonly everyRows: number;
  readonly everyCharacters: number;
  /** Makes one from the log and says where it stands; away from the writer, in another thread. */
  make(): Promise<Sequence>;
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
    if (
      policy !== undefined &&
      this.#running === undefined &&
      (this.#rows >= policy.everyRows || this.#characters >= policy.everyCharacters)
    ) {
      this.#rows = 0;
      this.#characters = 0;
      this.#running = this.#keep(policy, sequence, toNumber(at));
    }
  }

  /** Resolves when nothing is being made. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #keep(policy: SnapshotPolicy, last: Sequence, nowMs: number): Promise<void> {
    try {
      const snapshot = await policy.make();
      const upTo = Math.min(snapshot, this.#trimmable(last, nowMs));
      if (upTo > 0) {
        await this.#log.trim(upTo);
      }
      this.#reporter.info("snapshot made", { sequence: snapshot, rowsTrimmedUpTo: upTo });
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

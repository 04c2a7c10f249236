import { openSqliteEventLog } from "@ertis/event-log";
import {
  decodeEntry,
  defaultLimits,
  Engine,
  type Entry,
  type EngineState,
  stateDigest,
} from "@ertis/scheduler-engine";
import { type EventLog, restore } from "@ertis/scheduler-runtime";

import { createOracle, describeViolation, type Oracle } from "../oracle/index.ts";

/** What a log says while no server holds it. Each look goes on where the last one ended. */
export class LogVerdict {
  readonly #directory: string;
  readonly #oracle: Oracle = createOracle({ recheckEvery: 500 });
  readonly #engine = new Engine(defaultLimits);
  /** Request id → job number, from the events alone. */
  readonly jobs: Map<string, number> = new Map();
  /** Ids of jobs that were cancelled. */
  readonly cancelled: Set<string> = new Set();
  readonly broken: string[] = [];
  readonly seen: { attemptsStarted: number; nodeFailures: number; freeRetries: number } = {
    attemptsStarted: 0,
    nodeFailures: 0,
    freeRetries: 0,
  };
  #sequence = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get state(): EngineState {
    return this.#engine.state;
  }

  get digest(): string {
    return stateDigest(this.#engine.state);
  }

  /** Reads the new rows, asks the oracle, and compares both ways to the state. */
  async look(): Promise<void> {
    const log = await openSqliteEventLog({ directory: this.#directory });
    try {
      await this.#readNewRows(log);
      const { engine, sequence } = await restore(log, defaultLimits);
      const restored = stateDigest(engine.state);
      if (sequence !== this.#sequence || restored !== this.digest) {
        this.broken.push(
          `a restart at ${sequence} gives state ${restored}, all rows up to ${this.#sequence} give ${this.digest}`,
        );
      }
    } finally {
      await log.close();
    }
    this.broken.push(...this.#oracle.finish().map(describeViolation));
  }

  async #readNewRows(log: EventLog): Promise<void> {
    for await (const row of log.read(this.#sequence)) {
      const entry = decodeEntry(row.payload);
      this.#engine.replay(entry);
      this.broken.push(...this.#oracle.observe(entry).map(describeViolation));
      this.#note(entry);
      this.#sequence = row.sequence;
    }
  }

  #note(entry: Entry): void {
    for (const event of entry.events) {
      if (event.kind === "jobs-submitted") {
        for (const [index, { requestId }] of event.items.entries()) {
          if (this.jobs.has(requestId)) {
            this.broken.push(`request ${requestId} became two jobs`);
          }
          this.jobs.set(requestId, event.firstJob + index);
        }
      } else if (event.kind === "jobs-cancelled") {
        for (const job of event.jobs) {
          this.cancelled.add(String(job));
        }
      } else if (event.kind === "attempt-started") {
        this.seen.attemptsStarted += 1;
      } else if (event.kind === "attempt-exited") {
        const isNode = event.outcome.kind === "failed" && event.outcome.category === "node";
        this.seen.nodeFailures += isNode ? 1 : 0;
        this.seen.freeRetries += event.next === "retry-free" ? 1 : 0;
      }
    }
  }
}

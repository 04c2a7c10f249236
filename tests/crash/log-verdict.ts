import { openSqliteEventLog } from "@ertis/event-log";
import {
  type AttemptExited,
  type AttemptKey,
  decodeEntry,
  defaultLimits,
  Engine,
  type Entry,
  type EngineState,
  type JobsSubmitted,
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
  /** `nodeFailures` are those of jobs that nobody had cancelled. */
  readonly seen: { attemptsStarted: number; nodeFailures: number; freeRetries: number } = {
    attemptsStarted: 0,
    nodeFailures: 0,
    freeRetries: 0,
  };
  /** Attempts that run, and those of them whose cluster was killed while they ran. */
  readonly #running = new Set<string>();
  readonly #lost = new Set<string>();
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

  /** No cluster runs any more: what ran there may only be reported as lost, never run on. */
  clusterIsGone(): void {
    for (const key of this.#running) {
      this.#lost.add(key);
    }
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

  #note({ events }: Entry): void {
    for (const event of events) {
      switch (event.kind) {
        case "jobs-submitted":
          this.#noteSubmit(event);
          break;
        case "jobs-cancelled":
          for (const job of event.jobs) {
            this.cancelled.add(String(job));
          }
          break;
        case "attempt-started":
          this.seen.attemptsStarted += 1;
          break;
        case "attempt-running":
          this.#running.add(textOf(event.attempt));
          break;
        case "attempt-exited":
          this.#noteExit(event);
          break;
        default:
      }
    }
  }

  #noteSubmit({ firstJob, items }: JobsSubmitted): void {
    for (const [index, { requestId }] of items.entries()) {
      if (this.jobs.has(requestId)) {
        this.broken.push(`request ${requestId} became two jobs`);
      }
      this.jobs.set(requestId, firstJob + index);
    }
  }

  #noteExit({ attempt, outcome, next }: AttemptExited): void {
    const key = textOf(attempt);
    const isNode = outcome.kind === "failed" && outcome.category === "node";
    // The owner may have cancelled it while its cluster was dead: nobody's fault, but not tried again.
    const isTriedAgain = isNode && !this.cancelled.has(String(attempt.job));
    this.seen.nodeFailures += isTriedAgain ? 1 : 0;
    this.seen.freeRetries += next === "retry-free" ? 1 : 0;
    this.#running.delete(key);
    if (this.#lost.delete(key) && !isNode) {
      this.broken.push(`attempt ${key} outlived its cluster: ${JSON.stringify(outcome)}`);
    }
  }
}

function textOf({ job, task, attempt }: AttemptKey): string {
  return `${job}_${task}.${attempt}`;
}

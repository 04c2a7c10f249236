import type { Observation } from "@ertis/scheduler-engine";
import { type AttemptRecord, heldNodes, isBeforeExit, neverStarted } from "./attempt-record.ts";
import type { ClusterContext } from "./cluster-context.ts";

/** What the scheduler is told of attempts, and what has to be said again. */
export class AttemptReports {
  readonly #context: ClusterContext;

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  say(record: AttemptRecord, observation: Observation): void {
    record.reportedSequence = this.#context.outbox.add(this.#context.nowMs, observation);
  }

  sayExit(record: AttemptRecord): void {
    this.say(record, {
      kind: "attempt-exited",
      attempt: record.key,
      outcome: record.outcome ?? neverStarted,
      energyJoules: record.energyJoules,
    });
  }

  /** Nothing is left of it, or nothing on these nodes. */
  sayClear(record: AttemptRecord, nodes: readonly number[] = []): void {
    this.say(record, { kind: "stop-confirmed", attempt: record.key, nodes });
  }

  /** Says again how an attempt ended, unless the scheduler has yet to take in that it did. */
  repeatEnd(record: AttemptRecord): void {
    if (this.#isPending(record) || isBeforeExit(record)) {
      return;
    }
    this.sayExit(record);
    if (record.phase === "ended") {
      this.sayClear(record);
      return;
    }
    const held = new Set(heldNodes(record));
    const nodes = record.tenancies.flatMap(({ node }) => (held.has(node) ? [] : [node]));
    if (nodes.length > 0) {
      this.sayClear(record, nodes);
    }
  }

  /** How the attempts stand, for a scheduler that starts anew. */
  repeatAll(records: readonly AttemptRecord[]): void {
    for (const record of records) {
      if (this.#isPending(record)) {
        continue;
      }
      if (record.phase === "running") {
        this.say(record, { kind: "attempt-running", attempt: record.key });
      } else {
        this.repeatEnd(record);
      }
    }
  }

  #isPending(record: AttemptRecord): boolean {
    return record.reportedSequence > this.#context.outbox.acknowledged;
  }
}

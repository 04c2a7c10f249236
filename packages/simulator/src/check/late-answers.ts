import { type AttemptKey, type Event, stopGraceMs } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { keyText } from "./violation.ts";

/** A node that takes longer to answer an order about caps has failed. */
const answerMsMax = 5_000;

/** Orders to nodes that are answered late: watts and GPUs come late from them, which is a failure like others. */
export class LateAnswers {
  readonly #jobOf: (job: number) => SimulatedJob | undefined;
  /** By what was ordered, until when it should be answered. */
  readonly #dueMs = new Map<string, number>();

  constructor(jobOf: (job: number) => SimulatedJob | undefined) {
    this.#jobOf = jobOf;
  }

  /** @returns whether this is an answer that came late */
  observe(event: Event, atMs: number): boolean {
    switch (event.kind) {
      case "cap-set":
        this.#dueMs.set(capOf(event.attempt), atMs + answerMsMax);
        return false;
      case "stop-requested": {
        // What is stopped for others may save its work first.
        const saveMs = this.#jobOf(event.attempt.job)?.checkpoint?.saveMs ?? 0;
        const graceMs = event.reason === "preemption" ? saveMs + stopGraceMs : stopGraceMs;
        this.#dueMs.set(stopOf(event.attempt), atMs + graceMs);
        return false;
      }
      case "cap-acknowledged":
      case "attempt-exited":
        return this.#answered(capOf(event.attempt), atMs);
      case "placement-released":
        return event.nodes.length === 0 && this.#answered(stopOf(event.attempt), atMs);
      default:
        return false;
    }
  }

  areLate(atMs: number): boolean {
    return [...this.#dueMs.values()].some((dueMs) => atMs > dueMs);
  }

  #answered(what: string, atMs: number): boolean {
    const dueMs = this.#dueMs.get(what);
    this.#dueMs.delete(what);
    return dueMs !== undefined && atMs > dueMs;
  }
}

function capOf(key: AttemptKey): string {
  return `cap of ${keyText(key)}`;
}

function stopOf(key: AttemptKey): string {
  return `stop of ${keyText(key)}`;
}

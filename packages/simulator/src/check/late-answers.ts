import { type AttemptKey, type Event, stopGraceMs } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { keyText } from "./violation.ts";

/** As much of a job as its orders and promises go by. */
export type OrderedJob = Pick<SimulatedJob, "walltimeMs" | "checkpoint">;

/** A node that takes longer to answer an order about caps has failed. */
const failsAfterMs = 5_000;

/** Orders to nodes that are answered late: watts and GPUs come late from them, which is a failure like others. */
export class LateAnswers {
  readonly #jobOf: (job: number) => OrderedJob | undefined;
  /** By what was ordered, until when it should be answered. */
  readonly #dueMs = new Map<string, number>();
  /** By attempt, the cap that each of its nodes is known to obey; Infinity: none. */
  readonly #obeyed = new Map<string, Map<number, number>>();
  /** By attempt, how many of its nodes have not let it go. */
  readonly #heldCount = new Map<string, number>();

  constructor(jobOf: (job: number) => OrderedJob | undefined) {
    this.#jobOf = jobOf;
  }

  /** @returns whether this is an answer that came late */
  observe(event: Event, atMs: number): boolean {
    switch (event.kind) {
      case "attempt-started": {
        const { nodes, capWatts } = event.placement;
        this.#heldCount.set(keyText(event.attempt), nodes.length);
        const obeyed = nodes.map((node) => [node, capWatts || Infinity] as const);
        this.#obeyed.set(keyText(event.attempt), new Map(obeyed));
        return false;
      }
      case "cap-set":
        return this.#capSet(event, atMs);
      case "stop-requested": {
        // What is stopped for others may save its work first.
        const saveMs = this.#jobOf(event.attempt.job)?.checkpoint?.saveMs ?? 0;
        const graceMs = event.reason === "preemption" ? saveMs + stopGraceMs : stopGraceMs;
        this.#dueMs.set(stopOf(event.attempt), atMs + graceMs);
        return false;
      }
      case "cap-acknowledged":
        return this.#isObeyed(event) && this.#answered(capOf(event.attempt), atMs);
      case "attempt-exited":
        this.#obeyed.delete(keyText(event.attempt));
        // Who ended by itself still has to be let go by its nodes.
        if (!this.#dueMs.has(stopOf(event.attempt))) {
          this.#dueMs.set(stopOf(event.attempt), atMs + stopGraceMs);
        }
        return this.#answered(capOf(event.attempt), atMs);
      case "placement-released":
        return this.#isReleased(event) && this.#answered(stopOf(event.attempt), atMs);
      default:
        return false;
    }
  }

  /** Did one become late after some moment that is not there by now? */
  isLateSince(sinceMs: number, atMs: number): boolean {
    return [...this.#dueMs.values()].some((dueMs) => dueMs > sinceMs && atMs > dueMs);
  }

  /** Only a lowering is answered: what rises counts at once. */
  #capSet(
    { attempt, capWatts }: Extract<Event, { readonly kind: "cap-set" }>,
    atMs: number,
  ): false {
    const obeyed = this.#obeyed.get(keyText(attempt)) ?? new Map<number, number>();
    const cap = capWatts || Infinity;
    let isLowering = false;
    for (const [node, before] of obeyed) {
      if (cap < before) {
        isLowering = true;
      } else {
        obeyed.set(node, cap);
      }
    }
    if (isLowering) {
      this.#dueMs.set(capOf(attempt), atMs + failsAfterMs);
    } else {
      this.#dueMs.delete(capOf(attempt));
    }
    return false;
  }

  /** By all of its nodes: one that is silent still draws what others were promised. */
  #isObeyed({
    attempt,
    nodes,
    capWatts,
  }: Extract<Event, { readonly kind: "cap-acknowledged" }>): boolean {
    const obeyed = this.#obeyed.get(keyText(attempt)) ?? new Map<number, number>();
    const cap = capWatts || Infinity;
    for (const node of nodes.length === 0 ? obeyed.keys() : nodes) {
      obeyed.set(node, cap);
    }
    return [...obeyed.values()].every((one) => one <= cap);
  }

  /** By all of its nodes, which may say so one by one. */
  #isReleased({
    attempt,
    nodes,
  }: Extract<Event, { readonly kind: "placement-released" }>): boolean {
    const key = keyText(attempt);
    const left = nodes.length === 0 ? 0 : (this.#heldCount.get(key) ?? 0) - nodes.length;
    this.#heldCount.set(key, left);
    if (left > 0) {
      return false;
    }
    return this.#heldCount.delete(key);
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

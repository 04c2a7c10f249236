import { toNumber } from "@ertis/quantities";
import { type Event, priorityClasses } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { keyText, type Report } from "./violation.ts";

interface PromisedStart {
  /** The first start that was promised, and the last. */
  readonly firstMs: number;
  lastMs: number;
  /** Failures, budgets and cuts that came after the promise: it may be late because of them. */
  readonly shocksSeen: number;
  /** What was kept for it went to somebody who may have it, or its account may not hold so much now. */
  isSuperseded: boolean;
}

/** How the promised starts were kept. */
export interface PromiseScore {
  readonly promisedCount: number;
  /** Started by the time that was promised first. */
  readonly keptCount: number;
  /** Late although nothing failed and nothing was cut. */
  readonly brokenCount: number;
  /** Late after a failure, a cut, an operator's change, or since somebody went before it by right. */
  readonly excusedCount: number;
  /** Still to come when the run ended. */
  readonly openCount: number;
  /** Started this much before the promise, on average over those that were kept. */
  readonly meanEarlyMs: number;
  readonly lateMsMax: number;
}

/** A node that takes longer to answer an order about caps has failed. */
const answerMsMax = 5_000;

/** Starts that were promised to jobs at the head of the queue, and what became of them. */
export class Promises {
  readonly #promises = new Map<number, PromisedStart>();
  readonly #report: Report;
  readonly #jobOf: (job: number) => SimulatedJob | undefined;
  /** By site and GPU model, for whom nodes are kept. */
  readonly #headOf = new Map<string, number>();
  #isShared = false;
  /** Caps that were ordered and not answered yet, since when. */
  readonly #unanswered = new Map<string, number>();
  #shockCount = 0;
  #promisedCount = 0;
  #keptCount = 0;
  #brokenCount = 0;
  #excusedCount = 0;
  #earlyMs = 0;
  #lateMsMax = 0;

  constructor(jobOf: (job: number) => SimulatedJob | undefined, report: Report) {
    this.#jobOf = jobOf;
    this.#report = report;
  }

  observe(event: Event, atMs: number): void {
    switch (event.kind) {
      case "reservation-made":
        if (event.isBeside !== true) {
          this.#takeOver(`${event.site} ${event.gpuModel}`, event.job);
        }
        return this.#promise(event.job, toNumber(event.startAt));
      case "reservation-dropped":
        return this.#drop(event.job);
      case "accounts-set":
        this.#isShared = event.accounts.length > 0;
        return;
      case "attempt-started":
        return this.#settle(event.attempt.job, atMs);
      case "cap-set":
        this.#unanswered.set(keyText(event.attempt), atMs);
        return;
      case "cap-acknowledged":
      case "attempt-exited":
        return this.#answer(keyText(event.attempt), atMs);
      case "jobs-cancelled":
        for (const job of event.jobs) {
          this.#promises.delete(job);
        }
        return;
      case "jobs-held":
        for (const job of event.jobs) {
          this.#promises.delete(job);
        }
        return;
      case "node-lost":
      case "nodes-cordoned":
      case "nodes-draining":
      case "budget-set":
      case "curtailment-scheduled":
      case "curtailment-cancelled":
      case "supply-lost":
      case "site-away":
      case "site-registered":
        this.#shockCount += 1;
        return;
      default:
    }
  }

  score(): PromiseScore {
    return {
      promisedCount: this.#promisedCount,
      keptCount: this.#keptCount,
      brokenCount: this.#brokenCount,
      excusedCount: this.#excusedCount,
      openCount: this.#promises.size,
      meanEarlyMs: this.#keptCount === 0 ? 0 : this.#earlyMs / this.#keptCount,
      lateMsMax: this.#lateMsMax,
    };
  }

  /** The start that was promised to a job last. */
  promisedMs(job: number): number | undefined {
    return this.#promises.get(job)?.lastMs;
  }

  /** Nothing follows: what was promised for a moment that is past is late. */
  finish(atMs: number): void {
    for (const [job, { firstMs }] of this.#promises) {
      if (firstMs < atMs) {
        this.#settle(job, atMs);
      }
    }
  }

  #promise(job: number, startAtMs: number): void {
    const before = this.#promises.get(job);
    if (before === undefined) {
      this.#promisedCount += 1;
      this.#promises.set(job, {
        firstMs: startAtMs,
        lastMs: startAtMs,
        shocksSeen: this.#shockCount,
        isSuperseded: false,
      });
    } else {
      before.lastMs = startAtMs;
    }
  }

  /** A higher class may have what is kept for a lower one, unless both are kept; with accounts also whose own it is. */
  #takeOver(pool: string, job: number): void {
    const before = this.#headOf.get(pool);
    this.#headOf.set(pool, job);
    const promise = before === undefined ? undefined : this.#promises.get(before);
    if (before !== undefined && before !== job && promise !== undefined) {
      const isHigher = this.#classOf(job) > this.#classOf(before);
      promise.isSuperseded ||= isHigher || this.#isShared;
    }
  }

  /** With accounts: its own may hold all it may meanwhile, and then no start is kept. */
  #drop(job: number): void {
    const promise = this.#promises.get(job);
    if (promise !== undefined) {
      promise.isSuperseded ||= this.#isShared;
    }
    for (const [pool, head] of this.#headOf) {
      if (head === job) {
        this.#headOf.delete(pool);
      }
    }
  }

  #classOf(job: number): number {
    return priorityClasses.indexOf(this.#jobOf(job)?.priorityClass ?? "normal");
  }

  /** Watts come late from nodes that answer late: a failure like others. */
  #answer(attempt: string, atMs: number): void {
    const sinceMs = this.#unanswered.get(attempt);
    this.#unanswered.delete(attempt);
    if (sinceMs !== undefined && atMs - sinceMs > answerMsMax) {
      this.#shockCount += 1;
    }
  }

  #isAnswerLate(atMs: number): boolean {
    return [...this.#unanswered.values()].some((sinceMs) => atMs - sinceMs > answerMsMax);
  }

  #settle(job: number, atMs: number): void {
    const promise = this.#promises.get(job);
    if (promise === undefined) {
      return;
    }
    this.#promises.delete(job);
    const lateMs = atMs - promise.firstMs;
    if (lateMs <= 0) {
      this.#keptCount += 1;
      this.#earlyMs -= lateMs;
      return;
    }
    this.#lateMsMax = Math.max(this.#lateMsMax, lateMs);
    if (
      promise.shocksSeen === this.#shockCount &&
      !promise.isSuperseded &&
      !this.#isAnswerLate(atMs)
    ) {
      this.#brokenCount += 1;
      this.#report(
        "promised-start",
        `job ${job} was promised a start ${lateMs} ms before ${atMs} ms, and nothing failed since`,
      );
    } else {
      this.#excusedCount += 1;
    }
  }
}

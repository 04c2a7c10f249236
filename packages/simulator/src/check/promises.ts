import { toNumber } from "@ertis/quantities";
import {
  type AttemptStarted,
  type Event,
  type ReservationMade,
  stopGraceMs,
} from "@ertis/scheduler-engine";
import { lengthText } from "../words/words.ts";
import { Failures } from "./failures.ts";
import { LateAnswers, type OrderedJob } from "./late-answers.ts";
import { noStart, type Words, wrongText } from "./promise-words.ts";
import type { Report } from "./violation.ts";

/** A start as it was promised first: what comes later may only be better. */
interface PromisedStart extends Words {
  /** What a planned curtailment made of it when it was announced: it is kept, too. */
  told: Words | undefined;
  /** The start that was promised last. */
  lastMs: number;
  /** Where it is kept, as it was promised last. */
  site: string;
  nodes: readonly number[];
  /** One of the nodes that were kept for it was taken away. */
  hasLostNode: boolean;
  /** What nobody could know, counted before the promise: what came since excuses it. */
  readonly shocksSeen: number;
  readonly madeMs: number;
}

/** How the promised starts were kept. */
export interface PromiseScore {
  readonly promisedCount: number;
  /** Started by the time that was promised first, at no lower cap, to end no later. */
  readonly keptCount: number;
  /** Late or worse than promised although nothing failed and nothing was cut. */
  readonly brokenCount: number;
  /** Late or worse after a failure, a cut or a quota that were not known when it was promised, or as a planned curtailment said. */
  readonly excusedCount: number;
  /** Still to come when the run ended. */
  readonly openCount: number;
  /** Started this much before the promise, on average over those that were kept. */
  readonly meanEarlyMs: number;
  readonly lateMsMax: number;
}

/** Starts that were promised to jobs at the head of the queue, and what became of them. */
export class Promises {
  readonly #promises = new Map<number, PromisedStart>();
  /** Jobs that a curtailment has paused, until they are back. */
  readonly #paused = new Set<number>();
  /** Came back before their promised start, as their tier asks, under a cap that has to rise for the promised end. */
  readonly #early = new Map<number, PromisedStart>();
  readonly #report: Report;
  readonly #jobOf: (job: number) => OrderedJob | undefined;
  readonly #answers: LateAnswers;
  readonly #failures = new Failures();
  #shockCount = 0;
  /** What follows in its entry is what a planned curtailment says that it moves. */
  #isAnnounced = false;
  #promisedCount = 0;
  #keptCount = 0;
  #brokenCount = 0;
  #excusedCount = 0;
  #earlyMs = 0;
  #lateMsMax = 0;

  constructor(jobOf: (job: number) => OrderedJob | undefined, report: Report) {
    this.#jobOf = jobOf;
    this.#report = report;
    this.#answers = new LateAnswers(jobOf);
  }

  entryBegins(): void {
    this.#isAnnounced = false;
  }

  observe(event: Event, atMs: number): void {
    if (this.#failures.observe(event) || isShock(event) || this.#answers.observe(event, atMs)) {
      this.#shockCount += 1;
    }
    switch (event.kind) {
      case "curtailment-scheduled":
        this.#isAnnounced = event.curtailment.mode === "planned";
        return;
      case "nodes-cordoned":
      case "nodes-draining":
        return this.#takeNodes(event.site, event.nodes);
      case "reservation-made":
        return this.#promise(event, atMs);
      case "reservation-dropped":
        if (this.#isAnnounced) {
          this.#tell(event.job, noStart);
        }
        return;
      case "job-paused":
        this.#paused.add(event.job);
        this.#early.delete(event.job);
        return;
      case "attempt-started":
        this.#settle(event.attempt.job, atMs, event);
        this.#paused.delete(event.attempt.job);
        return;
      case "attempt-exited":
        this.#end(event.attempt.job, atMs);
        return;
      case "jobs-cancelled":
      case "jobs-held":
        for (const job of event.jobs) {
          this.#promises.delete(job);
          this.#early.delete(job);
        }
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
        this.#settle(job, atMs, undefined);
      }
    }
  }

  /** What is promised again, or beside others, or sooner: the first promise stands. */
  #promise(
    { job, startAt, holdsUntil, capWatts = 0, site, nodes }: ReservationMade,
    atMs: number,
  ): void {
    const before = this.#promises.get(job);
    const startMs = toNumber(startAt);
    const walltimeMs = this.#jobOf(job)?.walltimeMs ?? Infinity;
    const words: Words = {
      firstMs: startMs,
      endMs: holdsUntil === undefined ? startMs + walltimeMs : toNumber(holdsUntil) - stopGraceMs,
      nodeCount: nodes.length,
      capWatts,
    };
    if (before !== undefined) {
      Object.assign(before, { lastMs: startMs, site, nodes });
      if (this.#isAnnounced) {
        this.#tell(job, words);
      }
      return;
    }
    this.#promisedCount += 1;
    this.#promises.set(job, {
      ...words,
      lastMs: startMs,
      told: undefined,
      site,
      nodes,
      hasLostNode: false,
      shocksSeen: this.#shockCount,
      madeMs: atMs,
    });
  }

  /** Who takes nodes out of service excuses those for whom they were kept, and nobody else. */
  #takeNodes(site: string, taken: readonly number[]): void {
    for (const promise of this.#promises.values()) {
      if (promise.site === site && promise.nodes.some((node) => taken.includes(node))) {
        promise.hasLostNode = true;
      }
    }
  }

  /** It was said when the cause was announced, so it is no break; what was said is kept from now on. */
  #tell(job: number, words: Words): void {
    const promise = this.#promises.get(job);
    if (promise !== undefined) {
      promise.told = words;
    }
  }

  /** @param start absent: it has not come */
  #settle(job: number, atMs: number, start: AttemptStarted | undefined): void {
    const promise = this.#promises.get(job);
    if (promise === undefined) {
      return;
    }
    this.#promises.delete(job);
    const lateMs = atMs - promise.firstMs;
    this.#lateMsMax = Math.max(this.#lateMsMax, lateMs);
    const wrong = wrongText(promise, start, atMs);
    if (start !== undefined && atMs < promise.firstMs && this.#paused.has(job)) {
      this.#early.set(job, promise);
      this.#keptCount += 1;
      this.#earlyMs -= lateMs;
    } else if (wrong === undefined) {
      this.#keptCount += 1;
      this.#earlyMs -= lateMs;
    } else if (promise.told !== undefined && wrongText(promise.told, start, atMs) === undefined) {
      this.#excusedCount += 1;
    } else if (this.#isUnexcused(promise, atMs)) {
      this.#brokenCount += 1;
      this.#report("promised-start", `job ${job} ${wrong}, and nothing failed since`);
    } else {
      this.#excusedCount += 1;
    }
  }

  /** Of a start that came early under a low cap only the end tells whether it was kept. */
  #end(job: number, atMs: number): void {
    const promise = this.#early.get(job);
    this.#early.delete(job);
    if (promise !== undefined && atMs > promise.endMs && this.#isUnexcused(promise, atMs)) {
      this.#keptCount -= 1;
      this.#brokenCount += 1;
      const lateMs = atMs - promise.endMs;
      this.#report(
        "promised-start",
        `job ${job} came back early and ended ${lengthText(lateMs)} later than promised, and nothing failed since`,
      );
    }
  }

  #isUnexcused({ shocksSeen, hasLostNode, madeMs }: PromisedStart, atMs: number): boolean {
    // What was overdue when it was promised was known to come at no moment that anybody knows.
    const isLate = this.#answers.isLateSince(madeMs - stopGraceMs, atMs);
    return shocksSeen === this.#shockCount && !hasLostNode && !isLate;
  }
}

/**
 * What nobody could know when a start was promised, beside nodes and clusters that fail: lost supplies, cuts and quotas that came after it. Neither
 * another's promise nor what is given back is among them; nor a planned curtailment, which has to say what it moves.
 */
function isShock(event: Event): boolean {
  switch (event.kind) {
    case "supply-lost":
    case "budget-set":
    case "accounts-set":
      return true;
    case "curtailment-scheduled":
      return event.curtailment.mode === "emergency";
    default:
      return false;
  }
}

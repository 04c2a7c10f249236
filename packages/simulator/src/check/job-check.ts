import type { AttemptKey, Event } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { keyText, type Report } from "./violation.ts";

interface JobBook {
  readonly submittedAtMs: number;
  /** 0: none runs or holds nodes. */
  activeAttempt: number;
  attemptCount: number;
  isFinished: boolean;
  isExited: boolean;
  isCancelled: boolean;
}

/** No job is lost, none starts early or twice, none ends twice. */
export class JobCheck {
  readonly #books = new Map<number, JobBook>();
  readonly #jobOf: (job: number) => SimulatedJob | undefined;
  readonly #report: Report;
  submittedCount = 0;
  finishedCount = 0;
  startedCount = 0;

  constructor(jobOf: (job: number) => SimulatedJob | undefined, report: Report) {
    this.#jobOf = jobOf;
    this.#report = report;
  }

  observe(event: Event, atMs: number): void {
    switch (event.kind) {
      case "jobs-submitted":
        event.items.forEach((_, at) => this.#submit(event.firstJob + at, atMs));
        return;
      case "jobs-cancelled":
        for (const job of event.jobs) {
          const book = this.#books.get(job);
          if (book !== undefined) {
            book.isCancelled = true;
            if (book.activeAttempt === 0) {
              this.#finish(job, book);
            }
          }
        }
        return;
      case "attempt-started":
        return this.#start(event.attempt, event.placement.nodes.length, atMs);
      case "attempt-exited": {
        const book = this.#books.get(event.attempt.job);
        if (book?.activeAttempt !== event.attempt.attempt || book.isExited) {
          this.#report("conservation", `${keyText(event.attempt)} ends, but does not run`);
          return;
        }
        book.isExited = true;
        if (event.next === "finish") {
          this.#finish(event.attempt.job, book);
        }
        return;
      }
      default:
    }
  }

  isFinished(job: number): boolean {
    return this.#books.get(job)?.isFinished ?? false;
  }

  /** Counts must add up, and nothing may be left over. */
  finish(): void {
    const left = [...this.#books].filter(([, book]) => !book.isFinished);
    if (left.length > 0) {
      const names = left.slice(0, 5).map(([job]) => job);
      this.#report(
        "conservation",
        `${left.length} jobs never ended: ${names.join(", ")}${left.length > 5 ? ", …" : ""}`,
      );
    }
    if (this.submittedCount !== this.#books.size) {
      this.#report(
        "conservation",
        `${this.submittedCount} jobs came, ${this.#books.size} are known`,
      );
    }
  }

  #submit(job: number, atMs: number): void {
    if (this.#books.has(job)) {
      this.#report("conservation", `job ${job} is there twice`);
      return;
    }
    this.submittedCount += 1;
    this.#books.set(job, {
      submittedAtMs: atMs,
      activeAttempt: 0,
      attemptCount: 0,
      isFinished: false,
      isExited: false,
      isCancelled: false,
    });
  }

  #start(key: AttemptKey, nodeCount: number, atMs: number): void {
    const book = this.#books.get(key.job);
    const job = this.#jobOf(key.job);
    if (book === undefined || job === undefined) {
      this.#report("start", `${keyText(key)} starts, but nobody submitted it`);
      return;
    }
    if (atMs < book.submittedAtMs) {
      this.#report("start", `${keyText(key)} starts before it was submitted`);
    }
    if (book.isFinished || book.isCancelled) {
      this.#report("start", `${keyText(key)} starts after its job was over`);
    }
    if (book.activeAttempt !== 0 && !book.isExited) {
      this.#report("start", `${keyText(key)} starts while attempt ${book.activeAttempt} runs`);
    }
    if (key.attempt !== book.attemptCount + 1) {
      this.#report("start", `${keyText(key)} follows attempt ${book.attemptCount}`);
    }
    if (nodeCount > job.nodeCount || nodeCount < job.nodeCountMin) {
      this.#report(
        "placement",
        `${keyText(key)} gets ${nodeCount} nodes, it asks for ${job.nodeCountMin} to ${job.nodeCount}`,
      );
    }
    this.startedCount += 1;
    book.attemptCount = key.attempt;
    book.activeAttempt = key.attempt;
    book.isExited = false;
  }

  #finish(job: number, book: JobBook): void {
    if (book.isFinished) {
      this.#report("conservation", `job ${job} ends twice`);
      return;
    }
    book.isFinished = true;
    this.finishedCount += 1;
  }
}

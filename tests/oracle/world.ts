import { toNumber } from "@ertis/quantities";
import {
  type AttemptKey,
  defaultLimits,
  type EngineLimits,
  type Event,
  type ReservationMade,
} from "@ertis/scheduler-engine";
import { applyExit, applyMark, applyRelease, applyStart } from "./apply-attempts.ts";
import { applyCap, applyCheckpoint } from "./apply-caps.ts";
import { applySubmission, cancelJob, forgetRequests } from "./apply-jobs.ts";
import { applyBudget, applyNode, applySite } from "./apply-sites.ts";
import type { AttemptRecord, JobRecord, TaskRecord } from "./job-record.ts";
import type { DeratingOf } from "./power-tree.ts";
import type { SiteBook } from "./site-book.ts";

export interface RememberedRequest {
  readonly requestId: string;
  readonly job: number;
  readonly acceptedAtMs: number;
}

/**
 * What the events say, and nothing else: the naive second opinion on the engine's state. `apply` is
 * forgiving, so that one wrong event is reported once and does not end the run.
 */
export class World {
  readonly limits: EngineLimits;
  nowMs = 0;
  nextJob = 1;
  readonly sites = new Map<string, SiteBook>();
  readonly jobs = new Map<number, JobRecord>();
  /** Attempts that have not exited, in the order of their starts. */
  readonly running = new Set<AttemptRecord>();
  readonly requests = new Map<string, RememberedRequest>();
  /** Finished jobs that hold nothing any more, in the order they came to this; never shortened. */
  readonly finished: number[] = [];
  finishedFrom = 0;
  readonly dependents = new Map<number, number[]>();
  /** Jobs that finished by the entry in hand. */
  readonly finishedNow: JobRecord[] = [];
  readonly reservations = new Map<number, ReservationMade>();
  readonly counts = new Map<string, number>();
  readonly deratingOf: DeratingOf | undefined;

  constructor(limits: EngineLimits = defaultLimits, deratingOf?: DeratingOf) {
    this.limits = limits;
    this.deratingOf = deratingOf;
  }

  taskOf(key: AttemptKey): TaskRecord | undefined {
    return this.jobs.get(key.job)?.tasks.get(key.task);
  }

  /** The attempt with this key while it runs or holds nodes. */
  attemptOf(key: AttemptKey): AttemptRecord | undefined {
    const attempt = this.taskOf(key)?.attempt;
    return attempt?.attempt === key.attempt ? attempt : undefined;
  }

  /** Lets time pass to the moment of an entry. */
  advance(atMs: number): void {
    this.finishedNow.length = 0;
    if (atMs !== this.nowMs) {
      this.nowMs = atMs;
      for (const site of this.sites.values()) {
        site.planBudgets(atMs);
      }
    }
  }

  apply(event: Event): void {
    this.counts.set(event.kind, (this.counts.get(event.kind) ?? 0) + 1);
    for (const site of this.sites.values()) {
      site.grown.clear();
    }
    this.#apply(event);
  }

  #apply(event: Event): void {
    switch (event.kind) {
      case "jobs-submitted":
        return applySubmission(this, event);
      case "jobs-held":
      case "jobs-released":
        return this.#forEachJob(event.jobs, (job) => {
          job.isHeld = event.kind === "jobs-held";
          if (job.isHeld) {
            this.reservations.delete(job.number);
          }
        });
      case "jobs-cancelled":
        return this.#forEachJob(event.jobs, (job) => cancelJob(this, job));
      case "jobs-became-ready":
        return this.#forEachJob(event.jobs, (job) => {
          job.isReady = true;
        });
      case "jobs-retired":
        this.finishedFrom += event.count;
        return;
      case "request-ids-forgotten":
        return forgetRequests(this, event.count);
      case "attempt-started":
        return applyStart(this, event);
      case "attempt-exited":
        return applyExit(this, event);
      case "placement-released":
        return applyRelease(this, event.attempt, event.nodes);
      case "reservation-made":
        for (const [job, one] of this.reservations) {
          const isSamePool = one.site === event.site && one.gpuModel === event.gpuModel;
          if (isSamePool && event.isBeside !== true) {
            this.reservations.delete(job);
          }
        }
        this.reservations.set(event.job, event);
        return;
      case "reservation-dropped":
        this.reservations.delete(event.job);
        return;
      case "attempt-running":
      case "walltime-warned":
      case "stop-requested":
        return applyMark(this, event);
      case "budget-set":
      case "budget-removed":
      case "budgets-expired":
        return applyBudget(this, event);
      case "site-registered":
        return applySite(this, event);
      case "cap-set":
      case "cap-acknowledged":
        return applyCap(this, event);
      case "attempt-checkpointed":
        return applyCheckpoint(this, event.attempt);
      case "nodes-cordoned":
      case "nodes-uncordoned":
      case "nodes-draining":
      case "drain-enforced":
      case "node-lost":
      case "node-powered-off":
      case "node-returned":
        return applyNode(this, event);
      default:
        // Changes no bound and no job.
        return;
    }
  }

  #forEachJob(jobs: readonly number[], change: (job: JobRecord) => void): void {
    for (const number of jobs) {
      const job = this.jobs.get(number);
      if (job !== undefined) {
        change(job);
      }
    }
  }

  /** Begin time reached and every dependency met. */
  mayBegin(job: JobRecord): boolean {
    const { beginAt, dependencies } = job.spec;
    const hasBegun = beginAt === undefined || toNumber(beginAt) <= this.nowMs;
    return hasBegun && dependencies.every((one) => this.dependencyState(one) === "met");
  }

  dependencyState(
    dependency: JobRecord["spec"]["dependencies"][number],
  ): "met" | "waiting" | "never" {
    const job = this.jobs.get(dependency.job);
    if (job?.finishedAtMs === undefined) {
      return job === undefined ? "never" : "waiting";
    }
    const isOk = job.failedCount === 0 && job.cancelledCount === 0;
    const isMet =
      dependency.condition === "after-any" || isOk === (dependency.condition === "after-ok");
    return isMet ? "met" : "never";
  }
}

import { toNumber } from "@ertis/quantities";
import {
  type AttemptExited,
  type AttemptKey,
  type AttemptStarted,
  defaultLimits,
  type EngineLimits,
  type Event,
  type JobsSubmitted,
  type ReservationMade,
} from "@ertis/scheduler-engine";
import { applyCap, applyCheckpoint, workLeftAt } from "./apply-caps.ts";
import { applyBudget, applyNode, applySite } from "./apply-sites.ts";
import {
  type AttemptRecord,
  createJobRecord,
  type JobRecord,
  type TaskRecord,
} from "./job-record.ts";
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
        return this.#submit(event);
      case "jobs-held":
      case "jobs-released":
        return this.#forEachJob(event.jobs, (job) => {
          job.isHeld = event.kind === "jobs-held";
          if (job.isHeld) {
            this.reservations.delete(job.number);
          }
        });
      case "jobs-cancelled":
        return this.#forEachJob(event.jobs, (job) => this.#cancel(job));
      case "jobs-became-ready":
        return this.#forEachJob(event.jobs, (job) => {
          job.isReady = true;
        });
      case "jobs-retired":
        this.finishedFrom += event.count;
        return;
      case "request-ids-forgotten":
        return this.#forget(event.count);
      case "attempt-started":
        return this.#start(event);
      case "attempt-exited":
        return this.#exit(event);
      case "placement-released":
        return this.#release(event.attempt, event.nodes);
      case "reservation-made":
        for (const [job, one] of this.reservations) {
          if (one.site === event.site && one.gpuModel === event.gpuModel) {
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
        return this.#mark(event);
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

  #submit(event: JobsSubmitted): void {
    event.items.forEach((item, index) => {
      const number = event.firstJob + index;
      const job = createJobRecord({
        number,
        owner: event.owner,
        requestId: item.requestId,
        bodyHash: item.bodyHash,
        spec: item.spec,
        submittedAtMs: this.nowMs,
      });
      this.jobs.set(number, job);
      this.requests.set(item.requestId, {
        requestId: item.requestId,
        job: number,
        acceptedAtMs: this.nowMs,
      });
      for (const dependency of item.spec.dependencies) {
        const waiting = this.dependents.get(dependency.job) ?? [];
        waiting.push(number);
        this.dependents.set(dependency.job, waiting);
      }
      job.isReady = this.mayBegin(job);
      this.nextJob = number + 1;
    });
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

  #cancel(job: JobRecord): void {
    job.isCancelled = true;
    this.reservations.delete(job.number);
    job.cancelledCount += job.pendingCount;
    job.pendingCount = 0;
    for (const task of job.tasks.values()) {
      if (task.state === "pending") {
        task.state = "cancelled";
      }
    }
    this.#finishIfDone(job);
  }

  #start(event: AttemptStarted): void {
    const { attempt: key, placement } = event;
    const job = this.jobs.get(key.job);
    if (job === undefined) {
      return;
    }
    const timeMs = toNumber(event.endsBy) - this.nowMs;
    const workMs = event.work === undefined ? timeMs : toNumber(event.work);
    const attempt: AttemptRecord = {
      ...key,
      site: placement.site,
      held: new Set(placement.nodes),
      startedAtMs: this.nowMs,
      endsByMs: toNumber(event.endsBy),
      workGrantedMs: workMs,
      workLeftMs: workMs,
      workAtMs: this.nowMs,
      capWatts: placement.capWatts,
      capOrder: 0,
      nodeCount: placement.nodes.length,
      phase: "starting",
      stopReason: undefined,
      isWarned: false,
      outcome: undefined,
      isRetried: false,
    };
    const before = job.tasks.get(key.task);
    job.tasks.set(key.task, {
      retriesUsed: before?.retriesUsed ?? 0,
      freeRetriesUsed: before?.freeRetriesUsed ?? 0,
      workDoneMs: before?.workDoneMs ?? 0,
      attempts: key.attempt,
      state: "active",
      attempt,
    });
    job.pendingCount -= 1;
    job.runningCount += 1;
    this.running.add(attempt);
    this.reservations.delete(job.number);
    const site = this.sites.get(placement.site);
    placement.nodes.forEach((node, index) => {
      site?.nodes[node]?.holds.set(attempt, placement.gpuMasks[index] ?? 0);
      site?.touch(node);
    });
  }

  #mark(
    event: Extract<
      Event,
      { readonly kind: "attempt-running" | "walltime-warned" | "stop-requested" }
    >,
  ): void {
    const attempt = this.attemptOf(event.attempt);
    if (attempt === undefined) {
      return;
    }
    if (event.kind === "walltime-warned") {
      attempt.isWarned = true;
    } else if (event.kind === "attempt-running") {
      attempt.phase = "running";
    } else {
      attempt.phase = "stopping";
      attempt.workLeftMs = workLeftAt(attempt, this.nowMs);
      attempt.workAtMs = this.nowMs;
      attempt.stopReason = event.reason;
    }
  }

  #exit(event: AttemptExited): void {
    const job = this.jobs.get(event.attempt.job);
    const task = this.taskOf(event.attempt);
    const attempt = this.attemptOf(event.attempt);
    if (job === undefined || task === undefined || attempt === undefined) {
      return;
    }
    attempt.phase = "exited";
    attempt.outcome = event.outcome;
    this.running.delete(attempt);
    job.runningCount -= 1;
    if (event.next === "finish") {
      if (event.outcome.kind === "succeeded") {
        task.state = "succeeded";
        job.succeededCount += 1;
      } else if (job.isCancelled || attempt.stopReason === "cancelled") {
        task.state = "cancelled";
        job.cancelledCount += 1;
      } else {
        task.state = "failed";
        job.failedCount += 1;
      }
    } else {
      attempt.isRetried = true;
      task.retriesUsed += event.next === "retry" ? 1 : 0;
      task.freeRetriesUsed += event.next === "retry-free" ? 1 : 0;
    }
    this.#closeIfOver(job, task, attempt);
    this.#finishIfDone(job);
  }

  #release(key: AttemptKey, nodes: readonly number[]): void {
    const job = this.jobs.get(key.job);
    const task = this.taskOf(key);
    const attempt = this.attemptOf(key);
    if (job === undefined || task === undefined || attempt === undefined) {
      return;
    }
    const site = this.sites.get(attempt.site);
    for (const node of nodes.length === 0 ? [...attempt.held] : nodes) {
      attempt.held.delete(node);
      site?.nodes[node]?.holds.delete(attempt);
      site?.nodes[node]?.possibleCaps.delete(attempt);
      site?.touch(node);
    }
    this.#closeIfOver(job, task, attempt);
    this.#finishIfDone(job);
  }

  /** A task may run again only when nothing of its last attempt is left anywhere. */
  #closeIfOver(job: JobRecord, task: TaskRecord, attempt: AttemptRecord): void {
    if (attempt.phase !== "exited" || attempt.held.size > 0) {
      return;
    }
    task.attempt = undefined;
    if (job.finishedAtMs !== undefined) {
      this.#letRetire(job);
    }
    if (!attempt.isRetried) {
      return;
    }
    attempt.isRetried = false;
    if (job.isCancelled) {
      task.state = "cancelled";
      job.cancelledCount += 1;
    } else {
      task.state = "pending";
      job.pendingCount += 1;
    }
  }

  #finishIfDone(job: JobRecord): void {
    const done = job.succeededCount + job.failedCount + job.cancelledCount;
    if (job.finishedAtMs === undefined && done === job.spec.taskCount) {
      job.finishedAtMs = this.nowMs;
      this.finishedNow.push(job);
      this.#letRetire(job);
    }
  }

  #letRetire(job: JobRecord): void {
    const isHolding = [...job.tasks.values()].some((task) => task.attempt !== undefined);
    if (!isHolding) {
      this.finished.push(job.number);
    }
  }

  #forget(count: number): void {
    let left = count;
    for (const requestId of this.requests.keys()) {
      if (left === 0) {
        return;
      }
      this.requests.delete(requestId);
      left -= 1;
    }
  }
}

import { toNumber } from "@ertis/quantities";
import type { AttemptKey, AttemptOutcome } from "@ertis/scheduler-engine";
import type { DesiredAttempt } from "@ertis/scheduler-runtime";
import { AttemptPace } from "./attempt-pace.ts";
import {
  type AttemptRecord,
  heldNodes,
  isBeforeExit,
  lostWithNode,
  neverStarted,
  tenancyOn,
  textOf,
} from "./attempt-record.ts";
import { AttemptReports } from "./attempt-reports.ts";
import { exitAt, runsAt } from "./attempt-schedule.ts";
import { startedRecord, unstartedRecord } from "./attempt-start.ts";
import { AttemptTable } from "./attempt-table.ts";
import { type ClusterContext, violate } from "./cluster-context.ts";
import type { Happening } from "./event-heap.ts";
import { forkStream } from "./random-stream.ts";
import type { SiteMove } from "./site-move.ts";
import type { StartLedger } from "./start-ledger.ts";

/** 128 + SIGTERM and 128 + SIGKILL, as a shell reports them. */
const termExitCode = 143;
const killExitCode = 137;

/** What becomes of attempts: starting → running → exited → ended → forgotten. */
export class AttemptLife {
  readonly reports: AttemptReports;
  readonly #context: ClusterContext;
  readonly #table: AttemptTable;
  readonly #pace: AttemptPace;

  constructor(context: ClusterContext) {
    this.#context = context;
    this.reports = new AttemptReports(context);
    this.#table = new AttemptTable(context.nodes);
    this.#pace = new AttemptPace(context, this.reports);
  }

  get starts(): StartLedger {
    return this.#table.starts;
  }

  known(key: AttemptKey): AttemptRecord | undefined {
    return this.#table.get(key);
  }

  sorted(): readonly AttemptRecord[] {
    return this.#table.sorted();
  }

  millijoulesOf(record: AttemptRecord): bigint {
    return this.#table.millijoulesOf(record, this.#context.nowMs);
  }

  start(wish: DesiredAttempt): void {
    const key = wish.attempt;
    const { record, plan } = startedRecord(this.#context, wish);
    this.#table.add(record);
    if (this.starts.start(key) > 1) {
      violate(this.#context, "started-twice", key, "the cluster itself started it again");
    }
    const startedAtMs = this.#context.nowMs + plan.startDelayMs;
    if (plan.isStartFailure) {
      exitAt(this.#context, record, startedAtMs);
    } else {
      runsAt(this.#context, record, startedAtMs);
    }
  }

  takeCap(wish: DesiredAttempt): void {
    const record = this.known(wish.attempt);
    if (record !== undefined) {
      this.#pace.takeCap(record, wish);
    }
  }

  stop(wish: DesiredAttempt): void {
    const record = this.known(wish.attempt);
    if (record === undefined) {
      if (this.starts.isForgotten(wish.attempt)) {
        // Released before, and yet somebody waits for it to be gone: it is.
        const confirmed = { kind: "stop-confirmed", attempt: wish.attempt, nodes: [] } as const;
        this.#context.outbox.add(this.#context.nowMs, confirmed);
      } else {
        // It never got here, or not in this life: nothing of it runs, and nothing ever will.
        this.endWithoutStart(wish.attempt, neverStarted);
      }
      return;
    }
    this.reports.repeatEnd(record);
    // What has not begun has nothing to save.
    record.savesWork ||= wish.savesWork && record.phase === "running";
    this.#stopRecord(record, toNumber(wish.grace));
  }

  #stopRecord(record: AttemptRecord, graceMs: number): void {
    if (!isBeforeExit(record)) {
      return;
    }
    const termExitMs = record.plan?.termExitMs;
    const isKilled = termExitMs === undefined || termExitMs > graceMs;
    const exitAtMs = this.#context.nowMs + (isKilled ? graceMs : termExitMs);
    // A repeated wish comes later and changes nothing; a shorter grace ends it sooner; a program
    // that was about to end anyway ends by itself.
    if (record.exitAtMs === undefined || exitAtMs < record.exitAtMs) {
      record.outcome = {
        kind: "failed",
        category: "application",
        exitCode: isKilled ? killExitCode : termExitCode,
      };
      exitAt(this.#context, record, exitAtMs);
    }
  }

  /** Attempts the scheduler does not know any more: running ones are stopped, ended ones forgotten. */
  dropUnwanted(wanted: ReadonlySet<string>): void {
    for (const record of this.#table.all()) {
      if (wanted.has(textOf(record.key))) {
        continue;
      }
      if (record.phase === "ended") {
        this.#table.forget(record);
      } else {
        record.isOrphan = true;
        this.#stopRecord(record, record.graceMs);
      }
    }
  }

  forget(key: AttemptKey): void {
    const record = this.known(key);
    if (record === undefined) {
      return;
    }
    if (record.phase === "ended") {
      this.#table.forget(record);
      return;
    }
    // That a lost node is off may have been confirmed by an operator, of whom the cluster knows
    // nothing; anything else that is still held was released too early.
    const isHeldByLostNodes = heldNodes(record).every(
      (node) => this.#context.nodes.state(node) === "lost",
    );
    if (isBeforeExit(record) || !isHeldByLostNodes) {
      violate(this.#context, "forgotten-while-running", key, `it is ${record.phase}`);
    }
    record.isOrphan = true;
    this.#stopRecord(record, record.graceMs);
  }

  endWithoutStart(key: AttemptKey, outcome: AttemptOutcome): void {
    const record = unstartedRecord(key, outcome);
    this.#table.add(record);
    this.reports.sayExit(record);
    this.reports.sayClear(record);
  }

  isStillDue(happening: Happening): boolean {
    const record = this.known(happening);
    if (happening.kind === "attempt-runs") {
      return record?.phase === "starting";
    }
    if (happening.kind === "attempt-exits") {
      return record !== undefined && record.exitAtMs === happening.atMs && isBeforeExit(record);
    }
    // A cap or the word that nothing is left: from a node that answers.
    const tenancy = tenancyOn(record, happening.node);
    const isUp = this.#context.nodes.state(happening.node) === "up";
    return tenancy !== undefined && tenancy.releasedMs === undefined && isUp;
  }

  /** Something about an attempt falls due. */
  happen(happening: Happening): void {
    const record = this.known(happening);
    if (record === undefined) {
      return;
    }
    if (happening.kind === "attempt-runs") {
      this.#beginRunning(record);
    } else if (happening.kind === "attempt-exits") {
      this.#exit(record, record.outcome ?? record.plan?.outcome ?? neverStarted);
    } else if (happening.kind === "node-caps") {
      this.#pace.holdCap(record, happening.node);
    } else {
      this.#confirm(record, happening.node);
    }
  }

  #beginRunning(record: AttemptRecord): void {
    record.phase = "running";
    for (const tenancy of record.tenancies) {
      this.#context.nodes.startDrawing(tenancy, this.#context.nowMs);
    }
    record.workAtMs = this.#context.nowMs;
    this.#pace.update(record);
    const naturalExitMs = this.#pace.naturalExitMs(record);
    if (record.exitAtMs === undefined || naturalExitMs < record.exitAtMs) {
      record.outcome = record.plan?.outcome;
      exitAt(this.#context, record, naturalExitMs);
    }
    this.reports.say(record, { kind: "attempt-running", attempt: record.key });
  }

  /** The program has ended. By itself: all of its nodes are clear at once; else each one confirms. */
  #exit(record: AttemptRecord, outcome: AttemptOutcome): void {
    const isNatural = outcome === record.plan?.outcome;
    record.outcome = outcome;
    record.phase = "exited";
    if (isNatural) {
      for (const tenancy of record.tenancies) {
        this.#table.release(tenancy, this.#context.nowMs);
      }
    }
    record.energyJoules = Number(this.millijoulesOf(record) / 1000n);
    if (
      record.savesWork &&
      !isNatural &&
      outcome.kind === "failed" &&
      outcome.category !== "node"
    ) {
      this.reports.say(record, { kind: "checkpointed", attempt: record.key });
    }
    this.reports.sayExit(record);
    if (isNatural) {
      this.reports.sayClear(record);
    } else {
      for (const node of heldNodes(record)) {
        if (this.#context.nodes.state(node) === "up") {
          this.#scheduleConfirm(record, node);
        }
      }
    }
    this.#endIfClear(record);
  }

  #scheduleConfirm(record: AttemptRecord, node: number): void {
    const { job, task, attempt } = record.key;
    const stream = forkStream(this.#context.seed, "stop-confirm", job, task, attempt, node);
    const atMs = this.#context.nowMs + stream.within(this.#context.physics.stopConfirmMs);
    this.#context.heap.push({ atMs, kind: "node-confirms", job, task, attempt, node });
  }

  #confirm(record: AttemptRecord, node: number): void {
    const tenancy = tenancyOn(record, node);
    if (tenancy !== undefined) {
      this.#table.release(tenancy, this.#context.nowMs);
    }
    this.reports.sayClear(record, [node]);
    this.#endIfClear(record);
  }

  #endIfClear(record: AttemptRecord): void {
    if (record.phase === "exited" && heldNodes(record).length === 0) {
      record.phase = "ended";
      if (record.isOrphan) {
        this.#table.forget(record);
      }
    }
  }

  /** A gang does not outlive one of its nodes; the lost node itself confirms nothing. */
  failAttemptsOn(node: number): void {
    for (const record of this.#table.on(node)) {
      if (isBeforeExit(record)) {
        this.#exit(record, lostWithNode);
      }
    }
  }

  releaseAllOn(node: number): void {
    for (const record of this.#table.on(node)) {
      if (isBeforeExit(record)) {
        this.#exit(record, lostWithNode);
      }
      this.#confirm(record, node);
    }
  }

  /** Attempts that hold something on the node. */
  holdersOn(node: number): readonly AttemptKey[] {
    return this.#table.on(node).map((record) => record.key);
  }

  /** The nodes are known by other positions from now on, and the curves may be others. */
  move(move: SiteMove): void {
    this.#table.move(move);
    for (const record of this.#table.all()) {
      if (isBeforeExit(record)) {
        this.#pace.update(record);
      }
    }
  }
}

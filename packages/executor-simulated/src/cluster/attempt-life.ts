import { toNumber } from "@ertis/quantities";
import type { AttemptKey, AttemptOutcome, Observation } from "@ertis/scheduler-engine";
import type { DesiredAttempt } from "@ertis/scheduler-runtime";
import { planAttempt } from "./attempt-plan.ts";
import {
  type AttemptRecord,
  compareKeys,
  heldNodes,
  isBeforeExit,
  lostWithNode,
  neverStarted,
  newRecord,
  newTenancies,
  StartLedger,
  tenancyOn,
  textOf,
} from "./attempt-record.ts";
import { type ClusterContext, violate } from "./cluster-context.ts";
import type { Happening, HappeningKind } from "./event-heap.ts";
import type { Tenancy } from "./node-table.ts";
import { forkStream } from "./random-stream.ts";
import { movedNode, type SiteMove } from "./site-move.ts";

/** 128 + SIGTERM and 128 + SIGKILL, as a shell reports them. */
const termExitCode = 143;
const killExitCode = 137;

/** What becomes of attempts: starting → running → exited → ended → forgotten. */
export class AttemptLife {
  readonly starts: StartLedger = new StartLedger();
  readonly #context: ClusterContext;
  readonly #records = new Map<string, AttemptRecord>();
  /** Which attempt holds a tenancy, for nodes that fail. */
  readonly #holders = new Map<Tenancy, AttemptRecord>();

  constructor(context: ClusterContext) {
    this.#context = context;
  }

  known(key: AttemptKey): AttemptRecord | undefined {
    return this.#records.get(textOf(key));
  }

  sorted(): readonly AttemptRecord[] {
    return [...this.#records.values()].toSorted((a, b) => compareKeys(a.key, b.key));
  }

  millijoulesOf(record: AttemptRecord): bigint {
    const { nodes, nowMs } = this.#context;
    const used = record.tenancies.map((tenancy) => nodes.tenancyMillijoules(tenancy, nowMs));
    return used.reduce((sum, each) => sum + each, 0n);
  }

  start(wish: DesiredAttempt): void {
    const key = wish.attempt;
    const plan = planAttempt(this.#context.seed, this.#context.physics, key, {
      workMs: toNumber(wish.work),
      workDoneMs: toNumber(wish.workDone),
      environment: wish.workload.environment,
    });
    const { capWatts } = wish.placement;
    const tenancies = newTenancies(wish.placement, plan, this.#context.nowMs);
    const graceMs = toNumber(wish.grace);
    const record = newRecord(key, { plan, tenancies, graceMs, capWatts, capOrder: 0 });
    this.#records.set(textOf(key), record);
    if (this.starts.start(key) > 1) {
      violate(this.#context, "started-twice", key, "the cluster itself started it again");
    }
    for (const tenancy of tenancies) {
      this.#context.nodes.add(tenancy);
      this.#holders.set(tenancy, record);
    }
    const runsAtMs = this.#context.nowMs + plan.startDelayMs;
    if (plan.isStartFailure) {
      this.#exitAt(record, runsAtMs);
    } else {
      this.#schedule("attempt-runs", record, runsAtMs);
    }
  }

  /** Takes in another cap; each node holds it a little later. An order that came before is done. */
  takeCap(wish: DesiredAttempt): void {
    const record = this.#records.get(textOf(wish.attempt));
    if (record === undefined || wish.capOrder <= record.capOrder || !isBeforeExit(record)) {
      return;
    }
    record.capOrder = wish.capOrder;
    record.capWatts = wish.capWatts;
    const { job, task, attempt } = record.key;
    for (const node of heldNodes(record)) {
      const stream = forkStream(
        this.#context.seed,
        `cap-${wish.capOrder}`,
        job,
        task,
        attempt,
        node,
      );
      if (!stream.happens(this.#context.physics.capLost)) {
        const atMs = this.#context.nowMs + stream.within(this.#context.physics.capDelayMs);
        this.#context.heap.push({ atMs, kind: "node-caps", job, task, attempt, node });
      }
    }
  }

  #holdCap(record: AttemptRecord, node: number): void {
    const tenancy = tenancyOn(record, node);
    if (tenancy === undefined || tenancy.releasedMs !== undefined || !isBeforeExit(record)) {
      return;
    }
    const { capWatts, capOrder } = record;
    this.#context.nodes.setCap(tenancy, capWatts, this.#context.nowMs);
    this.#setPace(record);
    this.#reportAbout(record, {
      kind: "cap-applied",
      attempt: record.key,
      nodes: [node],
      capWatts,
      order: capOrder,
    });
  }

  /** A gang is as fast as its slowest GPU. */
  #setPace(record: AttemptRecord): void {
    const { nowMs, nodes, physics } = this.#context;
    if (record.phase === "running") {
      const doneMs = ((nowMs - record.workAtMs) * record.speedPermille) / 1000;
      record.workLeftMs = Math.max(0, record.workLeftMs - doneMs);
      record.workAtMs = nowMs;
    }
    record.speedPermille = Math.min(
      1000,
      ...record.tenancies.map((tenancy) =>
        nodes.speedPermille(tenancy, physics.speedPermilleAtLowestCap),
      ),
    );
    if (record.phase === "running" && record.outcome === record.plan?.outcome) {
      this.#exitAt(record, nowMs + Math.ceil((record.workLeftMs * 1000) / record.speedPermille));
    }
  }

  stop(wish: DesiredAttempt): void {
    const record = this.#records.get(textOf(wish.attempt));
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
    this.reportEnd(record);
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
      this.#exitAt(record, exitAtMs);
    }
  }

  /** Attempts the scheduler does not know any more: running ones are stopped, ended ones forgotten. */
  dropUnwanted(wanted: ReadonlySet<string>): void {
    for (const [text, record] of this.#records) {
      if (wanted.has(text)) {
        continue;
      }
      if (record.phase === "ended") {
        this.#forgetRecord(record);
      } else {
        record.isOrphan = true;
        this.#stopRecord(record, record.graceMs);
      }
    }
  }

  forget(key: AttemptKey): void {
    const record = this.#records.get(textOf(key));
    if (record === undefined) {
      return;
    }
    if (record.phase === "ended") {
      this.#forgetRecord(record);
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

  #forgetRecord(record: AttemptRecord): void {
    this.#records.delete(textOf(record.key));
    this.starts.forget(record.key);
  }

  endWithoutStart(key: AttemptKey, outcome: AttemptOutcome): void {
    const nothing = { plan: undefined, tenancies: [], graceMs: 0, capWatts: 0, capOrder: 0 };
    const record = newRecord(key, nothing);
    record.phase = "ended";
    record.outcome = outcome;
    this.#records.set(textOf(key), record);
    this.#reportExit(record);
    this.#reportAbout(record, { kind: "stop-confirmed", attempt: key, nodes: [] });
  }

  isStillDue(happening: Happening): boolean {
    const record = this.#recordOf(happening);
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
    const record = this.#recordOf(happening);
    if (record === undefined) {
      return;
    }
    if (happening.kind === "attempt-runs") {
      this.#beginRunning(record);
    } else if (happening.kind === "attempt-exits") {
      this.#exit(record, record.outcome ?? record.plan?.outcome ?? neverStarted);
    } else if (happening.kind === "node-caps") {
      this.#holdCap(record, happening.node);
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
    this.#setPace(record);
    const naturalExitMs =
      this.#context.nowMs + Math.ceil((record.workLeftMs * 1000) / record.speedPermille);
    if (record.exitAtMs === undefined || naturalExitMs < record.exitAtMs) {
      record.outcome = record.plan?.outcome;
      this.#exitAt(record, naturalExitMs);
    }
    this.#reportAbout(record, { kind: "attempt-running", attempt: record.key });
  }

  /** The program has ended. By itself: all of its nodes are clear at once; else each one confirms. */
  #exit(record: AttemptRecord, outcome: AttemptOutcome): void {
    const isNatural = outcome === record.plan?.outcome;
    record.outcome = outcome;
    record.phase = "exited";
    if (isNatural) {
      for (const tenancy of record.tenancies) {
        this.#release(tenancy);
      }
    }
    record.energyJoules = Number(this.millijoulesOf(record) / 1000n);
    if (
      record.savesWork &&
      !isNatural &&
      outcome.kind === "failed" &&
      outcome.category !== "node"
    ) {
      this.#reportAbout(record, { kind: "checkpointed", attempt: record.key });
    }
    this.#reportExit(record);
    if (isNatural) {
      this.#reportAbout(record, { kind: "stop-confirmed", attempt: record.key, nodes: [] });
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
      this.#release(tenancy);
    }
    this.#reportAbout(record, { kind: "stop-confirmed", attempt: record.key, nodes: [node] });
    this.#endIfClear(record);
  }

  #release(tenancy: Tenancy): void {
    if (tenancy.releasedMs === undefined) {
      this.#context.nodes.release(tenancy, this.#context.nowMs);
      this.#holders.delete(tenancy);
    }
  }

  #endIfClear(record: AttemptRecord): void {
    if (record.phase === "exited" && heldNodes(record).length === 0) {
      record.phase = "ended";
      if (record.isOrphan) {
        this.#forgetRecord(record);
      }
    }
  }

  /** A gang does not outlive one of its nodes; the lost node itself confirms nothing. */
  failAttemptsOn(node: number): void {
    for (const record of this.#recordsOn(node)) {
      if (isBeforeExit(record)) {
        this.#exit(record, lostWithNode);
      }
    }
  }

  releaseAllOn(node: number): void {
    for (const record of this.#recordsOn(node)) {
      if (isBeforeExit(record)) {
        this.#exit(record, lostWithNode);
      }
      this.#confirm(record, node);
    }
  }

  /** Attempts that hold something on the node. */
  holdersOn(node: number): readonly AttemptKey[] {
    return this.#recordsOn(node).map((record) => record.key);
  }

  /** The nodes are known by other positions from now on. */
  move(move: SiteMove): void {
    for (const record of this.#records.values()) {
      record.tenancies = record.tenancies.filter((tenancy) => {
        tenancy.node = movedNode(move, tenancy.node);
        return tenancy.node >= 0;
      });
    }
  }

  #recordsOn(node: number): readonly AttemptRecord[] {
    return this.#context.nodes
      .tenants(node)
      .flatMap((tenancy) => this.#holders.get(tenancy) ?? [])
      .toSorted((a, b) => compareKeys(a.key, b.key));
  }

  #reportExit(record: AttemptRecord): void {
    this.#reportAbout(record, {
      kind: "attempt-exited",
      attempt: record.key,
      outcome: record.outcome ?? neverStarted,
      energyJoules: record.energyJoules,
    });
  }

  /** Says again how an attempt ended, unless the scheduler has yet to take in that it did. */
  reportEnd(record: AttemptRecord): void {
    const isPending = record.reportedSequence > this.#context.outbox.acknowledged;
    if (isPending || isBeforeExit(record)) {
      return;
    }
    this.#reportExit(record);
    if (record.phase === "ended") {
      this.#reportAbout(record, { kind: "stop-confirmed", attempt: record.key, nodes: [] });
      return;
    }
    const held = new Set(heldNodes(record));
    const nodes = record.tenancies.flatMap(({ node }) => (held.has(node) ? [] : [node]));
    if (nodes.length > 0) {
      this.#reportAbout(record, { kind: "stop-confirmed", attempt: record.key, nodes });
    }
  }

  /** How every attempt stands, for a scheduler that starts anew. */
  reportEverything(): void {
    for (const record of [...this.#records.values()].toSorted((a, b) =>
      compareKeys(a.key, b.key),
    )) {
      if (record.reportedSequence > this.#context.outbox.acknowledged) {
        continue;
      }
      if (record.phase === "running") {
        this.#reportAbout(record, { kind: "attempt-running", attempt: record.key });
      } else {
        this.reportEnd(record);
      }
    }
  }

  #reportAbout(record: AttemptRecord, observation: Observation): void {
    record.reportedSequence = this.#context.outbox.add(this.#context.nowMs, observation);
  }

  #recordOf(happening: Happening): AttemptRecord | undefined {
    return this.#records.get(textOf(happening));
  }

  #exitAt(record: AttemptRecord, atMs: number): void {
    record.exitAtMs = atMs;
    this.#schedule("attempt-exits", record, atMs);
  }

  #schedule(kind: HappeningKind, record: AttemptRecord, atMs: number): void {
    const { job, task, attempt } = record.key;
    this.#context.heap.push({ atMs, kind, job, task, attempt, node: -1 });
  }
}

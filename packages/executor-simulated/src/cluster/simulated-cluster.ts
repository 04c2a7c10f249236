import { toNumber } from "@ertis/quantities";
import type { AttemptKey, AttemptOutcome, Observation } from "@ertis/scheduler-engine";
import type { DesiredAttempt, DesiredChange } from "@ertis/scheduler-runtime";
import { planAttempt } from "./attempt-plan.ts";
import {
  type AttemptPhase,
  type AttemptRecord,
  compareKeys,
  StartLedger,
  textOf,
} from "./attempt-record.ts";
import { EventHeap, type Happening, type HappeningKind } from "./event-heap.ts";
import { NodeLife } from "./node-life.ts";
import {
  type ClusterSite,
  countBits,
  NodeTable,
  type NodeState,
  type Tenancy,
} from "./node-table.ts";
import { type NumberedObservation, Outbox } from "./outbox.ts";
import { type Physics, physicsWith } from "./physics.ts";
import { placementProblem } from "./placement-check.ts";
import { forkStream } from "./random-stream.ts";
import { type Violation, ViolationLog, type ViolationKind } from "./violations.ts";

/** What is really there, sorted. */
export interface ClusterInventory {
  /** Generation of the newest accepted wish. */
  readonly generation: number;
  readonly attempts: readonly {
    readonly attempt: AttemptKey;
    readonly phase: AttemptPhase;
    /** Nodes that it still holds. */
    readonly nodes: readonly number[];
  }[];
  /** Nodes that are not up. */
  readonly nodes: readonly { readonly node: number; readonly state: NodeState }[];
}

export type RealizeResult =
  | { readonly kind: "accepted" }
  /** The wish is older than one already accepted; nothing was done. */
  | { readonly kind: "refused-old-generation"; readonly newestGeneration: number };

/** An imaginary cluster. Synchronous and without a clock: every moment comes in, and never goes back. */
export interface SimulatedCluster {
  readonly site: ClusterSite;
  /** Lets happen what is due, then takes the wish. Safe to repeat. */
  realize(change: DesiredChange, nowMs: number): RealizeResult;
  /** Attempts that ran in an earlier life of this cluster: reported as ended by the loss of their nodes. */
  declareLost(attempts: readonly AttemptKey[], nowMs: number): void;
  /** Lets happen everything due up to and including `nowMs`. */
  advance(nowMs: number): void;
  /** When something happens next by itself; undefined: never. */
  nextEventAt(): number | undefined;
  /** Reports after `afterSequence` that were not acknowledged, in order, at most `countMax`. */
  observations(afterSequence: number, countMax: number): readonly NumberedObservation[];
  /** The scheduler has made durable what follows from all reports up to `sequence`. */
  acknowledge(sequence: number): void;
  inventory(): ClusterInventory;
  /** What the node draws as of the last advance. */
  drawWatts(node: number): number;
  /** The most the node may draw now, by the same rule as the scheduler's admission. */
  boundWatts(node: number): number;
  siteDrawWatts(): number;
  /** Energy of all nodes since the start, idle draw included. */
  siteMillijoules(): bigint;
  /** Draw of the attempt above idle plus its GPUs' share of idle; undefined for unknown ones. */
  energyOf(attempt: AttemptKey): bigint | undefined;
  startsOf(attempt: AttemptKey): number;
  readonly startCount: number;
  readonly startsPerAttemptMax: number;
  readonly violationCount: number;
  /** The first ones, see `violationCount` for how many there were. */
  violations(): readonly Violation[];
}

export interface SimulatedClusterOptions {
  readonly site: ClusterSite;
  /** Any whole number; the same seed and wishes give the same reports. */
  readonly seed: number;
  /** When this cluster came to life. Attempts placed before are never started, see `realize`. */
  readonly startMs: number;
  /**
   * True for a cluster that may have had an earlier life in which attempts already ran: a wish to
   * run one that was placed before `startMs` is then answered as a node failure, because starting
   * it could be the second time.
   */
  readonly hadEarlierLife?: boolean;
  readonly physics?: Partial<Physics>;
}

const nowhere = { job: -1, task: -1, attempt: -1, node: -1 };
const lostWithNode: AttemptOutcome = { kind: "failed", category: "node", exitCode: 0 };
const neverStarted: AttemptOutcome = { kind: "failed", category: "start", exitCode: 0 };
/** 128 + SIGTERM and 128 + SIGKILL, as a shell reports them. */
const termExitCode = 143;
const killExitCode = 137;

export function createSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  return new Cluster(options);
}

class Cluster implements SimulatedCluster {
  readonly site: ClusterSite;
  readonly #seed: number;
  readonly #physics: Physics;
  readonly #startMs: number;
  readonly #hadEarlierLife: boolean;
  readonly #nodes: NodeTable;
  readonly #nodeLife: NodeLife;
  readonly #heap = new EventHeap();
  readonly #outbox = new Outbox();
  readonly #starts = new StartLedger();
  readonly #violations = new ViolationLog();
  readonly #records = new Map<string, AttemptRecord>();
  /** Which attempt holds a tenancy, for nodes that fail. */
  readonly #holders = new Map<Tenancy, AttemptRecord>();
  #nowMs: number;
  #generation = 0;

  constructor(options: SimulatedClusterOptions) {
    this.site = options.site;
    this.#seed = options.seed;
    this.#physics = physicsWith(options.physics ?? {});
    this.#startMs = options.startMs;
    this.#hadEarlierLife = options.hadEarlierLife ?? false;
    this.#nowMs = options.startMs;
    this.#nodes = new NodeTable(options.site, options.startMs, this.#physics);
    this.#nodeLife = new NodeLife(this.#seed, this.#physics, this.#nodes, {
      schedule: (kind, node, atMs) => this.#heap.push({ ...nowhere, atMs, kind, node }),
      report: (observation) => this.#report(observation),
      acknowledged: () => this.#outbox.acknowledged,
      nodeFailed: (node) => this.#failAttemptsOn(node),
      nodePoweredOff: (node) => this.#releaseAllOn(node),
    });
    this.#nodeLife.begin(this.site.nodes.length, options.startMs);
  }

  get startCount(): number {
    return this.#starts.startCount;
  }

  get startsPerAttemptMax(): number {
    return this.#starts.perAttemptMax;
  }

  get violationCount(): number {
    return this.#violations.count;
  }

  violations(): readonly Violation[] {
    return this.#violations.kept;
  }

  startsOf(attempt: AttemptKey): number {
    return this.#starts.countOf(attempt);
  }

  observations(afterSequence: number, countMax: number): readonly NumberedObservation[] {
    return this.#outbox.pending(afterSequence, countMax);
  }

  acknowledge(sequence: number): void {
    this.#outbox.acknowledge(sequence);
  }

  drawWatts(node: number): number {
    return this.#nodes.drawWatts(node, this.#nowMs);
  }

  boundWatts(node: number): number {
    return this.#nodes.boundWatts(node);
  }

  siteDrawWatts(): number {
    return this.#nodes.siteDrawWatts(this.#nowMs);
  }

  siteMillijoules(): bigint {
    return this.#nodes.siteMillijoules(this.#nowMs);
  }

  energyOf(attempt: AttemptKey): bigint | undefined {
    const record = this.#records.get(textOf(attempt));
    return record === undefined ? undefined : this.#millijoulesOf(record);
  }

  #millijoulesOf(record: AttemptRecord): bigint {
    let total = 0n;
    for (const tenancy of record.tenancies) {
      total += this.#nodes.tenancyMillijoules(tenancy, this.#nowMs);
    }
    return total;
  }

  inventory(): ClusterInventory {
    const records = [...this.#records.values()].toSorted((a, b) => compareKeys(a.key, b.key));
    return {
      generation: this.#generation,
      attempts: records.map((record) => ({
        attempt: record.key,
        phase: record.phase,
        nodes: heldNodes(record),
      })),
      nodes: this.#nodeLife.statesNotUp(this.site.nodes.length),
    };
  }

  nextEventAt(): number | undefined {
    for (;;) {
      const next = this.#heap.peek();
      if (next === undefined || this.#isStillDue(next)) {
        return next?.atMs;
      }
      this.#heap.pop();
    }
  }

  advance(nowMs: number): void {
    for (;;) {
      const next = this.#heap.peek();
      if (next === undefined || next.atMs > nowMs) {
        break;
      }
      this.#heap.pop();
      if (this.#isStillDue(next)) {
        this.#nowMs = Math.max(this.#nowMs, next.atMs);
        this.#happen(next);
      }
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  realize(change: DesiredChange, nowMs: number): RealizeResult {
    this.advance(nowMs);
    if (change.generation < this.#generation) {
      return { kind: "refused-old-generation", newestGeneration: this.#generation };
    }
    this.#generation = change.generation;
    if (change.isComplete) {
      this.#dropUnwanted(new Set(change.attempts.map((wish) => textOf(wish.attempt))));
    }
    for (const key of change.forget) {
      this.#forget(key);
    }
    for (const node of change.powerOff) {
      this.#nodeLife.askPowerOff(node, this.#nowMs);
    }
    // In order of their names, so that it does not matter in which order the wishes were written.
    const wishes = change.attempts.toSorted((a, b) => compareKeys(a.attempt, b.attempt));
    for (const wish of wishes.filter((each) => each.want === "stop")) {
      this.#stop(wish);
    }
    for (const wish of wishes.filter((each) => each.want !== "stop")) {
      this.#run(wish);
    }
    if (change.isComplete) {
      this.#reportEverything();
    }
    return { kind: "accepted" };
  }

  declareLost(attempts: readonly AttemptKey[], nowMs: number): void {
    this.advance(nowMs);
    for (const key of attempts) {
      if (!this.#records.has(textOf(key)) && !this.#starts.isForgotten(key)) {
        this.#endWithoutStart(key, lostWithNode);
      }
    }
  }

  #run(wish: DesiredAttempt): void {
    const key = wish.attempt;
    const known = this.#records.get(textOf(key));
    if (known !== undefined) {
      this.#reportEnd(known);
      return;
    }
    if (this.#starts.isForgotten(key)) {
      this.#violate("wanted-after-forget", key, "it was released for good before");
      this.#endWithoutStart(key, neverStarted);
      return;
    }
    if (this.#hadEarlierLife && toNumber(wish.startedAt) < this.#startMs) {
      this.#endWithoutStart(key, lostWithNode);
      return;
    }
    const problem = placementProblem(wish.placement, this.site.id, this.#nodes);
    if (problem !== undefined) {
      this.#violate(problem.kind, key, problem.detail);
      this.#endWithoutStart(key, neverStarted);
      return;
    }
    for (const node of wish.placement.nodes) {
      const state = this.#nodes.state(node);
      if (state === "lost" || state === "off") {
        if (this.#nodeLife.isLossAcknowledged(node)) {
          this.#violate("node-not-ready", key, `node ${node} is ${state}`);
        }
        this.#endWithoutStart(key, lostWithNode);
        return;
      }
    }
    this.#start(wish);
  }

  #start(wish: DesiredAttempt): void {
    const key = wish.attempt;
    const plan = planAttempt(this.#seed, this.#physics, key, {
      walltimeMs: Math.max(0, toNumber(wish.endsBy) - toNumber(wish.startedAt)),
      environment: wish.workload.environment,
    });
    const tenancies = wish.placement.nodes.map((node, position): Tenancy => {
      const gpuMask = wish.placement.gpuMasks[position] ?? 0;
      return {
        node,
        gpuMask,
        gpuCount: countBits(gpuMask),
        drawPermille: plan.drawPermille,
        noiseLane: plan.noiseLane,
        heldFromMs: this.#nowMs,
        releasedMs: undefined,
        isDrawing: false,
        settledMs: this.#nowMs,
        settledMillijoules: 0n,
      };
    });
    const record = newRecord(key, { plan, tenancies, graceMs: toNumber(wish.grace) });
    this.#records.set(textOf(key), record);
    if (this.#starts.start(key) > 1) {
      this.#violate("started-twice", key, "the cluster itself started it again");
    }
    for (const tenancy of tenancies) {
      this.#nodeLife.work(tenancy.node, this.#nowMs);
      this.#nodes.add(tenancy);
      this.#holders.set(tenancy, record);
    }
    const runsAtMs = this.#nowMs + plan.startDelayMs;
    if (plan.isStartFailure) {
      this.#exitAt(record, runsAtMs);
    } else {
      this.#schedule("attempt-runs", record, runsAtMs);
    }
  }

  #stop(wish: DesiredAttempt): void {
    const record = this.#records.get(textOf(wish.attempt));
    if (record === undefined) {
      if (!this.#starts.isForgotten(wish.attempt)) {
        // It never got here, or not in this life: nothing of it runs, and nothing ever will.
        this.#endWithoutStart(wish.attempt, neverStarted);
      }
      return;
    }
    this.#reportEnd(record);
    this.#stopRecord(record, toNumber(wish.grace));
  }

  #stopRecord(record: AttemptRecord, graceMs: number): void {
    if (record.phase !== "starting" && record.phase !== "running") {
      return;
    }
    const termExitMs = record.plan?.termExitMs;
    const isKilled = termExitMs === undefined || termExitMs > graceMs;
    const exitAtMs = this.#nowMs + (isKilled ? graceMs : termExitMs);
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
  #dropUnwanted(wanted: ReadonlySet<string>): void {
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

  #forget(key: AttemptKey): void {
    const record = this.#records.get(textOf(key));
    if (record === undefined) {
      return;
    }
    if (record.phase === "ended") {
      this.#forgetRecord(record);
      return;
    }
    this.#violate("forgotten-while-running", key, `it is ${record.phase}`);
    record.isOrphan = true;
    this.#stopRecord(record, record.graceMs);
  }

  #forgetRecord(record: AttemptRecord): void {
    this.#records.delete(textOf(record.key));
    this.#starts.forget(record.key);
  }

  #isStillDue(happening: Happening): boolean {
    switch (happening.kind) {
      case "node-fails":
      case "node-powers-off":
      case "node-asks":
        return this.#nodeLife.isStillDue(happening.kind, happening.node, happening.atMs);
      case "attempt-runs":
        return this.#recordOf(happening)?.phase === "starting";
      case "attempt-exits": {
        const record = this.#recordOf(happening);
        return (
          record !== undefined &&
          record.exitAtMs === happening.atMs &&
          (record.phase === "starting" || record.phase === "running")
        );
      }
      case "node-confirms": {
        const tenancy = tenancyOn(this.#recordOf(happening), happening.node);
        return tenancy?.releasedMs === undefined && this.#nodes.state(happening.node) === "up";
      }
    }
  }

  #happen(happening: Happening): void {
    switch (happening.kind) {
      case "node-fails":
      case "node-powers-off":
      case "node-asks":
        this.#nodeLife.happen(happening.kind, happening.node, this.#nowMs);
        return;
      case "attempt-runs":
      case "attempt-exits":
      case "node-confirms":
        break;
    }
    const record = this.#recordOf(happening);
    if (record === undefined) {
      return;
    }
    if (happening.kind === "attempt-runs") {
      this.#beginRunning(record);
    } else if (happening.kind === "attempt-exits") {
      this.#exit(record, record.outcome ?? record.plan?.outcome ?? neverStarted);
    } else {
      this.#confirm(record, happening.node);
    }
  }

  #beginRunning(record: AttemptRecord): void {
    record.phase = "running";
    for (const tenancy of record.tenancies) {
      if (tenancy.releasedMs === undefined) {
        this.#nodes.startDrawing(tenancy, this.#nowMs);
      }
    }
    const naturalExitMs = this.#nowMs + (record.plan?.runtimeMs ?? 0);
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
    record.energyJoules = Number(this.#millijoulesOf(record) / 1000n);
    this.#reportExit(record);
    if (isNatural) {
      this.#reportAbout(record, { kind: "stop-confirmed", attempt: record.key, nodes: [] });
    } else {
      for (const node of heldNodes(record)) {
        if (this.#nodes.state(node) === "up") {
          this.#scheduleConfirm(record, node);
        }
      }
    }
    this.#endIfClear(record);
  }

  #scheduleConfirm(record: AttemptRecord, node: number): void {
    const { job, task, attempt } = record.key;
    const stream = forkStream(this.#seed, "stop-confirm", job, task, attempt, node);
    const atMs = this.#nowMs + stream.within(this.#physics.stopConfirmMs);
    this.#heap.push({ atMs, kind: "node-confirms", job, task, attempt, node });
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
      this.#nodes.release(tenancy, this.#nowMs);
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
  #failAttemptsOn(node: number): void {
    for (const record of this.#recordsOn(node)) {
      if (record.phase === "starting" || record.phase === "running") {
        this.#exit(record, lostWithNode);
      }
    }
  }

  #releaseAllOn(node: number): void {
    for (const record of this.#recordsOn(node)) {
      if (record.phase === "starting" || record.phase === "running") {
        this.#exit(record, lostWithNode);
      }
      this.#confirm(record, node);
    }
  }

  #recordsOn(node: number): readonly AttemptRecord[] {
    return this.#nodes
      .tenants(node)
      .flatMap((tenancy) => this.#holders.get(tenancy) ?? [])
      .toSorted((a, b) => compareKeys(a.key, b.key));
  }

  #endWithoutStart(key: AttemptKey, outcome: AttemptOutcome): void {
    const record = newRecord(key, { plan: undefined, tenancies: [], graceMs: 0 });
    record.phase = "ended";
    record.outcome = outcome;
    this.#records.set(textOf(key), record);
    this.#reportExit(record);
    this.#reportAbout(record, { kind: "stop-confirmed", attempt: key, nodes: [] });
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
  #reportEnd(record: AttemptRecord): void {
    const isPending = record.reportedSequence > this.#outbox.acknowledged;
    if (isPending || record.phase === "starting" || record.phase === "running") {
      return;
    }
    this.#reportExit(record);
    if (record.phase === "ended") {
      this.#reportAbout(record, { kind: "stop-confirmed", attempt: record.key, nodes: [] });
      return;
    }
    const clear = record.tenancies.filter((tenancy) => tenancy.releasedMs !== undefined);
    if (clear.length > 0) {
      const nodes = clear.map((tenancy) => tenancy.node);
      this.#reportAbout(record, { kind: "stop-confirmed", attempt: record.key, nodes });
    }
  }

  /** What really runs and which nodes are missing, for a scheduler that starts anew. */
  #reportEverything(): void {
    this.#nodeLife.reportAgain(this.site.nodes.length, this.#nowMs);
    for (const record of [...this.#records.values()].toSorted((a, b) =>
      compareKeys(a.key, b.key),
    )) {
      if (record.reportedSequence > this.#outbox.acknowledged) {
        continue;
      }
      if (record.phase === "running") {
        this.#reportAbout(record, { kind: "attempt-running", attempt: record.key });
      } else {
        this.#reportEnd(record);
      }
    }
  }

  #report(observation: Observation): number {
    return this.#outbox.add(this.#nowMs, observation);
  }

  #reportAbout(record: AttemptRecord, observation: Observation): void {
    record.reportedSequence = this.#report(observation);
  }

  #violate(kind: ViolationKind, attempt: AttemptKey, detail: string): void {
    this.#violations.add({ kind, atMs: this.#nowMs, attempt, detail });
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
    this.#heap.push({ atMs, kind, job, task, attempt, node: -1 });
  }
}

function newRecord(
  key: AttemptKey,
  parts: Pick<AttemptRecord, "plan" | "tenancies" | "graceMs">,
): AttemptRecord {
  return {
    key: { job: key.job, task: key.task, attempt: key.attempt },
    ...parts,
    phase: "starting",
    exitAtMs: undefined,
    outcome: undefined,
    energyJoules: 0,
    reportedSequence: 0,
    isOrphan: false,
  };
}

function heldNodes(record: AttemptRecord): readonly number[] {
  return record.tenancies.flatMap((tenancy) =>
    tenancy.releasedMs === undefined ? [tenancy.node] : [],
  );
}

function tenancyOn(record: AttemptRecord | undefined, node: number): Tenancy | undefined {
  return record?.tenancies.find((tenancy) => tenancy.node === node);
}

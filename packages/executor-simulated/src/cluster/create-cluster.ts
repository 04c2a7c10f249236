import { toNumber } from "@ertis/quantities";
import type { AttemptKey } from "@ertis/scheduler-engine";
import type { DesiredAttempt, DesiredChange, MeasuredDraw } from "@ertis/scheduler-runtime";
import { AttemptLife } from "./attempt-life.ts";
import { compareKeys, heldNodes, lostWithNode, neverStarted, textOf } from "./attempt-record.ts";
import { type ClusterContext, violate } from "./cluster-context.ts";
import type { ClusterSite } from "./cluster-site.ts";
import { DrawMeter } from "./draw-meter.ts";
import { EventHeap, type Happening } from "./event-heap.ts";
import { NodeLife } from "./node-life.ts";
import { NodeTable } from "./node-table.ts";
import { type NumberedObservation, Outbox } from "./outbox.ts";
import { physicsWith } from "./physics.ts";
import { placementProblem } from "./placement-check.ts";
import type {
  ClusterInventory,
  RealizeResult,
  SimulatedCluster,
  SimulatedClusterOptions,
  TakeSiteResult,
} from "./simulated-cluster.ts";
import { movedHappening, movedObservation, moveBetween, strandingReasons } from "./site-move.ts";
import { type Violation, ViolationLog } from "./violations.ts";

export function createSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  return new Cluster(options);
}

class Cluster implements SimulatedCluster {
  #site: ClusterSite;
  readonly #startMs: number;
  readonly #hadEarlierLife: boolean;
  readonly #context: ClusterContext;
  readonly #attempts: AttemptLife;
  readonly #nodeLife: NodeLife;
  readonly #meter: DrawMeter;
  #generation = 0;

  constructor(options: SimulatedClusterOptions) {
    const physics = physicsWith(options.physics ?? {});
    this.#site = options.site;
    this.#startMs = options.startMs;
    this.#hadEarlierLife = options.hadEarlierLife ?? false;
    this.#context = {
      seed: options.seed,
      physics,
      nodes: new NodeTable(options.site, options.startMs, physics),
      heap: new EventHeap(),
      outbox: new Outbox(),
      violations: new ViolationLog(),
      nowMs: options.startMs,
    };
    this.#attempts = new AttemptLife(this.#context);
    this.#nodeLife = new NodeLife(this.#context, this.#attempts);
    this.#meter = new DrawMeter(this.#context.nodes, options.startMs);
    this.#nodeLife.begin();
  }

  get site(): ClusterSite {
    return this.#site;
  }

  get startCount(): number {
    return this.#attempts.starts.startCount;
  }

  get startsPerAttemptMax(): number {
    return this.#attempts.starts.perAttemptMax;
  }

  get violationCount(): number {
    return this.#context.violations.count;
  }

  violations(): readonly Violation[] {
    return this.#context.violations.kept;
  }

  startsOf(attempt: AttemptKey): number {
    return this.#attempts.starts.countOf(attempt);
  }

  observations(afterSequence: number, countMax: number): readonly NumberedObservation[] {
    return this.#context.outbox.pending(afterSequence, countMax);
  }

  acknowledge(sequence: number): void {
    this.#context.outbox.acknowledge(sequence);
  }

  drawWatts(node: number): number {
    return this.#context.nodes.drawWatts(node, this.#context.nowMs);
  }

  boundWatts(node: number): number {
    return this.#context.nodes.boundWatts(node);
  }

  siteDrawWatts(): number {
    return this.#context.nodes.siteDrawWatts(this.#context.nowMs);
  }

  measure(nowMs: number): MeasuredDraw | undefined {
    this.advance(nowMs);
    return this.#meter.read(this.#attempts.sorted(), nowMs);
  }

  siteMillijoules(): bigint {
    return this.#context.nodes.siteMillijoules(this.#context.nowMs);
  }

  energyOf(attempt: AttemptKey): bigint | undefined {
    const record = this.#attempts.known(attempt);
    return record === undefined ? undefined : this.#attempts.millijoulesOf(record);
  }

  inventory(): ClusterInventory {
    return {
      generation: this.#generation,
      attempts: this.#attempts.sorted().map((record) => ({
        attempt: record.key,
        phase: record.phase,
        nodes: heldNodes(record),
      })),
      nodes: this.#nodeLife.statesNotUp(),
    };
  }

  nextEventAt(): number | undefined {
    for (;;) {
      const next = this.#context.heap.peek();
      if (next === undefined || this.#isStillDue(next)) {
        return next?.atMs;
      }
      this.#context.heap.pop();
    }
  }

  advance(nowMs: number): void {
    for (;;) {
      const next = this.#context.heap.peek();
      if (next === undefined || next.atMs > nowMs) {
        break;
      }
      this.#context.heap.pop();
      if (this.#isStillDue(next)) {
        this.#context.nowMs = Math.max(this.#context.nowMs, next.atMs);
        this.#happen(next);
      }
    }
    this.#context.nowMs = Math.max(this.#context.nowMs, nowMs);
  }

  realize(change: DesiredChange, nowMs: number): RealizeResult {
    this.advance(nowMs);
    if (change.generation < this.#generation) {
      return { kind: "refused-old-generation", newestGeneration: this.#generation };
    }
    this.#generation = change.generation;
    if (change.isComplete) {
      this.#attempts.dropUnwanted(new Set(change.attempts.map((wish) => textOf(wish.attempt))));
    }
    for (const key of change.forget) {
      this.#attempts.forget(key);
    }
    for (const node of change.powerOff) {
      this.#nodeLife.askPowerOff(node);
    }
    if (change.isComplete) {
      this.#nodeLife.match(new Set(change.powerOn), new Set(change.powerOff));
    } else {
      for (const node of change.powerOn) {
        this.#nodeLife.grant(node);
      }
    }
    // In order of their names, so that it does not matter in which order the wishes were written.
    const wishes = change.attempts.toSorted((a, b) => compareKeys(a.attempt, b.attempt));
    for (const wish of wishes.filter((each) => each.want === "stop")) {
      this.#attempts.stop(wish);
    }
    for (const wish of wishes.filter((each) => each.want !== "stop")) {
      this.#run(wish);
    }
    if (change.isComplete) {
      this.#nodeLife.reportAgain();
      this.#attempts.reports.repeatAll(this.#attempts.sorted());
    }
    return { kind: "accepted" };
  }

  takeSite(site: ClusterSite, nowMs: number): TakeSiteResult {
    if (site.id !== this.#site.id) {
      return {
        kind: "refused",
        reasons: [`this is a cluster of ${this.#site.id}, not ${site.id}`],
      };
    }
    this.advance(nowMs);
    const move = moveBetween(this.#site, site);
    const reasons = strandingReasons(move, (node) => this.#attempts.holdersOn(node));
    if (reasons.length > 0) {
      return { kind: "refused", reasons };
    }
    this.#site = site;
    this.#context.nodes.move(move, this.#context.nowMs);
    this.#attempts.move(move);
    this.#nodeLife.move(move);
    this.#context.heap.replaceEach((happening) => movedHappening(happening, move));
    this.#context.outbox.replaceEach((observation) => movedObservation(observation, move));
    return { kind: "taken" };
  }

  declareLost(attempts: readonly AttemptKey[], nowMs: number): void {
    this.advance(nowMs);
    for (const key of attempts) {
      if (this.#attempts.known(key) === undefined && !this.#attempts.starts.isForgotten(key)) {
        this.#attempts.endWithoutStart(key, lostWithNode);
      }
    }
  }

  #run(wish: DesiredAttempt): void {
    const key = wish.attempt;
    const known = this.#attempts.known(key);
    if (known !== undefined) {
      this.#attempts.reports.repeatEnd(known);
      this.#attempts.takeCap(wish);
      return;
    }
    if (this.#attempts.starts.isForgotten(key)) {
      violate(this.#context, "wanted-after-forget", key, "it was released for good before");
      this.#attempts.endWithoutStart(key, neverStarted);
      return;
    }
    if (this.#hadEarlierLife && toNumber(wish.startedAt) < this.#startMs) {
      this.#attempts.endWithoutStart(key, lostWithNode);
      return;
    }
    const problem = placementProblem(wish.placement, this.site.id, this.#context.nodes);
    if (problem !== undefined) {
      violate(this.#context, problem.kind, key, problem.detail);
      this.#attempts.endWithoutStart(key, neverStarted);
      return;
    }
    for (const node of wish.placement.nodes) {
      const state = this.#context.nodes.state(node);
      if (state !== "up") {
        if (this.#nodeLife.isLossAcknowledged(node)) {
          violate(this.#context, "node-not-ready", key, `node ${node} is ${state}`);
        }
        this.#attempts.endWithoutStart(key, lostWithNode);
        return;
      }
    }
    this.#attempts.start(wish);
    this.#attempts.takeCap(wish);
  }

  #isStillDue(happening: Happening): boolean {
    switch (happening.kind) {
      case "node-fails":
      case "node-powers-off":
      case "node-asks":
        return this.#nodeLife.isStillDue(happening.kind, happening.node, happening.atMs);
      case "attempt-runs":
      case "attempt-exits":
      case "node-confirms":
      case "node-caps":
        return this.#attempts.isStillDue(happening);
    }
  }

  #happen(happening: Happening): void {
    switch (happening.kind) {
      case "node-fails":
      case "node-powers-off":
      case "node-asks":
        this.#nodeLife.happen(happening.kind, happening.node);
        return;
      case "attempt-runs":
      case "attempt-exits":
      case "node-confirms":
      case "node-caps":
        this.#attempts.happen(happening);
    }
  }
}

import { toNumber } from "@ertis/quantities";
import type { CapPoint } from "@ertis/power-planning";
import type {
  AttemptKey,
  CapSet,
  Event,
  Observation,
  Placement,
  StopReason,
} from "@ertis/scheduler-engine";
import type { NodeClass, Site } from "@ertis/site-model";
import { forkStream, type RandomStream } from "../chance/random-stream.ts";
import { TimeHeap } from "../chance/time-heap.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { noiseFactor, PlantNoise } from "./plant-noise.ts";
import { orderOf } from "../check/site-book.ts";
import { countWork, type PlantAttempt, speedOf } from "./plant-attempt.ts";
import { PlantPower } from "./plant-power.ts";
import type { PlantRules, Range } from "./plant-rules.ts";
import { trueCurve } from "./true-curve.ts";

type Happening =
  | { readonly kind: "runs" | "saved" | "stopped"; readonly attempt: PlantAttempt }
  | { readonly kind: "ends"; readonly attempt: PlantAttempt; readonly plan: number }
  | { readonly kind: "confirms"; readonly attempt: PlantAttempt; readonly nodes: readonly number[] }
  | {
      readonly kind: "cap-holds" | "cap-told";
      readonly attempt: PlantAttempt;
      readonly capWatts: number;
      readonly order: number;
    }
  | {
      readonly kind: "node-lost" | "node-fenced" | "node-repaired" | "node-off" | "node-on";
      readonly node: number;
    };

type NodePhase = "on" | "failed" | "off";

export interface PlantOptions {
  readonly site: Site;
  readonly rules: PlantRules;
  readonly seed: number;
  /** Points for a GPU model and class, as measured; undefined: it cannot be capped. */
  readonly pointsFor: (gpuModel: string, workloadClass: string) => readonly CapPoint[] | undefined;
  readonly jobOf: (job: number) => SimulatedJob | undefined;
}

/**
 * What really happens: programs run, draw, end and fail. It hears what the scheduler decided and says
 * what an executor would say; its curves, noise and failures are its own.
 */
export class Plant {
  readonly power: PlantPower;
  readonly attempts: Map<string, PlantAttempt> = new Map();
  /** GPUs' worth of speed that running jobs lose to caps and missing nodes. */
  lostGpus = 0;
  /** GPU-ms at full speed that were done and kept, and those that were done and lost. */
  keptGpuMs = 0;
  wastedGpuMs = 0;
  readonly #options: PlantOptions;
  readonly #chance: RandomStream;
  readonly #heap = new TimeHeap<Happening>();
  readonly #nodePhase: NodePhase[];
  readonly #onNode: Set<PlantAttempt>[];
  readonly #noise: PlantNoise;
  /** Work left of jobs that were saved. */
  readonly #saved = new Map<number, number>();
  #said: Observation[] = [];
  #capsAreStuck = false;

  constructor(options: PlantOptions) {
    const { site, seed, rules } = options;
    this.#options = options;
    this.power = new PlantPower(site);
    this.#chance = forkStream(seed, "plant");
    this.#noise = new PlantNoise(seed, rules);
    this.#nodePhase = site.nodes.map(() => "on");
    this.#onNode = site.nodes.map(() => new Set());
    for (const node of site.nodes) {
      this.#drawNode(node.index);
    }
  }

  nextAtMs(): number {
    return this.#heap.nextAtMs();
  }

  /** What an executor has to say since the last time. */
  takeSaid(): readonly Observation[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  /** Lets everything happen that is due. */
  advance(nowMs: number): void {
    for (;;) {
      const due = this.#heap.takeDue(nowMs);
      if (due === undefined) {
        return;
      }
      this.#happen(due, nowMs);
    }
  }

  /** Hears one event of the scheduler. */
  hear(event: Event, nowMs: number): void {
    switch (event.kind) {
      case "attempt-started":
        return this.#start(event.attempt, event.placement, nowMs);
      case "stop-requested":
        return this.#stop(event.attempt, event.reason, nowMs);
      case "cap-set":
        return this.#sendCap(event, nowMs);
      case "node-returned":
        return this.#letIn(event.node);
      case "node-sleep-requested":
        return event.nodes.forEach((node) =>
          this.#heap.push(nowMs + this.#options.rules.sleepMs, { kind: "node-off", node }),
        );
      case "node-wake-requested":
        return event.nodes.forEach((node) =>
          this.#heap.push(nowMs + this.#options.rules.wakeMs, { kind: "node-on", node }),
        );
      default:
    }
  }

  /** Nodes that die at once, whatever runs on them. `repairMs` from the notice on; undefined: as drawn. */
  fail(nodes: readonly number[], nowMs: number, repairMs?: number): void {
    const { rules } = this.#options;
    for (const node of nodes) {
      if (this.#nodePhase[node] !== "on") {
        continue;
      }
      this.#nodePhase[node] = "failed";
      for (const attempt of this.#onNode[node] ?? []) {
        // A gang with a dead member makes no progress.
        countWork(attempt, nowMs);
        this.#setSpeed(attempt, 0);
        attempt.plan += 1;
        this.#drawAttempt(attempt, nowMs);
      }
      this.#drawNode(node);
      const noticedMs = nowMs + this.#draw(rules.noticeMs);
      const fencedMs = noticedMs + this.#draw(rules.fenceMs);
      this.#heap.push(noticedMs, { kind: "node-lost", node });
      this.#heap.push(fencedMs, { kind: "node-fenced", node });
      this.#heap.push(fencedMs + (repairMs ?? this.#draw(rules.repairMs)), {
        kind: "node-repaired",
        node,
      });
    }
  }

  /** A node that has to stay off for want of watts asks again later. */
  refused(node: number, nowMs: number): void {
    this.#heap.push(nowMs + 60_000, { kind: "node-on", node });
  }

  /** While stuck, GPUs take no new caps. */
  setCapsStuck(areStuck: boolean): void {
    this.#capsAreStuck = areStuck;
  }

  /** Draws the noise of this moment anew for everything that runs. */
  resample(nowMs: number): void {
    if (this.#noise.isSilent) {
      return;
    }
    for (const attempt of this.attempts.values()) {
      this.#drawAttempt(attempt, nowMs);
    }
  }

  isOn(node: number): boolean {
    return this.#nodePhase[node] === "on";
  }

  attemptWatts(attempt: PlantAttempt): number {
    return attempt.drawNodeWatts * attempt.nodes.length;
  }

  #happen(due: Happening, nowMs: number): void {
    switch (due.kind) {
      case "runs":
        return this.#run(due.attempt, nowMs);
      case "ends":
        if (due.plan === due.attempt.plan && due.attempt.phase === "running") {
          countWork(due.attempt, nowMs);
          this.#end(due.attempt, nowMs, true);
        }
        return;
      case "saved":
        if (due.attempt.phase === "saving") {
          this.#saved.set(due.attempt.key.job, due.attempt.workLeftMs);
          this.#said.push({ kind: "checkpointed", attempt: due.attempt.key });
          this.#end(due.attempt, nowMs, false);
        }
        return;
      case "stopped":
        if (due.attempt.phase !== "ended") {
          this.#end(due.attempt, nowMs, false);
        }
        return;
      case "confirms":
        return this.#confirm(due.attempt, due.nodes);
      case "cap-holds":
        return this.#holdCap(due, nowMs);
      case "cap-told":
        if (due.attempt.phase !== "ended" && due.attempt.sentOrder === due.order) {
          this.#said.push({
            kind: "cap-applied",
            attempt: due.attempt.key,
            nodes: this.#alive(due.attempt.nodes),
            capWatts: due.capWatts,
            order: due.order,
          });
        }
        return;
      default:
        return this.#happenToNode(due.kind, due.node);
    }
  }

  #happenToNode(kind: Extract<Happening, { readonly node: number }>["kind"], node: number): void {
    switch (kind) {
      case "node-lost":
        this.#said.push({ kind: "node-lost", node });
        return;
      case "node-fenced":
        this.#said.push({ kind: "node-powered-off", node });
        for (const attempt of this.#onNode[node] ?? []) {
          attempt.held = attempt.held.filter((one) => one !== node);
        }
        this.#onNode[node]?.clear();
        return;
      case "node-off":
        if (this.#nodePhase[node] === "on" && this.#onNode[node]?.size === 0) {
          this.#nodePhase[node] = "off";
          this.#drawNode(node);
          this.#said.push({ kind: "node-powered-off", node });
        }
        return;
      case "node-repaired":
      case "node-on":
        // Draws idle watts only once it is let in; what boots meanwhile is granted its bound first.
        this.#said.push({ kind: "node-ready", node });
    }
  }

  /** The scheduler let the node in: it is on. */
  #letIn(node: number): void {
    this.#nodePhase[node] = "on";
    this.#drawNode(node);
  }

  #start(key: AttemptKey, placement: Placement, nowMs: number): void {
    const job = this.#options.jobOf(key.job);
    if (job === undefined) {
      return;
    }
    const { nodes, capWatts } = placement;
    const attempt: PlantAttempt = {
      key,
      job,
      nodes,
      curve: this.#curveOf(job, nodes),
      noise: this.#noise.ofJob(job.index),
      startedAtMs: nowMs,
      phase: "starting",
      appliedCapWatts: nodes.map(() => capWatts),
      sentOrder: 0,
      ...this.#workOf(key.job, job),
      speed: 0,
      lost: 0,
      countedAtMs: nowMs,
      plan: 0,
      drawNodeWatts: 0,
      held: [...nodes],
      wasStopAsked: false,
    };
    this.attempts.set(keyOf(key), attempt);
    for (const node of nodes) {
      this.#onNode[node]?.add(attempt);
    }
    this.#heap.push(nowMs + this.#draw(this.#options.rules.startDelayMs), {
      kind: "runs",
      attempt,
    });
  }

  /** A job that was saved goes on where it was, after reading its checkpoint back. */
  #workOf(
    number: number,
    job: SimulatedJob,
  ): Pick<PlantAttempt, "workLeftMs" | "workAtStartMs" | "restoreMs"> {
    const saved = this.#saved.get(number);
    this.#saved.delete(number);
    const workAtStartMs = saved ?? job.durationMs;
    const restoreMs = saved === undefined ? 0 : (job.checkpoint?.restoreMs ?? 0);
    return { workLeftMs: workAtStartMs + restoreMs, workAtStartMs, restoreMs };
  }

  #curveOf(job: SimulatedJob, nodes: readonly number[]): PlantAttempt["curve"] {
    const nodeClass = this.#classOf(nodes[0] ?? 0);
    const points =
      nodeClass?.gpuCap === undefined
        ? undefined
        : this.#options.pointsFor(nodeClass.gpuModel, job.workloadClass);
    return points === undefined
      ? undefined
      : trueCurve(points, this.#noise.lossFactorOf(job.index));
  }

  #run(attempt: PlantAttempt, nowMs: number): void {
    if (attempt.phase !== "starting") {
      return;
    }
    attempt.phase = "running";
    this.#said.push({ kind: "attempt-running", attempt: attempt.key });
    this.#pace(attempt, nowMs);
  }

  /** Speed and draw follow from phase and caps; the end moves with them. */
  #pace(attempt: PlantAttempt, nowMs: number): void {
    countWork(attempt, nowMs);
    this.#setSpeed(attempt, attempt.nodes.every((node) => this.isOn(node)) ? speedOf(attempt) : 0);
    attempt.plan += 1;
    if (attempt.speed > 0) {
      this.#heap.push(nowMs + Math.ceil(attempt.workLeftMs / attempt.speed), {
        kind: "ends",
        attempt,
        plan: attempt.plan,
      });
    }
    this.#drawAttempt(attempt, nowMs);
  }

  #stop(key: AttemptKey, reason: StopReason, nowMs: number): void {
    const attempt = this.attempts.get(keyOf(key));
    if (attempt === undefined || attempt.phase === "ended" || attempt.wasStopAsked) {
      return;
    }
    attempt.wasStopAsked = true;
    const { checkpoint } = attempt.job;
    if (reason === "preemption" && checkpoint !== undefined && attempt.phase === "running") {
      countWork(attempt, nowMs);
      attempt.phase = "saving";
      this.#setSpeed(attempt, 0);
      attempt.plan += 1;
      this.#heap.push(nowMs + checkpoint.saveMs, { kind: "saved", attempt });
      return;
    }
    this.#heap.push(nowMs + this.#draw(this.#options.rules.stopDelayMs), {
      kind: "stopped",
      attempt,
    });
  }

  #end(attempt: PlantAttempt, nowMs: number, isDone: boolean): void {
    this.#credit(attempt, nowMs, isDone || attempt.phase === "saving");
    this.#setSpeed(attempt, 0);
    attempt.phase = "ended";
    this.#drawAttempt(attempt, nowMs);
    this.attempts.delete(keyOf(attempt.key));
    this.#said.push({
      kind: "attempt-exited",
      attempt: attempt.key,
      outcome: isDone
        ? { kind: "succeeded" }
        : { kind: "failed", category: "application", exitCode: 143 },
    });
    const confirmMs = nowMs + this.#draw(this.#options.rules.confirmDelayMs);
    const nodes = this.#alive(attempt.held);
    if (confirmMs === nowMs) {
      this.#confirm(attempt, nodes);
    } else {
      this.#heap.push(confirmMs, { kind: "confirms", attempt, nodes });
    }
  }

  /** Work that is done counts when it is kept. */
  #credit(attempt: PlantAttempt, nowMs: number, isKept: boolean): void {
    countWork(attempt, nowMs);
    const doneMs = Math.max(0, attempt.workAtStartMs - attempt.workLeftMs);
    const gpuMs = doneMs * attempt.job.nodeCount * attempt.job.gpusPerNode;
    if (isKept) {
      this.keptGpuMs += gpuMs;
    } else {
      this.wastedGpuMs += gpuMs;
    }
  }

  /** Counts what runs on at the end of a run as kept. */
  countAll(nowMs: number): void {
    for (const attempt of this.attempts.values()) {
      this.#credit(attempt, nowMs, true);
    }
  }

  #setSpeed(attempt: PlantAttempt, speed: number): void {
    const isCounted = attempt.phase === "running";
    const gpus = attempt.job.nodeCount * attempt.job.gpusPerNode;
    this.lostGpus += (isCounted ? 1 - speed - attempt.lost : -attempt.lost) * gpus;
    attempt.lost = isCounted ? 1 - speed : 0;
    attempt.speed = speed;
  }

  #confirm(attempt: PlantAttempt, nodes: readonly number[]): void {
    const alive = this.#alive(nodes);
    if (alive.length === 0) {
      return;
    }
    const isAll = alive.length === attempt.nodes.length;
    this.#said.push({
      kind: "stop-confirmed",
      attempt: attempt.key,
      nodes: isAll ? [] : alive,
    });
    const gone = new Set(alive);
    attempt.held = attempt.held.filter((node) => !gone.has(node));
    for (const node of alive) {
      this.#onNode[node]?.delete(attempt);
    }
  }

  /** The newest order counts: one that is overtaken is never carried out. */
  #sendCap(event: CapSet, nowMs: number): void {
    const { attempt: key, capWatts } = event;
    const attempt = this.attempts.get(keyOf(key));
    if (attempt === undefined) {
      return;
    }
    const { rules } = this.#options;
    const order = orderOf(event, attempt.sentOrder);
    attempt.sentOrder = order;
    let heldMs = nowMs + this.#draw(rules.capDelayMs);
    while (this.#chance.happens(rules.capLossShare)) {
      heldMs += rules.capRepeatMs;
    }
    this.#heap.push(heldMs, { kind: "cap-holds", attempt, capWatts, order });
  }

  #holdCap(due: Extract<Happening, { readonly capWatts: number }>, nowMs: number): void {
    const { attempt, capWatts, order } = due;
    const { rules } = this.#options;
    if (attempt.phase === "ended" || attempt.sentOrder !== order) {
      return;
    }
    if (this.#capsAreStuck) {
      this.#heap.push(nowMs + rules.capRepeatMs, { ...due, kind: "cap-holds" });
      return;
    }
    attempt.appliedCapWatts.fill(capWatts);
    this.#pace(attempt, nowMs);
    // What the GPUs do and what is heard of it are two things: the word may be lost by itself.
    const toldMs = this.#chance.happens(rules.capLossShare) ? nowMs + rules.capRepeatMs : nowMs;
    this.#heap.push(toldMs, { kind: "cap-told", attempt, capWatts, order });
  }

  /** Sets what an attempt draws above idle on each of its nodes. */
  #drawAttempt(attempt: PlantAttempt, nowMs: number): void {
    const drawWatts = this.#drawOf(attempt, nowMs);
    if (drawWatts === attempt.drawNodeWatts) {
      return;
    }
    attempt.drawNodeWatts = drawWatts;
    for (const node of attempt.nodes) {
      this.#drawNode(node);
    }
  }

  #drawOf(attempt: PlantAttempt, nowMs: number): number {
    const nodeClass = this.#classOf(attempt.nodes[0] ?? 0);
    if (nodeClass === undefined || attempt.phase === "ended" || attempt.phase === "starting") {
      return 0;
    }
    const idle = toNumber(nodeClass.idleWatts);
    const gpuWatts = (toNumber(nodeClass.peakWatts) - idle) / nodeClass.gpuCount;
    const factor = noiseFactor(attempt, nowMs, this.#noise);
    const { gpusPerNode } = attempt.job;
    if (attempt.curve === undefined) {
      return (
        Math.min(1, this.#noise.uncappedOf(attempt.job.index) * factor) * gpuWatts * gpusPerNode
      );
    }
    const cap = attempt.appliedCapWatts[0] ?? 0;
    const capWatts = cap === 0 ? attempt.curve.highestCapWatts : cap;
    const drawWatts = Math.min(capWatts, attempt.curve.drawAt(capWatts) * factor);
    const highest = toNumber(nodeClass.gpuCap?.highestWatts ?? nodeClass.peakWatts);
    return Math.max(0, gpuWatts - highest + drawWatts) * gpusPerNode;
  }

  #drawNode(node: number): void {
    if (this.#nodePhase[node] !== "on") {
      this.power.setNode(node, 0);
      return;
    }
    const nodeClass = this.#classOf(node);
    let watts = nodeClass === undefined ? 0 : toNumber(nodeClass.idleWatts);
    for (const attempt of this.#onNode[node] ?? []) {
      watts += attempt.drawNodeWatts;
    }
    this.power.setNode(node, watts);
  }

  #classOf(node: number): NodeClass | undefined {
    const { site } = this.#options;
    return site.nodeClasses[site.nodes[node]?.classIndex ?? -1];
  }

  #alive(nodes: readonly number[]): readonly number[] {
    return nodes.every((node) => this.isOn(node)) ? nodes : nodes.filter((node) => this.isOn(node));
  }

  #draw({ min, max }: Range): number {
    return min === max ? min : Math.round(this.#chance.within(min, max));
  }
}

export function keyOf({ job, task, attempt }: AttemptKey): string {
  return `${job}/${task}/${attempt}`;
}

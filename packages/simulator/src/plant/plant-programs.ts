import type { CapPoint } from "@ertis/power-planning";
import type { AttemptKey, Placement, StopReason } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { countWork, type PlantAttempt, speedOf } from "./plant-attempt.ts";
import { drawMs, type PlantContext, type ProgramHappening } from "./plant-context.ts";
import { attemptWattsOf, drawNodeWatts, gpuWattsOf } from "./plant-draw.ts";
import { EnergyCounter } from "./energy-counter.ts";
import type { PlantNodes } from "./plant-nodes.ts";
import { isDipping, type PlantNoise } from "./plant-noise.ts";
import { PlantWork } from "./plant-work.ts";
import { trueCurve } from "./true-curve.ts";

export interface ProgramOptions {
  /** Points for a GPU model and class, as measured; undefined: it cannot be capped. */
  readonly pointsFor: (gpuModel: string, workloadClass: string) => readonly CapPoint[] | undefined;
  readonly jobOf: (job: number) => SimulatedJob | undefined;
}

/** Programs from their start to the last confirmation. */
export class PlantPrograms {
  /** Those that have not ended. */
  readonly attempts: Map<string, PlantAttempt> = new Map();
  readonly work: PlantWork = new PlantWork();
  readonly #options: ProgramOptions;
  readonly #context: PlantContext;
  readonly #nodes: PlantNodes;
  readonly #noise: PlantNoise;

  constructor(
    options: ProgramOptions,
    context: PlantContext,
    nodes: PlantNodes,
    noise: PlantNoise,
  ) {
    this.#options = options;
    this.#context = context;
    this.#nodes = nodes;
    this.#noise = noise;
  }

  find(key: AttemptKey): PlantAttempt | undefined {
    return this.attempts.get(keyOf(key));
  }

  happen(due: ProgramHappening, nowMs: number): void {
    const { attempt } = due;
    switch (due.kind) {
      case "runs":
        return this.run(attempt, nowMs);
      case "ends":
        if (due.plan === attempt.plan && attempt.phase === "running") {
          countWork(attempt, nowMs);
          this.end(attempt, nowMs, true);
        }
        return;
      case "saved":
        if (attempt.phase === "saving") {
          this.work.save(attempt);
          this.#context.say({ kind: "checkpointed", attempt: attempt.key });
          this.end(attempt, nowMs, false);
        }
        return;
      case "stopped":
        if (attempt.phase !== "ended") {
          this.end(attempt, nowMs, false);
        }
        return;
      case "confirms":
        this.confirm(attempt, due.nodes);
    }
  }

  /** A member of the gang died: it makes no progress any more. */
  stall(attempt: PlantAttempt, nowMs: number): void {
    countWork(attempt, nowMs);
    this.work.setSpeed(attempt, 0);
    attempt.plan += 1;
    this.drawAttempt(attempt, nowMs);
  }

  start(key: AttemptKey, placement: Placement, nowMs: number): void {
    const job = this.#options.jobOf(key.job);
    if (job === undefined) {
      return;
    }
    const { nodes, capWatts } = placement;
    const watts = attemptWattsOf(
      { drawNodeWatts: 0, nodes, job },
      this.#nodes.classOf(nodes[0] ?? 0),
    );
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
      ...this.work.begin(key.job, job),
      speed: 0,
      lost: 0,
      countedAtMs: nowMs,
      plan: 0,
      isDipping: false,
      drawNodeWatts: 0,
      drawn: new EnergyCounter(watts, nowMs),
      gpuDrawn: new EnergyCounter(0, nowMs),
      held: [...nodes],
      wasStopAsked: false,
    };
    this.attempts.set(keyOf(key), attempt);
    this.#nodes.put(attempt);
    this.#context.heap.push(nowMs + drawMs(this.#context, this.#context.rules.startDelayMs), {
      kind: "runs",
      attempt,
    });
  }

  #curveOf(job: SimulatedJob, nodes: readonly number[]): PlantAttempt["curve"] {
    const nodeClass = this.#nodes.classOf(nodes[0] ?? 0);
    const points =
      nodeClass?.gpuCap === undefined
        ? undefined
        : this.#options.pointsFor(nodeClass.gpuModel, job.workloadClass);
    return points === undefined
      ? undefined
      : trueCurve(points, this.#noise.lossFactorOf(job.index));
  }

  /** Whoever waits for a node that comes up late. */
  runOn(node: number, nowMs: number): void {
    for (const attempt of this.#nodes.attemptsOn(node)) {
      this.run(attempt, nowMs);
    }
  }

  releaseAllOn(node: number): void {
    for (const attempt of this.#nodes.attemptsOn(node)) {
      this.#nodes.clear(attempt, [node]);
    }
  }

  run(attempt: PlantAttempt, nowMs: number): void {
    if (attempt.phase !== "starting" || attempt.nodes.some((node) => this.#nodes.isUnwoken(node))) {
      return;
    }
    attempt.phase = "running";
    this.#context.say({ kind: "attempt-running", attempt: attempt.key });
    this.pace(attempt, nowMs);
  }

  /** Speed and draw follow from phase and caps; the end moves with them. */
  pace(attempt: PlantAttempt, nowMs: number): void {
    countWork(attempt, nowMs);
    this.work.setSpeed(attempt, this.#nodes.areOn(attempt.nodes) ? speedOf(attempt) : 0);
    attempt.plan += 1;
    if (attempt.speed > 0) {
      this.#context.heap.push(nowMs + Math.ceil(attempt.workLeftMs / attempt.speed), {
        kind: "ends",
        attempt,
        plan: attempt.plan,
      });
    }
    this.drawAttempt(attempt, nowMs);
  }

  stop(key: AttemptKey, reason: StopReason, nowMs: number): void {
    const attempt = this.attempts.get(keyOf(key));
    if (attempt === undefined || attempt.phase === "ended" || attempt.wasStopAsked) {
      return;
    }
    attempt.wasStopAsked = true;
    const { checkpoint } = attempt.job;
    if (reason === "preemption" && checkpoint !== undefined && attempt.phase === "running") {
      countWork(attempt, nowMs);
      attempt.phase = "saving";
      this.work.setSpeed(attempt, 0);
      attempt.plan += 1;
      this.#context.heap.push(nowMs + checkpoint.saveMs, { kind: "saved", attempt });
      return;
    }
    this.#context.heap.push(nowMs + drawMs(this.#context, this.#context.rules.stopDelayMs), {
      kind: "stopped",
      attempt,
    });
  }

  end(attempt: PlantAttempt, nowMs: number, isDone: boolean): void {
    this.work.credit(attempt, nowMs, isDone || attempt.phase === "saving");
    // First the phase: what has ended loses no speed any more.
    attempt.phase = "ended";
    this.work.setSpeed(attempt, 0);
    this.drawAttempt(attempt, nowMs);
    this.attempts.delete(keyOf(attempt.key));
    this.#context.say({
      kind: "attempt-exited",
      attempt: attempt.key,
      outcome: isDone
        ? { kind: "succeeded" }
        : { kind: "failed", category: "application", exitCode: 143 },
    });
    const confirmMs = nowMs + drawMs(this.#context, this.#context.rules.confirmDelayMs);
    const nodes = this.#nodes.lettingGo(attempt.held);
    if (confirmMs === nowMs) {
      this.confirm(attempt, nodes);
    } else {
      this.#context.heap.push(confirmMs, { kind: "confirms", attempt, nodes });
    }
  }

  confirm(attempt: PlantAttempt, nodes: readonly number[]): void {
    const alive = this.#nodes.lettingGo(nodes);
    if (alive.length === 0) {
      return;
    }
    const isAll = alive.length === attempt.nodes.length;
    this.#context.say({
      kind: "stop-confirmed",
      attempt: attempt.key,
      nodes: isAll ? [] : alive,
    });
    this.#nodes.clear(attempt, alive);
  }

  /** Sets what an attempt draws above idle on each of its nodes. */
  drawAttempt(attempt: PlantAttempt, nowMs: number): void {
    const nodeClass = this.#nodes.classOf(attempt.nodes[0] ?? 0);
    const watts = drawNodeWatts(attempt, nodeClass, this.#noise, nowMs);
    attempt.isDipping = isDipping(attempt, nowMs, this.#noise.dips);
    if (watts === attempt.drawNodeWatts) {
      return;
    }
    attempt.drawNodeWatts = watts;
    attempt.drawn.set(attemptWattsOf(attempt, nodeClass), nowMs);
    attempt.gpuDrawn.set(gpuWattsOf(attempt, nodeClass) ?? 0, nowMs);
    for (const node of attempt.nodes) {
      this.#nodes.draw(node, nowMs);
    }
  }
}

function keyOf({ job, task, attempt }: AttemptKey): string {
  return `${job}/${task}/${attempt}`;
}

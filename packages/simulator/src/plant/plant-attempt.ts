import type { AttemptKey } from "@ertis/scheduler-engine";
import type { EnergyCounter } from "./energy-counter.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import type { TrueCurve } from "./true-curve.ts";

/** How the draw of one job goes beside its curve. */
export interface DrawNoise {
  readonly bias: number;
  readonly driftPerMinute: number;
  readonly dipPhaseMs: number;
}

/** One attempt as it really runs. */
export interface PlantAttempt {
  readonly key: AttemptKey;
  readonly job: SimulatedJob;
  readonly nodes: readonly number[];
  readonly curve: TrueCurve | undefined;
  readonly noise: DrawNoise;
  readonly startedAtMs: number;
  /** `saving`: writes its checkpoint before it ends. */
  phase: "starting" | "running" | "saving" | "ended";
  /** Cap that its GPUs are really held to, by position in `nodes`; 0: none. */
  readonly appliedCapWatts: number[];
  /** Number of the last order about caps that was sent. */
  sentOrder: number;
  /** Ms at full speed on all nodes that are left to do. */
  workLeftMs: number;
  readonly workAtStartMs: number;
  /** Of the work left at the start: reading the checkpoint back. */
  readonly restoreMs: number;
  /** Of full speed, since `countedAtMs`. */
  speed: number;
  /** Part of full speed that counts as lost now. */
  lost: number;
  countedAtMs: number;
  /** Grows when the end moves: what was planned for an older one does not happen. */
  plan: number;
  /** Writes a checkpoint and draws less, as of when its draw was looked at last. */
  isDipping: boolean;
  /** Watts above idle on each node, as it draws now. */
  drawNodeWatts: number;
  /** Of all its nodes, as meters tell it apart. */
  readonly drawn: EnergyCounter;
  /** Of one of its GPUs. */
  readonly gpuDrawn: EnergyCounter;
  /** Nodes that have not confirmed their stop. */
  held: number[];
  wasStopAsked: boolean;
}

/** A gang is as fast as its slowest GPU, and on fewer nodes in proportion. */
export function speedOf(attempt: PlantAttempt): number {
  if (attempt.phase !== "running") {
    return 0;
  }
  const { curve, job, nodes } = attempt;
  const share = nodes.length / job.nodeCount;
  if (curve === undefined) {
    return share;
  }
  let slowest = Infinity;
  let before = -1;
  for (const cap of attempt.appliedCapWatts) {
    if (cap !== before) {
      slowest = Math.min(slowest, curve.speedAt(cap));
      before = cap;
    }
  }
  return slowest * share;
}

/** Counts the work done up to now; the speed may change afterwards. */
export function countWork(attempt: PlantAttempt, nowMs: number): void {
  attempt.workLeftMs = Math.max(
    0,
    attempt.workLeftMs - (nowMs - attempt.countedAtMs) * attempt.speed,
  );
  attempt.countedAtMs = nowMs;
}

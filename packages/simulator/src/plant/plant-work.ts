import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { countWork, type PlantAttempt } from "./plant-attempt.ts";

/** Work of all jobs: what is left, what was kept, what was lost. */
export class PlantWork {
  /** GPUs' worth of speed that jobs lose to caps, missing nodes and writing checkpoints. */
  lostGpus = 0;
  /** GPU-ms at full speed that were done and kept, and those that were done and lost. */
  keptGpuMs = 0;
  wastedGpuMs = 0;
  /** Work left of jobs that were saved. */
  readonly #saved = new Map<number, number>();

  /** A job that was saved goes on where it was, after reading its checkpoint back. */
  begin(
    number: number,
    job: SimulatedJob,
  ): Pick<PlantAttempt, "workLeftMs" | "workAtStartMs" | "restoreMs"> {
    const saved = this.#saved.get(number);
    const workAtStartMs = saved ?? job.durationMs;
    const restoreMs = saved === undefined ? 0 : (job.checkpoint?.restoreMs ?? 0);
    return { workLeftMs: workAtStartMs + restoreMs, workAtStartMs, restoreMs };
  }

  /** The checkpoint stands: what was done before it counts, whatever happens later. */
  save(attempt: PlantAttempt): void {
    this.#saved.set(attempt.key.job, Math.min(attempt.workLeftMs, attempt.workAtStartMs));
  }

  /** Work that is done counts when it is kept. */
  credit(attempt: PlantAttempt, nowMs: number, isKept: boolean): void {
    countWork(attempt, nowMs);
    const doneMs = Math.max(0, attempt.workAtStartMs - attempt.workLeftMs);
    const gpuMs = doneMs * gpusOf(attempt);
    if (isKept) {
      this.keptGpuMs += gpuMs;
    } else {
      this.wastedGpuMs += gpuMs;
    }
  }

  setSpeed(attempt: PlantAttempt, speed: number): void {
    const isUnderWay = attempt.phase === "running" || attempt.phase === "saving";
    const lost = isUnderWay ? 1 - speed : 0;
    this.lostGpus += (lost - attempt.lost) * gpusOf(attempt);
    attempt.lost = lost;
    attempt.speed = speed;
  }
}

function gpusOf({ job }: PlantAttempt): number {
  return job.nodeCount * job.gpusPerNode;
}

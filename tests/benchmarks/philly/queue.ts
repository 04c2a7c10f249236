import type { SimulatedJob } from "@ertis/simulator";

/** Jobs that are the same to a placement pass, in order of arrival. */
export interface QueueShape {
  readonly jobs: SimulatedJob[];
  /** Position of the first job that still waits. */
  first: number;
  /** Nothing was released since its first job did not fit. */
  isBlocked: boolean;
}

/**
 * First in, first out, kept by shape so that one probe answers for many: gang, lowest watts a GPU, and
 * walltime in steps of a quarter of a doubling. Ertis groups its queue in the same way.
 */
export class Queue {
  readonly #shapes: Map<string, QueueShape> = new Map();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(job: SimulatedJob, floorWatts: number): void {
    const step = Math.floor(Math.log2(Math.max(1, job.walltimeMs)) * 4);
    const key = `${job.nodeCount}/${job.gpusPerNode}/${floorWatts}/${step}`;
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      shape = { jobs: [], first: 0, isBlocked: false };
      this.#shapes.set(key, shape);
    }
    shape.jobs.push(job);
    this.#count += 1;
  }

  release(): void {
    for (const shape of this.#shapes.values()) {
      shape.isBlocked = false;
    }
  }

  /** The oldest job of all shapes that are not blocked, with its shape. */
  next(): { readonly job: SimulatedJob; readonly shape: QueueShape } | undefined {
    let best: { readonly job: SimulatedJob; readonly shape: QueueShape } | undefined;
    for (const shape of this.#shapes.values()) {
      const job = shape.isBlocked ? undefined : shape.jobs[shape.first];
      if (job !== undefined && (best === undefined || job.index < best.job.index)) {
        best = { job, shape };
      }
    }
    return best;
  }

  take(shape: QueueShape): void {
    shape.first += 1;
    this.#count -= 1;
    if (shape.first === shape.jobs.length) {
      shape.jobs.length = 0;
      shape.first = 0;
    } else if (shape.first > 4_096) {
      shape.jobs.splice(0, shape.first);
      shape.first = 0;
    }
  }
}

import type { EngineState } from "../state/engine-state.ts";
import { isEligible, type Job } from "../state/job.ts";
import { isAhead, QueueOrder } from "../state/order.ts";
import type { Shape } from "../state/queue.ts";
import type { JobSpec } from "../words/job-spec.ts";

/** Jobs and shapes looked at for one answer. */
const lookedAtMax = 5_000;

export interface JobsAhead {
  readonly count: number;
  /** True: counting stopped early, there are at least `count`. */
  readonly isLowerBound: boolean;
}

/** Eligible jobs that go before a job and could want the same GPUs; an array counts once. */
export function jobsAhead(state: EngineState, job: Job): JobsAhead {
  const order = new QueueOrder(state);
  const key = order.keyOf(job);
  const counting = { count: 0, left: lookedAtMax };
  for (const shape of state.queue.shapes()) {
    counting.left -= 1;
    if (counting.left <= 0) {
      return { count: counting.count, isLowerBound: true };
    }
    if (overlaps(shape, job.spec)) {
      for (const line of shape.jobs.lines()) {
        countAhead(line, (one) => isAhead(order.keyOf(one), key), counting);
      }
    }
  }
  return { count: counting.count, isLowerBound: counting.left <= 0 };
}

function overlaps(shape: Shape, spec: JobSpec): boolean {
  const mayMeet = (a: string, b: string): boolean => a === "" || b === "" || a === b;
  return mayMeet(shape.site, spec.site) && mayMeet(shape.gpuModel, spec.gpuModel);
}

/** Walks a heap from its top and turns back where jobs are no longer ahead: costs what it counts. */
function countAhead(
  heap: readonly Job[],
  isBefore: (job: Job) => boolean,
  counting: { count: number; left: number },
): void {
  const open = [0];
  for (let at = open.pop(); at !== undefined && counting.left > 0; at = open.pop()) {
    const job = heap[at];
    if (job === undefined || !isBefore(job)) {
      continue;
    }
    counting.left -= 1;
    counting.count += isEligible(job) ? 1 : 0;
    open.push(2 * at + 1, 2 * at + 2);
  }
}

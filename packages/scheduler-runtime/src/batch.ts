import type { Reply } from "@ertis/scheduler-engine";
import type { Request, Unavailable } from "./scheduler.ts";

/** Jobs and commands of one batch: bounds how long a batch takes and how large its rows are. */
const batchWeightMax = 5_000;
/** A request that waits for its batch, and who is told what came of it. */
export interface Pending {
  readonly request: Request;
  readonly answer: (reply: Reply | Unavailable) => void;
}

/** How many of those that wait make up the next batch. */
export function batchCount(pending: readonly Pending[]): number {
  let weight = 0;
  let count = 0;
  while (count < pending.length && weight < batchWeightMax) {
    const request = pending[count]?.request;
    weight += request?.kind === "submit-jobs" ? request.items.length : 1;
    count += 1;
  }
  return count;
}

export function refuse(batch: readonly Pending[], reason: string): void {
  for (const { answer } of batch) {
    answer(unavailable(reason));
  }
}

export function unavailable(reason: string): Unavailable {
  return { kind: "unavailable", message: `the scheduler has stopped: ${reason}` };
}

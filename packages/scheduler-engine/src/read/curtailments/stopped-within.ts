import { type Instant, instant, toNumber } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import { jobOfTaskId, type TaskId, taskOfTaskId } from "../../state/task-id.ts";
import type { StopReason } from "../../words/attempt.ts";
import type { Curtailment } from "../../words/curtailment.ts";

export interface StoppedWithin {
  readonly at: Instant;
  readonly reason: StopReason;
}

/** The last stop of a task in the time of a curtailment that was for something else than to save watts. */
export function stoppedWithin(
  state: EngineState,
  { start, end }: Curtailment,
  id: TaskId,
): StoppedWithin | undefined {
  const job = state.jobs.get(jobOfTaskId(id));
  const task = taskOfTaskId(id);
  const active = job?.active?.get(task);
  return [...(job?.history ?? []), ...(active === undefined ? [] : [active])]
    .filter((one) => one.task === task && one.pausedFor === undefined)
    .flatMap(({ stopReason: reason, exitedAtMs: atMs }): readonly StoppedWithin[] =>
      reason === undefined || atMs === undefined || atMs < toNumber(start) || atMs >= toNumber(end)
        ? []
        : [{ at: instant(atMs), reason }],
    )
    .at(-1);
}

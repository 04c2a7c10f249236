import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { PlanFor } from "../shed/plan-together.ts";

/** From the start of its checkpoint until a task works again; counted from the start of the curtailment. */
export interface Out {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The first of plans that follow one another, and how long its pauses wait for ramps. */
export interface FirstPlan extends PlanFor {
  readonly delaysMs: ReadonlyMap<number, number>;
}

/** One of those that follow it, from a moment on. */
interface NextPlan extends PlanFor {
  readonly fromMs: number;
}

/** Pauses of each task, the first ones first. One that the next plan goes on with is one pause: nobody comes back between. */
export function outsOf(
  first: FirstPlan,
  rest: readonly NextPlan[],
): ReadonlyMap<TaskId, readonly Out[]> {
  const outs = new Map<TaskId, readonly Out[]>();
  for (const one of [{ ...first, fromMs: 0 }, ...rest]) {
    const delays = one.fromMs === 0 ? first.delaysMs : undefined;
    for (const { id, fromMs, untilMs } of one.plan.pauses) {
      const member = one.described.members[id];
      if (member !== undefined) {
        const task = taskIdOf({ job: member.job.number, task: member.task });
        const before = outs.get(task) ?? [];
        const out = {
          fromMs: one.fromMs + fromMs + (delays?.get(id) ?? 0),
          untilMs: one.fromMs + untilMs,
        };
        outs.set(task, joined(before, out, one.fromMs));
      }
    }
  }
  return outs;
}

/** @param plannedMs the moment from which the last one is planned, as it goes on or anew */
function joined(before: readonly Out[], out: Out, plannedMs: number): readonly Out[] {
  const last = before.at(-1);
  const isOn = last !== undefined && last.untilMs > plannedMs && out.fromMs <= plannedMs;
  return isOn
    ? [...before.slice(0, -1), { fromMs: last.fromMs, untilMs: out.untilMs }]
    : [...before, out];
}

/** The longest of them: what is told of a task is one pause. Undefined: it is not paused. */
export function longestOf(outs: readonly Out[] | undefined): Out | undefined {
  return outs?.reduce((longest, one) =>
    one.untilMs - one.fromMs > longest.untilMs - longest.fromMs ? one : longest,
  );
}

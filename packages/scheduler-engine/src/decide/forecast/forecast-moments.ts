import type { ShedJob } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { acknowledgeMs } from "../../limits.ts";
import { changesOf } from "../../power/recovery.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { endMoments } from "./forecast-ends.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";
import type { Foreseen } from "./forecast-steps.ts";

/** A planned ramp is told in so many steps. */
const rampSteps = 10;

/** When what is foreseen changes, counted from the start of the curtailment. */
export function momentsOf({
  curtailment,
  described,
  plan,
  delaysMs,
  leadMs,
  lineMs,
  untilStartMs,
  offMoments,
  outs,
  rest,
  ends,
}: Foreseen): readonly number[] {
  const { problem, members } = described;
  const startMs = toNumber(curtailment.start);
  const moments = [-untilStartMs, 0, ...changesOf(curtailment).map((atMs) => atMs - startMs)];
  if (curtailment.mode === "planned") {
    for (let step = 0; step <= rampSteps; step += 1) {
      moments.push(Math.ceil((step * lineMs) / rampSteps) - leadMs);
    }
  } else {
    moments.push(acknowledgeMs);
  }
  moments.push(...new Set(offMoments.values()), ...endMoments(ends));
  for (const one of rest) {
    moments.push(one.fromMs, ...new Set(one.offMoments.values()));
  }
  for (const { shed, job, task } of members) {
    for (const out of outs.get(taskIdOf({ job: job.number, task })) ?? []) {
      moments.push(out.fromMs + saveMsOf(shed), out.untilMs - shed.restoreMs);
    }
  }
  for (const { id } of plan.shrinks) {
    moments.push(shrunkMs({ problem, delaysMs }, id));
  }
  return [...new Set(moments)].filter((atMs) => atMs >= -untilStartMs).toSorted((a, b) => a - b);
}

/** When a gang that gives nodes back has stopped for it, counted from the start. */
export function shrunkMs(
  {
    problem: { jobs, noticeMs },
    delaysMs,
  }: Pick<Foreseen, "delaysMs"> & Pick<DescribedShed, "problem">,
  id: number,
): number {
  return saveMsOf(jobs[id]) - noticeMs + (delaysMs.get(id) ?? 0);
}

export function saveMsOf(job: ShedJob | undefined): number {
  return job === undefined || job.isPausedNow ? 0 : job.saveMs;
}

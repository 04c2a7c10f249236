import { stopGraceMs } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { workAfterPauseMs } from "../../state/work-wanted.ts";
import { curveOf, gangSpeed } from "./curves.ts";
import { endAt } from "./work.ts";

/** When a paused task has let go of everything, if it is back when it should be, on its nodes and under its cap. */
export function doneByMs(
  { jobs, sites }: EngineState,
  { job: number, task, site, nodes, capWatts = 0, untilMs }: PausedTask,
): number {
  const job = known(jobs.get(number), "job of a paused task");
  const pool = sites.get(site)?.nodePool[nodes[0] ?? -1];
  const curve = pool && curveOf(pool, job.spec.workloadClass);
  const speed = gangSpeed(curve, { capWatts, nodeCount: nodes.length }, job.spec.nodeCount);
  return endAt(untilMs, workAfterPauseMs(job, task), speed) + stopGraceMs;
}

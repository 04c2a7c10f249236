import { withOwnNodes } from "../../power/what-if/own-nodes.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { taskIdOf } from "../../state/task-id.ts";

/**
 * Answers for a gang that has stopped to go on with fewer nodes, or with more: it asks for just as many, and what is kept
 * for it is its own. Of arrays only those tasks are told that wait in the queue.
 */
export function onItsWay<T>(state: EngineState, job: Job, answer: (job: Job) => T): T {
  const paused =
    job.spec.taskCount === 1
      ? state.curtailments.paused.get(taskIdOf({ job: job.number, task: 0 }))
      : undefined;
  const site = paused?.isShrinking === true ? state.sites.get(paused.site) : undefined;
  return paused === undefined || site === undefined
    ? answer(job)
    : withOwnNodes(site, paused, () => answer(asItComesBack(job, paused)));
}

function asItComesBack(job: Job, { nodes, isGrowing }: PausedTask): Job {
  const nodeCount = nodes.length;
  const nodeCountMin = isGrowing === true ? job.spec.nodeCountMin : nodeCount;
  return { ...job, spec: { ...job.spec, nodeCount, nodeCountMin } };
}

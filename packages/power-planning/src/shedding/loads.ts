import { countedWatts } from "../curves/curve.ts";
import { pointAt } from "../curves/read-curve.ts";
import { isPausedIn, type ShedDraft } from "./shed-draft.ts";
import type { IdleNode, ShedJob, ShedProblem } from "./shed-problem.ts";

/** What one running GPU of a job counts under a cap. */
export function runningWatts(problem: ShedProblem, job: ShedJob, capWatts: number): number {
  return countedWatts(pointAt(job.curve, capWatts), problem.counts);
}

/** Mean over the GPUs a job holds in a slot: those of nodes it gave up are idle. */
function jobWatts(problem: ShedProblem, draft: ShedDraft, at: JobAt): number {
  const job = problem.jobs[at.job];
  if (job === undefined) {
    return 0;
  }
  const share = draft.nodeShare[at.job] ?? 1;
  return isPausedIn(draft, at.job, at.slot)
    ? job.idleWatts
    : share * at.wattsRunning + (1 - share) * job.idleWatts;
}

interface JobAt {
  readonly job: number;
  readonly slot: number;
  readonly wattsRunning: number;
}

/** Load of every domain in one slot, with each job running at the watts given. */
export function loadIn(
  problem: ShedProblem,
  draft: ShedDraft,
  wattsRunning: Float64Array,
  slot: number,
): Float64Array {
  const load = new Float64Array(problem.roomScaled.length);
  problem.jobs.forEach((job, index) => {
    const at = { job: index, slot, wattsRunning: wattsRunning[index] ?? 0 };
    addJob(load, job, jobWatts(problem, draft, at));
  });
  return load;
}

export function addJob(load: Float64Array, job: ShedJob, wattsPerGpu: number): void {
  for (let at = 0; at < job.domains.length; at += 1) {
    const domain = job.domains[at] ?? 0;
    load[domain] = (load[domain] ?? 0) + wattsPerGpu * (job.scaledPerGpuWatt[at] ?? 0);
  }
}

export function addNode(load: Float64Array, node: IdleNode): void {
  for (let at = 0; at < node.domains.length; at += 1) {
    const domain = node.domains[at] ?? 0;
    load[domain] = (load[domain] ?? 0) + (node.wattsScaled[at] ?? 0);
  }
}

/** Growth of a domain for one watt more on every GPU of a job; 0 when the job is not below it. */
export function scaledIn(job: ShedJob, domain: number): number {
  const at = job.domains.indexOf(domain);
  return at === -1 ? 0 : (job.scaledPerGpuWatt[at] ?? 0);
}

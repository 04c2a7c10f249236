import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";

/** Jobs with an attempt that holds a node at or below a domain, each with that attempt. */
export function jobsBelow(
  state: EngineState,
  siteId: string,
  domainId: string,
): readonly { readonly job: Job; readonly attempt: Attempt }[] {
  const site = state.sites.get(siteId);
  const top = site?.domainIndexById.get(domainId);
  if (site === undefined || top === undefined) {
    return [];
  }
  const isBelow = (node: number): boolean => {
    let domain = site.nodeDomain[node] ?? -1;
    while (domain > top) {
      domain = site.parent[domain] ?? -1;
    }
    return domain === top;
  };
  const found: { readonly job: Job; readonly attempt: Attempt }[] = [];
  for (const attempt of site.attempts) {
    const job = state.jobs.get(attempt.job);
    if (job !== undefined && attempt.phase !== "exited" && attempt.placement.nodes.some(isBelow)) {
      found.push({ job, attempt });
    }
  }
  return found;
}

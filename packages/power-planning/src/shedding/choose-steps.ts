import { fitDomain } from "./fit-domain.ts";
import { scaledIn } from "./loads.ts";
import { PricedJob } from "./priced-job.ts";
import { createDraft, type ShedDraft } from "./shed-draft.ts";
import type { ShedProblem } from "./shed-problem.ts";

export interface Choice {
  readonly slotCount: number;
  /** Positions of jobs that are neither paused nor shrunk. */
  readonly spared: ReadonlySet<number>;
}

/**
 * Who is shrunk and who is paused, domain by domain from the leaves up (a parent stands before its
 * children). The caps found on the way are a guess that steers this choice; `fillCaps` sets them in the end.
 */
export function chooseSteps(
  problem: ShedProblem,
  roomScaled: Float64Array,
  choice: Choice,
): ShedDraft {
  const draft = createDraft(problem, choice.slotCount);
  const jobs = problem.jobs.map((job, index) => new PricedJob(problem, job, index));
  for (let domain = roomScaled.length - 1; domain >= 0; domain -= 1) {
    const members = jobs
      .map((priced) => ({ priced, scaled: scaledIn(priced.job, domain) }))
      .filter((member) => member.scaled > 0);
    if (members.length > 0) {
      const room = roomScaled[domain] ?? 0;
      fitDomain({ problem, draft, members, room, spared: choice.spared });
    }
  }
  return draft;
}

import { fitDomain } from "./fit-domain.ts";
import type { Member } from "./priced-fit.ts";
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
  const scratch = createDraft(problem, choice.slotCount);
  const membersOf = membersByDomain(problem, roomScaled);
  for (let domain = roomScaled.length - 1; domain >= 0; domain -= 1) {
    const members = membersOf[domain] ?? [];
    if (members.length > 0) {
      const room = roomScaled[domain] ?? 0;
      fitDomain({ problem, draft, scratch, members, room, spared: choice.spared });
    }
  }
  return draft;
}

/** Of the domains that have a limit at all. */
function membersByDomain(problem: ShedProblem, roomScaled: Float64Array): readonly Member[][] {
  const membersOf: Member[][] = Array.from(roomScaled, () => []);
  problem.jobs.forEach((job, index) => {
    const priced = new PricedJob(problem, job, index);
    job.domains.forEach((domain, at) => {
      const scaled = job.scaledPerGpuWatt[at] ?? 0;
      if (scaled > 0 && roomScaled[domain] !== Infinity) {
        membersOf[domain]?.push({ priced, scaled });
      }
    });
  });
  return membersOf;
}

import { fitDomain } from "./fit-domain.ts";
import type { Member } from "./priced-fit.ts";
import { PricedJob } from "./priced-job.ts";
import { createDraft, type ShedDraft } from "./shed-draft.ts";
import { startDraft } from "./planned-pauses.ts";
import type { ShedProblem } from "./shed-problem.ts";

export interface Choice {
  readonly slotCount: number;
  /** Positions of jobs that are neither paused nor shrunk. */
  readonly spared: ReadonlySet<number>;
  /** Nobody asks which steps are cheapest, only whether some are enough. */
  readonly isQuick: boolean;
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
  const draft = startDraft(problem, choice.slotCount);
  const scratch = createDraft(problem, choice.slotCount);
  const membersOf = membersByDomain({ problem, draft }, roomScaled);
  const domains = [...membersOf.keys()].toSorted((a, b) => b - a);
  for (const domain of domains) {
    const members = membersOf.get(domain) ?? [];
    const free = freeOf(members, draft, choice);
    fitDomain({
      problem,
      draft,
      scratch,
      members,
      room: roomScaled[domain] ?? 0,
      pausing: free.filter((at) => members[at]?.priced.mayPause === true),
      shrinking: free.filter((at) => members[at]?.priced.mayShrink === true),
      // What is paused for an inner domain counts for those around it: with several, prices matter.
      isAnyPrice: choice.isQuick && domains.length === 1,
    });
  }
  return draft;
}

/** Positions of members that may still pause or give nodes back. */
function freeOf(
  members: readonly Member[],
  { nodeShare, pausedCount }: ShedDraft,
  { spared }: Choice,
): readonly number[] {
  const found: number[] = [];
  members.forEach(({ priced: { index, mayPause, mayShrink } }, at) => {
    const isUsed = nodeShare[index] !== 1 || pausedCount[index] !== 0;
    if ((mayPause || mayShrink) && !isUsed && !spared.has(index)) {
      found.push(at);
    }
  });
  return found;
}

/** Of the domains that have a limit at all and somebody below. */
function membersByDomain(
  at: { readonly problem: ShedProblem; readonly draft: ShedDraft },
  roomScaled: Float64Array,
): ReadonlyMap<number, readonly Member[]> {
  const membersOf = new Map<number, Member[]>();
  at.problem.jobs.forEach((job, index) => {
    const priced = new PricedJob(at, index, job);
    job.domains.forEach((domain, place) => {
      const scaled = job.scaledPerGpuWatt[place] ?? 0;
      if (scaled > 0 && roomScaled[domain] !== Infinity) {
        const members = membersOf.get(domain) ?? [];
        membersOf.set(domain, members);
        members.push({ priced, scaled });
      }
    });
  });
  return membersOf;
}

import { atWork } from "./at-work.ts";
import { roundingScaled } from "../filling/book.ts";
import { lowestCap } from "./allowances.ts";
import { roomBeside, slotCountsFor } from "./choose-plan.ts";
import { chooseSteps } from "./choose-steps.ts";
import { loadIn, runningWatts } from "./loads.ts";
import { narrowProblem } from "./narrow-problem.ts";
import { isWorthSleep, powerOffIdle } from "./power-off-idle.ts";
import { distinctSlots } from "./settle-caps.ts";
import type { ShedDraft } from "./shed-draft.ts";
import type { IdleNode, ShedProblem } from "./shed-problem.ts";
import { withoutFloor } from "./without-floor.ts";

/**
 * Is there a plan at all? Asked again and again, each time for other jobs (by position) whose floors are
 * given up. Which plan it is, and what would be possible instead, is not found out.
 */
export function possibilityOf(
  problem: ShedProblem,
): (isGivenUp: (position: number) => boolean) => boolean {
  const tight = narrowProblem(problem);
  const bare = tight.jobs.map(withoutFloor);
  const stayOn = [
    ...(isWorthSleep(tight) ? [] : [tight.idleNodes]),
    // Nodes go off by what jobs count at full speed, whatever their floors.
    powerOffIdle(tight).on,
  ];
  return (isGivenUp) => {
    const jobs = tight.jobs.map((job, at) => (isGivenUp(at) ? (bare[at] ?? job) : job));
    return stayOn.some((idleOn) => canKeepFloors({ ...tight, jobs }, idleOn));
  };
}

/** Is there a choice that keeps every floor? No room is filled, and nobody who could help is spared. */
export function canKeepFloors(problem: ShedProblem, idleOn: readonly IdleNode[]): boolean {
  const roomScaled = roomBeside(problem, idleOn);
  const spared = new Set<number>();
  return slotCountsFor(problem, spared).some((slotCount) =>
    doFloorsFit(
      problem,
      chooseSteps(problem, roomScaled, { slotCount, spared, isQuick: true }),
      roomScaled,
    ),
  );
}

/** In every slot, with every job that runs in it at the lowest cap that a choice leaves it. */
function doFloorsFit(problem: ShedProblem, draft: ShedDraft, roomScaled: Float64Array): boolean {
  const watts = Float64Array.from(problem.jobs, (job, at) =>
    runningWatts(problem, job, lowestCap(problem, job, atWork(problem, draft, at))),
  );
  return distinctSlots(draft).every((slot) =>
    loadIn(problem, draft, watts, slot).every((load, domain) => {
      const room = roomScaled[domain] ?? 0;
      return load - room <= roundingScaled(room);
    }),
  );
}

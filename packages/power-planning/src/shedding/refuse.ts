import { lowestCap } from "./allowances.ts";
import { canKeepFloors } from "./can-keep-floors.ts";
import { runningWatts, scaledIn } from "./loads.ts";
import { floorWatts } from "./floors.ts";
import { manyJobs } from "./many-jobs.ts";
import { narrowProblem } from "./narrow-problem.ts";
import type { ShedJob, ShedProblem, ShedRefusal } from "./shed-problem.ts";
import { withoutFloor } from "./without-floor.ts";

/** Halvings of the search for the smallest room: with few jobs to 0.1 %, with many to 2 %. */
const halvingsOfFew = 10;
const halvingsOfMany = 4;

/** Says what would be possible: the smallest room that keeps all floors, and what each tier stands for. */
export function refuse(problem: ShedProblem, domain: number): ShedRefusal {
  const smallestScaled = smallestRoom(problem, domain);
  const tiers = problem.jobs
    .filter((job) => !job.isProtected && job.tierLossMax < 1 && scaledIn(job, domain) > 0)
    .map((job) => job.tierLossMax);
  const gains = [...new Set(tiers)]
    .toSorted((a, b) => b - a)
    .map((tierLossMax) => {
      const isOf = (job: ShedJob): boolean => job.tierLossMax === tierLossMax && !job.isProtected;
      const jobs = problem.jobs.map((job) => (isOf(job) ? withoutFloor(job) : job));
      const freesScaled =
        jobs.length > manyJobs
          ? heldByFloors(problem, domain, isOf)
          : smallestScaled - smallestRoom({ ...problem, jobs }, domain);
      return { tierLossMax, freesScaled: Math.max(0, freesScaled) };
    });
  return { kind: "refused", domain, smallestScaled, gains };
}

/** The smallest room of a domain that keeps all floors, however little the others have. */
export function roomForFloors(problem: ShedProblem, domain: number): number {
  return smallestRoom(narrowProblem(problem), domain);
}

/** What jobs at their floors use more than paused, or at their lowest caps where they cannot pause. */
function heldByFloors(
  problem: ShedProblem,
  domain: number,
  isOf: (job: ShedJob) => boolean,
): number {
  let held = 0;
  for (const job of problem.jobs) {
    if (isOf(job)) {
      const lowest = job.curve.points[0]?.capWatts ?? job.floorCapWatts;
      const least = job.canPause ? job.idleWatts : runningWatts(problem, job, lowest);
      held += (floorWatts(problem, job) - least) * scaledIn(job, domain);
    }
  }
  return held;
}

/** The smallest room of one domain, all others as wide as need be, rounded up to what surely works. */
function smallestRoom(problem: ShedProblem, domain: number): number {
  let floors = 0;
  let least = 0;
  for (const job of problem.jobs) {
    const watts = runningWatts(problem, job, lowestCap(problem, job));
    const isMovable = !job.isProtected && (job.canPause || job.nodeCountMin < job.nodeCount);
    floors += floorWatts(problem, job) * scaledIn(job, domain);
    // No job is away for longer than its tier allows.
    const part = isMovable ? job.tierLossMax : 0;
    least += (watts - part * Math.max(0, watts - job.idleWatts)) * scaledIn(job, domain);
  }
  let fits = floors;
  let tooSmall = least;
  const halvings = problem.jobs.length > manyJobs ? halvingsOfMany : halvingsOfFew;
  for (let round = 0; round < halvings && fits > tooSmall; round += 1) {
    const middle = (fits + tooSmall) / 2;
    const roomScaled = new Float64Array(problem.roomScaled.length).fill(Infinity);
    roomScaled[domain] = middle;
    if (canKeepFloors({ ...problem, roomScaled }, [])) {
      fits = middle;
    } else {
      tooSmall = middle;
    }
  }
  return fits;
}

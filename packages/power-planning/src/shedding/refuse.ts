import { choosePlan } from "./choose-plan.ts";
import { lowestCap } from "./allowances.ts";
import { runningWatts, scaledIn } from "./loads.ts";
import type { ShedJob, ShedProblem, ShedRefusal } from "./shed-problem.ts";

/** Halvings of the search for the smallest room; the answer is within 0.1 % of the floors' load. */
const halvings = 10;

/** Says what would be possible: the smallest room that keeps all floors, and what each tier stands for. */
export function refuse(problem: ShedProblem, domain: number): ShedRefusal {
  const smallestScaled = smallestRoom(problem, domain);
  const tiers = problem.jobs
    .filter((job) => !job.isProtected && scaledIn(job, domain) > 0)
    .map((job) => job.tierLossMax);
  const gains = [...new Set(tiers)]
    .toSorted((a, b) => b - a)
    .map((tierLossMax) => {
      const jobs = problem.jobs.map((job) =>
        job.tierLossMax === tierLossMax && !job.isProtected ? withoutFloor(job) : job,
      );
      const without = smallestRoom({ ...problem, jobs }, domain);
      return { tierLossMax, freesScaled: Math.max(0, smallestScaled - without) };
    });
  return { kind: "refused", domain, smallestScaled, gains };
}

function withoutFloor(job: ShedJob): ShedJob {
  const lowest = job.curve.points[0]?.capWatts ?? job.floorCapWatts;
  return { ...job, tierLossMax: 1, floorCapWatts: lowest, lossMsSoFar: 0 };
}

/** The smallest room of one domain, all others as wide as need be, rounded up to what surely works. */
function smallestRoom(problem: ShedProblem, domain: number): number {
  let floors = 0;
  for (const job of problem.jobs) {
    const cap = lowestCap(problem, job, 0);
    floors += runningWatts(problem, job, cap) * scaledIn(job, domain);
  }
  if (!problem.jobs.some((job) => job.canPause || job.nodeCountMin < job.nodeCount)) {
    return floors;
  }
  let fits = floors;
  let tooSmall = 0;
  for (let round = 0; round < halvings; round += 1) {
    const middle = (fits + tooSmall) / 2;
    const roomScaled = new Float64Array(problem.roomScaled.length).fill(Infinity);
    roomScaled[domain] = middle;
    if (choosePlan({ ...problem, roomScaled }, []).kind === "chosen") {
      fits = middle;
    } else {
      tooSmall = middle;
    }
  }
  return fits;
}

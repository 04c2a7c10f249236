import { watts } from "@ertis/quantities";
import type { Account } from "@ertis/scheduler-engine";
import {
  forkStream,
  type RandomStream,
  type SimulatedJob,
  type Simulation,
} from "@ertis/simulator";

/** Every fourth seed is shared between tenants; the others keep the runs they had. */
export function isShared(seed: number): boolean {
  return seed % 4 === 0;
}

const projects = ["p0", "p1", "p2", "p3", "p4", "p5"];

/**
 * Two tenants with projects and a user, guarantees and bounds in GPUs and watts; `p5` nobody declared.
 * The site has 96 GPUs that together may draw some 110 kW above idle.
 */
export function randomAccounts(seed: number): readonly Account[] {
  const stream = forkStream(seed, "random-accounts");
  const [a, b] = [quotaOf(stream, 40, 46_000), quotaOf(stream, 24, 30_000)];
  return [
    { id: "a", weight: 1 + stream.below(3), quota: a },
    { id: "b", weight: 1 + stream.below(3), quota: b },
    { id: "a/p0", weight: 2, quota: quotaOf(stream, 16, 18_000) },
    { id: "a/p0/p0", weight: 1, quota: quotaOf(stream, 8, 9_000) },
    { id: "a/p1", weight: 1, ...(stream.happens(0.5) ? { quota: quotaOf(stream, 8, 9_000) } : {}) },
    { id: "a/p2", weight: 1 },
    { id: "b/p3", weight: 1, quota: quotaOf(stream, 16, 18_000) },
    { id: "b/p4", weight: 3 },
  ];
}

/** What may be borrowed leaves room for the largest gang, so that every job can start. */
function quotaOf(
  stream: RandomStream,
  gpuCount: number,
  powerWatts: number,
): NonNullable<Account["quota"]> {
  const guaranteedGpuCount = stream.below(2) * gpuCount;
  return {
    guaranteedGpuCount,
    guaranteed: watts(guaranteedGpuCount === 0 ? 0 : powerWatts),
    ...(stream.happens(0.6) ? { borrowableGpuCount: 48 + stream.below(24) } : {}),
    ...(stream.happens(0.6) ? { borrowable: watts(34_000 + stream.below(20_000)) } : {}),
  };
}

/** The same jobs, spread over the projects, with more classes and more that may be stopped. */
export function sharedJobs(jobs: readonly SimulatedJob[], seed: number): readonly SimulatedJob[] {
  return jobs.map((job) => {
    const stream = forkStream(seed, "shared-job", job.index);
    return {
      ...job,
      owner: projects[stream.below(projects.length)] ?? "p0",
      isPreemptible: stream.happens(0.7),
      priorityClass: stream.happens(0.1)
        ? "urgent"
        : stream.happens(0.3)
          ? "low"
          : job.priorityClass,
    };
  });
}

/** What accounts of the engine hold is what events say, and what those below them hold. */
export function wrongSums({ controller, checks }: Simulation): readonly string[] {
  const { accounts } = controller.engine.state.shares;
  const book = checks.accounts.accounts;
  const wrong: string[] = [];
  for (const { id, held, usage, children } of accounts) {
    const counted = book?.heldOf(id);
    if (counted !== undefined && id !== "" && JSON.stringify(counted) !== JSON.stringify(held)) {
      wrong.push(`${id} holds ${JSON.stringify(held)}, events say ${JSON.stringify(counted)}`);
    }
    const below = [...children.values()].map((at) => accounts[at]);
    const heldBelow = below.reduce((sum, one) => sum + (one?.held.reservedWatts ?? 0), 0);
    if (below.length > 0 && heldBelow !== held.reservedWatts) {
      wrong.push(`${id} holds ${held.reservedWatts} W, those below it ${heldBelow} W`);
    }
    if (Math.min(usage.gpuTimeMs, usage.reservedMilliJoules, held.reservedWatts) < 0) {
      wrong.push(`${id} has used ${JSON.stringify(usage)}`);
    }
  }
  return wrong;
}

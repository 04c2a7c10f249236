import { drawAt } from "@ertis/power-planning";
import { type Watts, watts } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import type { JobForecast } from "./forecast-jobs.ts";

/**
 * What a curtailment does to the jobs of one tier (tasks of arrays one by one): how many it does what
 * to, what they lose, and what their floors need.
 */
export type TierForecast = Readonly<Record<JobForecast["effect"], number>> & {
  readonly tierPercent: number;
  /** Part of full throughput lost, averaged over the event and over their GPUs. */
  readonly lossPercent: number;
  readonly worstLossPercent: number;
  /** What the domain counts for their GPUs when all of them run at their floor caps; not what their nodes draw beside these. */
  readonly floor: Watts;
};

interface Where {
  /** Members of the plan, as the jobs stand. */
  readonly members: DescribedShed["members"];
  readonly counts: DescribedShed["problem"]["counts"];
  readonly domain: number;
  readonly scale: number;
}

/** By tier, those of tier 0 first; jobs stand as the members of the plan do. */
export function tierForecasts(where: Where, jobs: readonly JobForecast[]): readonly TierForecast[] {
  const tiers = [...new Set(jobs.map((one) => one.tierPercent))].toSorted((a, b) => a - b);
  return tiers.map((tierPercent) => tierForecast(where, jobs, tierPercent));
}

function tierForecast(
  { members, counts: counted, domain, scale }: Where,
  jobs: readonly JobForecast[],
  tierPercent: number,
): TierForecast {
  const counts = { untouched: 0, capped: 0, shrunk: 0, paused: 0 };
  let gpuCount = 0;
  let lost = 0;
  let worstLossPercent = 0;
  let floorScaled = 0;
  jobs.forEach((job, at) => {
    const shed = members[at]?.shed;
    if (job.tierPercent !== tierPercent || shed === undefined) {
      return;
    }
    counts[job.effect] += 1;
    gpuCount += shed.gpuCount;
    lost += shed.gpuCount * job.lossPercent;
    worstLossPercent = Math.max(worstLossPercent, job.lossPercent);
    const { floorCapWatts } = shed;
    const floorWatts = counted === "cap" ? floorCapWatts : drawAt(shed.curve, floorCapWatts);
    floorScaled += floorWatts * (shed.scaledPerGpuWatt[shed.domains.indexOf(domain)] ?? 0);
  });
  return {
    tierPercent,
    ...counts,
    lossPercent: gpuCount === 0 ? 0 : Math.round((lost / gpuCount) * 100) / 100,
    worstLossPercent,
    floor: watts(Math.max(0, Math.ceil(floorScaled / scale))),
  };
}

import type { SteerInput, SteerStep } from "./steer.ts";

/**
 * What promised starts miss of a target: no more than that by which bounds would exceed it with them, beside all others
 * under the caps that were just asked for. Where bounds fit a target draw does, whatever margin the steering keeps.
 */
export function missingByBounds(
  { caps, granted, missingWatts }: SteerStep,
  { target, jobs, measurement }: SteerInput,
): number {
  const { restMostWatts = Infinity, promisedWatts = 0 } = measurement;
  const asked = new Map(caps.map(({ id, capWatts }) => [id, capWatts]));
  let boundWatts = restMostWatts + promisedWatts;
  for (const { id, presence, gpuCount, capInForceWatts, besideWatts = 0, ...job } of jobs) {
    if (presence === "running" || granted.includes(id)) {
      const capWatts = asked.get(id) ?? capInForceWatts;
      boundWatts += capWatts * gpuCount * job.domainWattsPerWatt + besideWatts;
    }
  }
  return Math.min(missingWatts, Math.max(0, boundWatts - target.targetWatts));
}

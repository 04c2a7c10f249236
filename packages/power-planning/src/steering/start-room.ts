import type { SteerInput, SteerStep } from "./steer.ts";

/**
 * Watts that a job may start with while a planned curtailment steers: so many that nobody has to be
 * lowered for it, neither now nor when it draws what it may. What is steered counts as expected; what is
 * not can never be lowered, so it counts at its bounds. Neither may the minute just over have left less.
 * While a job waits to come back, or a step lowers somebody, there is none. Undefined outside the event.
 *
 * @returns below 0: by so much more counts already than may be drawn
 */
export function startRoomWatts(
  step: SteerStep,
  { target, jobs, measurement }: SteerInput,
  lastMinuteWatts: number | undefined,
): number | undefined {
  if (step.roomWatts === undefined) {
    return undefined;
  }
  const asked = new Map(step.caps.map(({ id, capWatts }) => [id, capWatts]));
  const isLowering = jobs.some((job) => (asked.get(job.id) ?? Infinity) < job.capInForceWatts);
  const { restWatts } = step;
  const restMostWatts = measurement.restMostWatts ?? measurement.restBoundWatts;
  const countedWatts = step.expectedWatts - restWatts + Math.max(restWatts, restMostWatts);
  const goalWatts = target.targetWatts * (1 - step.marginShare);
  const leftWatts = Math.min(
    Math.min(step.roomWatts, goalWatts) - countedWatts,
    target.targetWatts - (lastMinuteWatts ?? 0) - (measurement.promisedWatts ?? 0),
  );
  const isForOthers =
    isLowering || step.missingWatts > 0 || jobs.some((one) => one.presence === "returning");
  return isForOthers ? Math.min(0, leftWatts) : leftWatts;
}

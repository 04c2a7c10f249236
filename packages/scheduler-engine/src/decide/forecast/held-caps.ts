import { type ShedJob, speedAt } from "@ertis/power-planning";
import { firstCapsOf, type Foreseen, settledMs } from "./forecast-steps.ts";

export type Course = Pick<
  Foreseen,
  "curtailment" | "described" | "plan" | "leadMs" | "lineMs" | "delaysMs"
>;

export interface HeldCap {
  /** The lowest cap of a job; 0: it does not run. */
  readonly capWatts: number;
  /** Full-speed time that it loses on top of the plan. */
  readonly lostMoreMs: number;
}

/**
 * Until nodes are off and checkpoints are written, caps alone hold the target, lower than they are later.
 * In a ramp by so much of it as has passed by then.
 */
export function heldCaps({
  curtailment,
  described,
  plan,
  leadMs,
  lineMs,
  delaysMs,
}: Course): (job: ShedJob) => HeldCap {
  const { problem } = described;
  const planned = new Map(plan.caps.map(({ id, capWatts }) => [id, capWatts]));
  const first = firstCapsOf({ curtailment, described, plan });
  // Who writes a checkpoint loses that time as it is.
  const stopping = new Set(
    [...plan.pauses.filter(({ fromMs }) => fromMs <= 0), ...plan.shrinks].map(({ id }) => id),
  );
  const firstMs = Math.min(settledMs({ problem, plan, delaysMs }), problem.eventMs);
  const rampMs = curtailment.mode === "planned" ? lineMs : 0;
  const part = rampMs === 0 ? 1 : Math.min(1, Math.max(0, firstMs + leadMs) / rampMs);
  return ({ id, curve }) => {
    const plannedWatts = planned.get(id) ?? 0;
    const firstWatts = first.get(id) ?? plannedWatts;
    if (plannedWatts === 0 || firstWatts >= plannedWatts || firstMs === 0 || stopping.has(id)) {
      return { capWatts: plannedWatts, lostMoreMs: 0 };
    }
    const capWatts = plannedWatts - part * (plannedWatts - firstWatts);
    const slower = speedAt(curve, plannedWatts) - speedAt(curve, capWatts);
    // On the way down it is half of that on average.
    const share = rampMs === 0 ? 1 : 1 / 2;
    return { capWatts, lostMoreMs: share * slower * firstMs };
  };
}

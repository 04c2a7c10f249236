import { drawAt, floorWatts, type ShedPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../../words/curtailment.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";

const permille = 1_000;

interface Held {
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly plan: Pick<ShedPlan, "caps" | "pauses">;
  /** Of the domain. */
  readonly scale: number;
}

/**
 * By how much a minute of a planned curtailment may be over its target: what jobs may draw more than they are counted with,
 * as far as those that run have nothing to give for it before they are at their floors. Thousandths of the target, upwards.
 * @param allScaled what the plan counts with in its domain, scaled
 */
export function overPermille(
  { curtailment, described, plan, scale }: Held,
  allScaled: number,
): number {
  const { problem, unsteered } = described;
  if (unsteered === undefined || unsteered.moreScaled === 0) {
    return 0;
  }
  const { column, moreScaled } = unsteered;
  const caps = new Map(plan.caps.map(({ id, capWatts }) => [id, capWatts]));
  const paused = new Set(plan.pauses.map(({ id }) => id));
  const targetScaled = toNumber(curtailment.target) * scale;
  let givesScaled = 0;
  for (const job of problem.jobs) {
    const perWatt = job.scaledPerGpuWatt[job.domains.indexOf(column)] ?? 0;
    if (perWatt > 0 && !paused.has(job.id)) {
      const drawn = drawAt(job.curve, caps.get(job.id) ?? job.capNowWatts);
      givesScaled += Math.max(0, drawn - floorWatts(problem, job)) * perWatt;
    }
  }
  const over = allScaled - givesScaled + moreScaled - targetScaled;
  return Math.max(0, Math.ceil((over / targetScaled) * permille));
}

import type { ShedJob } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../../words/curtailment.ts";

/** Full-speed time that a job loses in the time of a curtailment. */
export interface Lost {
  /** By what is planned for it. */
  readonly plannedMs: number;
  /** On top of that, until nodes are off and checkpoints are written. */
  readonly moreMs: number;
}

/**
 * All that a job loses to a curtailment. Steering lowers nobody by more than its tier leaves: until then a planned target
 * is missed, as its preview says. An emergency is held by bounds, whatever that takes.
 */
export function lostIn(
  { start, end, mode }: Curtailment,
  { tierLossMax }: Pick<ShedJob, "tierLossMax">,
  { plannedMs, moreMs }: Lost,
): number {
  const lengthMs = toNumber(end) - toNumber(start);
  const leftMs =
    mode === "planned" ? Math.max(0, tierLossMax * lengthMs - plannedMs) : Number.POSITIVE_INFINITY;
  return Math.min(lengthMs, plannedMs + Math.min(leftMs, moreMs));
}

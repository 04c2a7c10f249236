import { defaultSteerSettings, marginKept } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord } from "../../state/curtailments.ts";

type Planned = Pick<CurtailmentRecord, "curtailment"> &
  Partial<Pick<CurtailmentRecord, "steering">>;

/** Part of a target that its plan leaves free, as its steering will. */
function marginOf({ curtailment, steering }: Planned): number {
  return curtailment.mode === "planned" ? marginKept(steering, defaultSteerSettings) : 0;
}

/** Part of a target that a plan for a curtailment may count on: of a planned one without the margin that its steering keeps. */
export function plannedPart(planned: Planned): number {
  return 1 - marginOf(planned);
}

export function plannedTargetWatts(planned: Planned): number {
  return toNumber(planned.curtailment.target) * plannedPart(planned);
}

/** The smallest target with which a plan may count on so many watts. */
export function targetWattsFor(planned: Planned, neededWatts: number): number {
  return Math.ceil(neededWatts / plannedPart(planned));
}

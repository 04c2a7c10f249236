import { type Curtailment, CurtailmentMode } from "@ertis/api";

/** Emergencies that were in force in its time over what it is over, or below that. */
export function emergenciesBeside(
  own: Curtailment,
  all: readonly Curtailment[],
): readonly Curtailment[] {
  return all.filter(
    (one) =>
      one.id !== own.id &&
      one.mode === CurtailmentMode.EMERGENCY &&
      one.startTimeMs < overMs(own) &&
      own.startTimeMs < overMs(one) &&
      (isWithin(one.domainId, own.domainId) || isWithin(own.domainId, one.domainId)),
  );
}

function overMs({ endTimeMs, cancelledTimeMs }: Curtailment): number {
  return cancelledTimeMs === 0 ? endTimeMs : Math.min(endTimeMs, cancelledTimeMs);
}

function isWithin(domainId: string, topId: string): boolean {
  return domainId === topId || domainId.startsWith(`${topId}/`);
}

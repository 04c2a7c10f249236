import { toNumber } from "@ertis/quantities";
import { givingUpAt } from "../../power/shedding/given-up.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { isKept } from "./emergency-tiers.ts";
import { type Beside, describeTogether, type Together } from "./forecast-together.ts";

/**
 * An emergency that keeps floors for itself, and would not with others at its start that give some up, is not the one
 * to be refused: as long as those are on, everything may be asked of whom they mean. Once they are over it is planned
 * with the floors that count again; where those do not hold then, it is that moment for which it is refused.
 */
export function besideGivenUp(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  alone: Beside,
): Beside {
  const { curtailment } = record;
  const { start, end, mode } = curtailment;
  const atStart = givingUpAt(state, record, toNumber(start));
  const isKeptAs = (together: Together): boolean => isKept({ site, curtailment, ...together });
  if (mode !== "emergency" || atStart.length === 0 || isKeptAs(alone.atStart)) {
    return alone;
  }
  const ends = atStart.map((one) => toNumber(one.curtailment.end));
  const moments = [toNumber(start), ...new Set(ends)]
    .filter((atMs) => atMs < toNumber(end))
    .toSorted((a, b) => a - b)
    .map((atMs) =>
      describeTogether(state, site, record, {
        atMs,
        others: [],
        givingUp: givingUpAt(state, record, atMs),
      }),
    );
  const first = moments.find((one) => !isKeptAs(one)) ?? moments[0] ?? alone.atStart;
  return { ...alone, atStart: first };
}

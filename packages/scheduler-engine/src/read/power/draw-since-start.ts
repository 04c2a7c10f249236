import { instant, toNumber } from "@ertis/quantities";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { DomainDraw } from "../curtailments/domain-curtailed.ts";

/** Just after the start of a curtailment the last minute holds what was drawn before it: that part is left out. */
export function sinceStart(
  record: CurtailmentRecord | undefined,
  draw: DomainDraw | undefined,
): DomainDraw | undefined {
  const startMs = toNumber(record?.curtailment.start ?? instant(0));
  const first = record?.minutes.find(({ measuredMs }) => measuredMs > 0);
  return draw === undefined || first === undefined || draw.atMs - draw.measuredMs >= startMs
    ? draw
    : { ...draw, watts: Math.round(first.wattMs / first.measuredMs), measuredMs: first.measuredMs };
}

/** The stretch that a draw was measured in, from the start on; where nobody has measured since, this moment. */
export function measuredIn(
  { nowMs }: EngineState,
  { curtailment: { start } }: CurtailmentRecord,
  draw: DomainDraw | undefined,
): { readonly fromMs: number; readonly untilMs: number } {
  const fromMs = draw === undefined ? -Infinity : draw.atMs - draw.measuredMs;
  return draw === undefined || fromMs < toNumber(start)
    ? { fromMs: nowMs, untilMs: nowMs + 1 }
    : { fromMs, untilMs: draw.atMs };
}

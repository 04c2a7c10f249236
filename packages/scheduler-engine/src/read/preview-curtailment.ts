import { checkCurtailment, type RefusedCurtailment } from "../decide/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { CurtailmentForecast } from "./forecast.ts";

export interface CurtailmentPreview {
  readonly kind: "preview";
  /** With its baseline filled in. */
  readonly curtailment: Curtailment;
  readonly forecast: CurtailmentForecast;
}

/** What scheduling a curtailment would answer and do, with the checks and the decision of the real thing. */
export function previewCurtailment(
  state: EngineState,
  asked: Curtailment,
): CurtailmentPreview | RefusedCurtailment {
  const checked = checkCurtailment(state, asked);
  if (checked.kind === "rejected") {
    return checked;
  }
  const { curtailment, forecast } = checked;
  return { kind: "preview", curtailment, forecast };
}

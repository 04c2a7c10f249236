import { toNumber } from "@ertis/quantities";
import { checkCurtailment, type RefusedCurtailment } from "../../decide/commands/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { MovedPromise } from "../../words/reply.ts";
import type { CurtailmentForecast } from "../../decide/forecast/forecast.ts";

export interface CurtailmentPreview {
  readonly kind: "preview";
  /** With its baseline filled in. */
  readonly curtailment: Curtailment;
  readonly forecast: CurtailmentForecast;
  /** Promised starts that come later or lower with it, the first ones first. */
  readonly moved: readonly MovedPromise[];
}

/**
 * What scheduling a curtailment would answer and do, with the checks and the decision of the real thing.
 * At the moment of the notice, as it would be decided then: the engine's own clock stands since its last command.
 */
export function previewCurtailment(
  state: EngineState,
  asked: Curtailment,
): CurtailmentPreview | RefusedCurtailment {
  const nowMs = Math.max(state.nowMs, toNumber(asked.noticedAt));
  const checked = checkCurtailment(state, asked, nowMs);
  if (checked.kind === "rejected") {
    return checked;
  }
  const { curtailment, forecast, moved } = checked;
  return { kind: "preview", curtailment, forecast, moved };
}

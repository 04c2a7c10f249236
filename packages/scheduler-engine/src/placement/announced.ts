import type { PlannedPause } from "../state/curtailments.ts";
import type { Curtailment } from "../words/curtailment.ts";

/** A curtailment that is announced by what is decided now. */
export interface Announced {
  readonly curtailment: Curtailment;
  /** Who pauses for it, as it is foreseen. */
  readonly pauses: readonly PlannedPause[];
}

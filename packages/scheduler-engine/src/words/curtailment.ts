import type { Instant, Milliseconds, Watts } from "@ertis/quantities";
import type { FlexibilityTier } from "./job-spec.ts";

/** `planned`: a target for mean draw, steered by measurement. `emergency`: bounds fall at once. */
export type CurtailmentMode = "planned" | "emergency";

/** A temporary lower budget of a domain, known ahead or not. */
export interface Curtailment {
  /** Unique in the scheduler. */
  readonly id: string;
  readonly site: string;
  /** Id of the domain, its full path. */
  readonly domain: string;
  readonly mode: CurtailmentMode;
  readonly target: Watts;
  /** Mean draw of the domain in the hour before the notice. */
  readonly baseline: Watts;
  /** So much of that hour was measured; 0: nothing, so that it is the bound. Absent: nobody has told. */
  readonly baselineMeasured?: Milliseconds;
  readonly start: Instant;
  readonly end: Instant;
  /** From the start until the target holds. */
  readonly ramp: Milliseconds;
  /** Tiers whose floors it gives up below its domain; absent: none. Only an emergency gives up tier 0. */
  readonly giveUp?: readonly FlexibilityTier[];
  /** Those that it was allowed to give up, where it is kept with fewer; absent: those that it gives up. */
  readonly mayGiveUp?: readonly FlexibilityTier[];
  readonly reason: string;
  readonly setBy: string;
  readonly noticedAt: Instant;
}

import type { PricedJob } from "./priced-job.ts";
import type { ShedDraft } from "./shed-draft.ts";
import type { ShedProblem } from "./shed-problem.ts";

export interface Member {
  readonly priced: PricedJob;
  /** Growth of the domain for one watt more on every GPU of the job. */
  readonly scaled: number;
}

export interface DomainFit {
  readonly problem: ShedProblem;
  readonly draft: ShedDraft;
  /** Where a price is tried: true of the members only, from one try to the next. */
  readonly scratch: ShedDraft;
  readonly members: readonly Member[];
  readonly room: number;
  /** Positions of those members that may pause, and give nodes back. */
  readonly pausing: readonly number[];
  readonly shrinking: readonly number[];
  /** It is only asked whether the domain can fit, not at which price. */
  readonly isAnyPrice: boolean;
}

/** Weighted speed per watt of the domain, for one of speed per watt of each GPU. */
export function worthOf({ priced, scaled }: Member): number {
  return priced.job.weight / scaled;
}

/** What a domain's members do at one price. */
export interface PricedFit {
  readonly fit: DomainFit;
  readonly price: number;
  readonly draft: ShedDraft;
  /** Beside the members. */
  readonly capWatts: Float64Array;
  /** Of the domain, by slot; above 0: too much. */
  readonly excess: Float64Array;
}

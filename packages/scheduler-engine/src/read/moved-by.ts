import { toNumber } from "@ertis/quantities";
import { soonerStart } from "../decide/head.ts";
import { undoingPromises } from "../placement/undoing-promises.ts";
import { refreshHorizons } from "../power/horizons.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Job } from "../state/job.ts";
import type { Reservation } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";

/** The curtailment that puts a promised start off, and the start that there would be without it. */
export interface MovedBy {
  readonly curtailment: Curtailment;
  readonly startAtMs: number;
}

/** Asked of so many curtailments at most, those first that begin first. */
const askedMax = 8;

/** Which curtailment alone keeps a promised start from being sooner; undefined: none does. */
export function movedBy(state: EngineState, job: Job, own: Reservation): MovedBy | undefined {
  const { site } = own.pool;
  const asked = site.curtailments
    .filter((one) => toNumber(one.start) < own.holdsUntilMs && own.startAtMs > state.nowMs)
    .toSorted((a, b) => toNumber(a.start) - toNumber(b.start))
    .slice(0, askedMax);
  for (const curtailment of asked) {
    const sooner = undoingPromises(state, (trial) => {
      site.curtailments.splice(site.curtailments.indexOf(curtailment), 1);
      refreshHorizons(site, state.nowMs);
      return soonerStart(trial, job, own);
    });
    if (sooner !== undefined) {
      return { curtailment, startAtMs: sooner.startAtMs };
    }
  }
  return undefined;
}

import { toNumber } from "@ertis/quantities";
import { askRamp } from "../../decide/ramp/ramp.ts";
import { findStart, reservationOf } from "../../placement/find.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { HeadStart } from "./explanation.ts";
import { withLifted } from "../../power/what-if/lifted.ts";

/** The ramp that holds up a start which fits in all else. Watts are those of the domain. */
export interface RampBlock {
  readonly domain: string;
  readonly limitWatts: number;
  /** What the limit counts per: a minute or a second. */
  readonly perMs: number;
  readonly windowMs: number;
  readonly neededWatts: number;
  /** What may be added now. */
  readonly roomWatts: number;
  /** When all of it may, if nothing else changes before. */
  readonly atMs: number;
}

/** What ramps have against a start. */
export interface RampAnswerView {
  readonly ramp?: RampBlock;
  /** Another waits for the same ramp, and goes first. */
  readonly head?: HeadStart;
}

/** What keeps a job back that has room, GPUs and watts; undefined: no ramp does. */
export function rampBlock(state: EngineState, job: Job): RampAnswerView | undefined {
  if (state.ramps.size === 0) {
    return undefined;
  }
  const own = reservationOf(state, job);
  return withLifted(own === undefined ? [] : [own], () => {
    const found = findStart(state, job, own);
    const ramps = found && state.ramps.get(found.placement.site);
    if (found === undefined || ramps === undefined) {
      return undefined;
    }
    if (state.nowMs < ramps.waitUntilMs && ramps.waiter !== job.number) {
      return { head: { job: ramps.waiter, startAtMs: ramps.waitUntilMs } };
    }
    const answer = askRamp(state, job, found);
    if (answer.kind === "start") {
      return undefined;
    }
    const { wait } = answer;
    const { site } = known(state.sites.get(found.placement.site), "site of a placement");
    const { id, ramp, loadScale } = known(site.domains[wait.domain], "domain of a ramp");
    return {
      ramp: {
        domain: id,
        limitWatts: toNumber(known(ramp, "ramp of a domain").watts),
        perMs: known(ramp, "ramp of a domain").perMs,
        windowMs: known(ramp, "ramp of a domain").windowMs,
        neededWatts: Math.ceil(wait.scaled / loadScale),
        roomWatts: Math.floor(wait.roomScaled / loadScale),
        atMs: wait.atMs,
      },
    };
  });
}

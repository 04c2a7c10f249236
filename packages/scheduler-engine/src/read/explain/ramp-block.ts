import { stepWattsMax } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { askRamp } from "../../decide/ramp/ramp.ts";
import { findStart, reservationOf } from "../../placement/find.ts";
import type { Start } from "../../placement/wanted.ts";
import { isBeyondRamp, stepsOfStart } from "../../power/ramp/ramp-room.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { HeadStart } from "./explanation.ts";
import { withLifted } from "../../power/what-if/lifted.ts";

/** What a start adds below a ramp. Watts are those of the domain. */
export interface RampStepView {
  readonly domain: string;
  readonly limitWatts: number;
  /** What the limit counts per: a minute or a second. */
  readonly perMs: number;
  readonly windowMs: number;
  readonly neededWatts: number;
  /** The most that may ever be added at once; a start that needs more passes the limit, whenever it is made. */
  readonly mostWatts: number;
}

/** The ramp that holds up a start which fits in all else. */
export interface RampBlock extends RampStepView {
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
    const site = known(state.sites.get(found.placement.site), "site of a placement");
    const { loadScale } = known(site.site.domains[wait.domain], "domain of a ramp");
    return {
      ramp: {
        ...stepView(site, wait.domain, wait.scaled),
        roomWatts: Math.floor(wait.roomScaled / loadScale),
        atMs: wait.atMs,
      },
    };
  });
}

/** Where a start that is made now adds more than a ramp ever allows at once: of several, farthest up. */
export function stepBeyondRamp(
  state: EngineState,
  job: Job,
  start: Start,
): RampStepView | undefined {
  const { capWatts, nodes, site: id } = start.placement;
  const site = known(state.sites.get(id), "site of a placement");
  const ramps = state.ramps.get(id);
  if (ramps === undefined) {
    return undefined;
  }
  const { gpusPerNode } = job.spec;
  const steps = stepsOfStart(site, ramps, nodes, { gpusPerNode, capWatts, floorCapWatts: 0 });
  const [first] = [...steps]
    .filter(([domain, scaled]) => isBeyondRamp(ramps, domain, scaled))
    .toSorted(([a], [b]) => a - b);
  return first && stepView(site, ...first);
}

function stepView({ site }: SiteState, domain: number, scaled: number): RampStepView {
  const { id, ramp, loadScale } = known(site.domains[domain], "domain of a ramp");
  const { watts, perMs, windowMs } = known(ramp, "ramp of a domain");
  const limitWatts = toNumber(watts);
  return {
    domain: id,
    limitWatts,
    perMs,
    windowMs,
    neededWatts: Math.ceil(scaled / loadScale),
    mostWatts: Math.floor(stepWattsMax({ watts: limitWatts, perMs, windowMs })),
  };
}

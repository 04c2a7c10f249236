import type { ShedPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { stopGraceMs } from "../../limits.ts";
import {
  fallsToCome,
  fitsRooms,
  roomsAt,
  type RampSteps,
  stepsOfCap,
  stepsOfEnd,
} from "../../power/ramp/ramp-room.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { isBending } from "../ramp/wind-down.ts";
import { ledgersAhead, stopInTurn } from "./stops-in-turn.ts";

interface Planned {
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly plan: ShedPlan;
}

/**
 * How long pauses that are due before ramps allow them wait, by job, in ms: at least as long as all that falls
 * until then takes at the limit, caps of others first, and until those before it are gone. An emergency steps.
 */
export function rampDelays(
  state: EngineState,
  site: SiteState,
  { curtailment, described, plan }: Planned,
): ReadonlyMap<number, number> {
  const ramps = state.ramps.get(site.site.id);
  const delays = new Map<number, number>();
  if (ramps === undefined || curtailment.mode === "emergency" || plan.pauses.length === 0) {
    return delays;
  }
  const falls = new Map<number, number>();
  const pausing = new Set(plan.pauses.map(({ id }) => id));
  for (const { id, capWatts } of plan.capsUntilSettled) {
    const attempt = described.members[id]?.attempt;
    if (attempt !== undefined && !pausing.has(id)) {
      add(falls, stepsOfCap(site, ramps, attempt, Math.ceil(capWatts)));
    }
  }
  const coming = fallsToCome(site, ramps, state.nowMs);
  const rooms = roomsAt(ramps, { atMs: state.nowMs, settleMs: stopGraceMs }, coming);
  const ledgers = ledgersAhead(ramps, coming);
  for (const { id, fromMs } of plan.pauses.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const attempt = described.members[id]?.attempt;
    if (attempt !== undefined) {
      const steps = stepsOfEnd(site, ramps, attempt);
      add(falls, steps);
      const dueInMs = Math.max(0, toNumber(curtailment.start) + fromMs - state.nowMs);
      const dueMs = state.nowMs + dueInMs;
      const fallDelayMs = fitsRooms(rooms, falls) ? 0 : fallMsOf(ramps, falls) - dueInMs;
      // What is wound down has fallen by then; other stops come one after the other from when they are due.
      const saveMs = described.problem.jobs[id]?.saveMs ?? 0;
      const turnMs = isBending(attempt) ? dueMs : stopInTurn(ledgers, steps, { dueMs, saveMs });
      const delayMs = Math.max(fallDelayMs, turnMs - dueMs);
      if (delayMs > 0) {
        delays.set(id, delayMs);
      }
    }
  }
  return delays;
}

function add(falls: Map<number, number>, steps: RampSteps): void {
  for (const [domain, scaled] of steps) {
    // Another way up makes no room: it may come later.
    falls.set(domain, (falls.get(domain) ?? 0) + Math.min(0, scaled));
  }
}

/** As long as ramps take for all of it. */
function fallMsOf({ budget }: SiteRamps, falls: RampSteps): number {
  let longestMs = 0;
  for (const [domain, scaled] of falls) {
    const limit = budget.ledgers[domain]?.limit;
    if (limit !== undefined) {
      longestMs = Math.max(longestMs, Math.ceil((-scaled / limit.watts) * limit.perMs));
    }
  }
  return longestMs;
}

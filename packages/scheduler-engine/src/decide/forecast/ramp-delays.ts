import type { ShedPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { stopGraceMs } from "../../limits.ts";
import {
  fallsToCome,
  fitsRooms,
  leaving,
  roomsAt,
  type RampSteps,
  stepsOfCap,
  stepsOfEnd,
  stepsThatWait,
} from "../../power/ramp/ramp-room.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { shrinksDue } from "../shed/shrinks-due.ts";
import { isBending } from "../ramp/wind-down.ts";
import { ledgersAhead, stopInTurn } from "./stops-in-turn.ts";

interface Planned {
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly plan: ShedPlan;
}

/**
 * How long pauses that are due before ramps allow them wait, by job, in ms: at least as long as all that falls
 * until then takes at the limit, caps of others first, and until those before it are gone. Of gangs that give nodes
 * back and wait, how long from the notice until they stop. An emergency steps.
 */
export function rampDelays(
  state: EngineState,
  site: SiteState,
  { curtailment, described, plan }: Planned,
): ReadonlyMap<number, number> {
  const ramps = state.ramps.get(site.site.id);
  const delays = new Map<number, number>();
  if (ramps === undefined || curtailment.mode === "emergency" || isNobodyStopping(plan)) {
    return delays;
  }
  const falls = new Map<number, number>();
  const stops = stopsOf(state, site, { curtailment, described, plan });
  const stopping = new Set(stops.map(({ id }) => id));
  for (const { id, capWatts } of plan.capsUntilSettled) {
    const attempt = described.members[id]?.attempt;
    if (attempt !== undefined && !stopping.has(id)) {
      add(falls, stepsOfCap(site, ramps, attempt, Math.ceil(capWatts)));
    }
  }
  const coming = fallsToCome(site, ramps, state.nowMs);
  const rooms = roomsAt(ramps, { atMs: state.nowMs, settleMs: stopGraceMs }, coming);
  const ledgers = ledgersAhead(ramps, coming);
  const gone = leaving(site);
  const { noticeMs } = described.problem;
  for (const { id, attempt, fromMs, dueInMs, isShrink } of stops) {
    const steps = stepsOfEnd(site, ramps, attempt, { gone });
    gone.add(attempt);
    add(falls, steps);
    const dueMs = state.nowMs + dueInMs;
    const fallDelayMs = fitsRooms(rooms, falls) ? 0 : fallMsOf(ramps, falls) - dueInMs;
    // What is wound down has fallen by then; other stops come one after the other from when they are due.
    const saveMs = described.problem.jobs[id]?.saveMs ?? 0;
    const turnMs = isBending(attempt)
      ? dueMs
      : stopInTurn(ledgers, { steps, asked: stepsThatWait(ramps, steps) }, { dueMs, saveMs });
    const delayMs = Math.max(fallDelayMs, turnMs - dueMs);
    if (delayMs > 0) {
      delays.set(id, isShrink ? fromMs + noticeMs + delayMs : delayMs);
    }
  }
  return delays;
}

function isNobodyStopping({ pauses, shrinks }: ShedPlan): boolean {
  return pauses.length === 0 && shrinks.length === 0;
}

interface Stop {
  readonly id: number;
  readonly attempt: Attempt;
  /** From the start of the curtailment. */
  readonly fromMs: number;
  /** From now. */
  readonly dueInMs: number;
  readonly isShrink: boolean;
}

/** Those who pause and those who give nodes back stop in one line, as they are due. */
function stopsOf(
  state: EngineState,
  site: SiteState,
  { curtailment, described, plan }: Planned,
): readonly Stop[] {
  const startInMs = toNumber(curtailment.start) - state.nowMs;
  const { noticeMs } = described.problem;
  const pauses = plan.pauses.map((one) => ({ ...one, fromMs: one.fromMs + noticeMs }));
  const shrinkDue = shrinksDue(state, site, described, { ...plan, pauses });
  return [
    ...plan.pauses.map(({ id, fromMs }) => ({ id, fromMs, isShrink: false })),
    ...plan.shrinks.map(({ id }) => ({ id, fromMs: shrinkDue(id) - noticeMs, isShrink: true })),
  ]
    .flatMap((one) => {
      const { attempt } = described.members[one.id] ?? {};
      const dueInMs = Math.max(0, startInMs + one.fromMs);
      return attempt === undefined ? [] : [{ ...one, attempt, dueInMs }];
    })
    .toSorted((a, b) => a.dueInMs - b.dueInMs || a.attempt.job - b.attempt.job);
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

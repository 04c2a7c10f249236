import { isRoomFor, roomAt } from "@ertis/power-planning";
import { stopGraceMs } from "../../limits.ts";
import { withinRamps } from "../../power/ramp/ramp-coming.ts";
import { leaving, type RampSteps, stepsOfEnd, stepsThatWait } from "../../power/ramp/ramp-room.ts";
import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import { fallInTurn, fallMsOf } from "./falls-in-turn.ts";
import type { Stop } from "./stops-in-line.ts";
import { type LedgersAhead, stopInTurn } from "./stops-in-turn.ts";

/** Somebody stops so long from now. */
export interface Turn {
  readonly stop: Stop;
  /** What that takes away, and what caps have taken away before. */
  readonly steps: RampSteps;
  readonly inMs: number;
}

interface Line {
  readonly site: SiteState;
  readonly ramps: SiteRamps;
  readonly nowMs: number;
  /** With what comes; each turn is written down. */
  readonly ledgers: LedgersAhead;
}

interface Asking {
  readonly stop: Stop;
  readonly asksInMs: number;
}

/** When each may stop beside those before it. Whose caps have to fall first lets others pass until they may be down. */
export function turnsInLine(line: Line, stops: readonly Stop[]): readonly Turn[] {
  const waiting: Asking[] = stops.map((stop) => ({ stop, asksInMs: stop.dueInMs }));
  const gone = leaving(line.site);
  const turns: Turn[] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const bend = bendOf(line, next, gone);
    if (bend.downInMs > next.asksInMs) {
      const { stop } = next;
      const before = waiting.findLastIndex(({ asksInMs }) => asksInMs <= bend.downInMs);
      waiting.splice(before + 1, 0, { stop, asksInMs: bend.downInMs });
    } else {
      turns.push({ stop: next.stop, steps: bend.steps, inMs: turnOf(line, next, bend) });
      gone.add(next.stop.attempt);
    }
  }
  return turns;
}

interface Bend {
  readonly steps: RampSteps;
  /** Of them, what caps take away before the stop. */
  readonly falls: RampSteps;
  /** No earlier. */
  readonly downInMs: number;
}

/** As little as makes room for its stop, as a wind-down plans it. */
function bendOf(line: Line, { stop, asksInMs }: Asking, gone: ReadonlySet<Attempt>): Bend {
  const { site, ramps, nowMs, ledgers } = line;
  const { attempt, windDown } = stop;
  const steps = stepsOfEnd(site, ramps, attempt, { gone });
  const part = windDown === undefined ? 1 : partOf(ledgers, steps, nowMs + asksInMs);
  if (windDown === undefined || part === 1) {
    return { steps, falls: new Map(), downInMs: asksInMs };
  }
  const lowest = stepsOfEnd(site, ramps, attempt, { gone, capWatts: windDown.lowestCapWatts });
  const left = [...steps].map(([domain, step]): [number, number] => [
    domain,
    Math.min(part * step, lowest.get(domain) ?? 0),
  ]);
  return {
    steps,
    falls: less(steps, new Map(left)),
    downInMs: windDown.beginsInMs + fallMsOf(ledgers, less(steps, lowest)),
  };
}

/** How much of all steps fits at a moment, at most 1. */
function partOf(ledgers: LedgersAhead, steps: RampSteps, atMs: number): number {
  let part = 1;
  for (const [domain, step] of steps) {
    const room = roomAt(known(ledgers.get(domain), "ledger of a ramp"), atMs, stopGraceMs);
    part = isRoomFor(room, step) ? part : Math.min(part, room.downWatts / -step);
  }
  return part;
}

function less(steps: RampSteps, others: RampSteps): RampSteps {
  return new Map([...steps].map(([domain, step]) => [domain, step - (others.get(domain) ?? 0)]));
}

function turnOf(
  { ramps, nowMs, ledgers }: Line,
  { stop: { windDown, saveMs }, asksInMs }: Asking,
  { steps, falls }: Bend,
): number {
  const dueMs = nowMs + asksInMs;
  if (windDown === undefined) {
    const asked = stepsThatWait(ramps, steps);
    return stopInTurn(ledgers, { steps, asked }, { dueMs, saveMs }) - nowMs;
  }
  const downMs = fallInTurn(ledgers, falls, nowMs + windDown.beginsInMs);
  const left = less(steps, falls);
  const due = { dueMs: Math.max(dueMs, downMs), saveMs };
  // What is more than a ramp ever allows, at its lowest cap, goes when its domain is quiet.
  return stopInTurn(ledgers, { steps: left, asked: withinRamps(ramps, left) }, due) - nowMs;
}

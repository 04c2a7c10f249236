import type { ShedPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { stopGraceMs, switchOffMs } from "../../limits.ts";
import {
  type ComingSteps,
  fallsToCome,
  fitsRooms,
  roomsAt,
  type RampSteps,
  stepsOfCap,
  stepsOfSleep,
} from "../../power/ramp/ramp-room.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import { fallBeside, fallMsOf } from "./falls-in-turn.ts";
import { type Planned, stopsInLine } from "./stops-in-line.ts";
import { ledgersAhead } from "./stops-in-turn.ts";
import { turnsInLine } from "./turns-in-line.ts";

/** How ramps put off what a plan lets fall. */
export interface RampDelays {
  /**
   * How long pauses that are due before ramps allow them wait, by job, in ms: at least as long as all that falls
   * until then takes at the limit, caps of others first, and until those before it are gone. Of gangs that give nodes
   * back and wait, how long from the notice until they stop.
   */
  readonly delaysMs: ReadonlyMap<number, number>;
  /** So long after the start caps of those who go on are down, which fall in what stops leave of the ramps. */
  readonly capsDownMs: number;
}

/** What falls beside those who stop. */
interface FallsBeside {
  /** Caps of those who go on begin so long from now. */
  readonly fallsInMs: number;
  /** From when on nodes that go off are surely off, counted from the start. */
  readonly offMoments: ReadonlyMap<number, number>;
}

/** An emergency steps. */
export function rampDelays(
  state: EngineState,
  site: SiteState,
  { curtailment, described, plan }: Planned,
  { fallsInMs, offMoments }: FallsBeside,
): RampDelays {
  const { nowMs } = state;
  const ramps = state.ramps.get(site.site.id);
  const delaysMs = new Map<number, number>();
  if (ramps === undefined || curtailment.mode === "emergency" || isNobodyStopping(plan)) {
    return { delaysMs, capsDownMs: 0 };
  }
  const stops = stopsInLine(state, site, { curtailment, described, plan });
  const stopping = new Set(stops.map(({ id }) => id));
  const staying = described.members.map(({ attempt }, id) =>
    stopping.has(id) ? undefined : attempt,
  );
  const falls = fallsOf(site, ramps, staying, plan.capsUntilSettled);
  const coming = fallsToCome(site, ramps, nowMs);
  const rooms = roomsAt(ramps, { atMs: nowMs, settleMs: stopGraceMs }, coming);
  const startMs = toNumber(curtailment.start);
  const dueMs = nowMs + Math.min(...stops.map(({ dueInMs }) => dueInMs));
  const sleeps = sleepsBefore(dueMs, site, ramps, { startMs, offMoments });
  const ledgers = ledgersAhead(ramps, [...coming, ...sleeps]);
  const { noticeMs } = described.problem;
  for (const { stop, steps, inMs } of turnsInLine({ site, ramps, nowMs, ledgers }, stops)) {
    const { id, fromMs, dueInMs, isShrink } = stop;
    add(falls, steps);
    const fallDelayMs = fitsRooms(rooms, falls) ? 0 : fallMsOf(ledgers, falls) - dueInMs;
    const delayMs = Math.max(fallDelayMs, inMs - dueInMs);
    if (delayMs > 0) {
      delaysMs.set(id, isShrink ? fromMs + noticeMs + delayMs : delayMs);
    }
  }
  const left = fallsOf(site, ramps, staying, plan.caps);
  const downMs = fallBeside(ledgers, left, nowMs + Math.max(0, fallsInMs));
  return { delaysMs, capsDownMs: downMs - startMs };
}

/** Nodes that are told to go off before the first stop is due keep their room; the others wait for it. */
function sleepsBefore(
  dueMs: number,
  site: SiteState,
  ramps: SiteRamps,
  { startMs, offMoments }: Pick<FallsBeside, "offMoments"> & { readonly startMs: number },
): readonly ComingSteps[] {
  const nodesByAsked = new Map<number, number[]>();
  for (const [node, offMs] of offMoments) {
    const askedMs = startMs + offMs - switchOffMs;
    if (askedMs < dueMs) {
      nodesByAsked.set(askedMs, [...(nodesByAsked.get(askedMs) ?? []), node]);
    }
  }
  return [...nodesByAsked].map(([atMs, nodes]) => ({
    atMs,
    settleMs: switchOffMs,
    steps: stepsOfSleep(site, ramps, nodes),
  }));
}

function fallsOf(
  site: SiteState,
  ramps: SiteRamps,
  attempts: readonly (Attempt | undefined)[],
  caps: ShedPlan["caps"],
): Map<number, number> {
  const falls = new Map<number, number>();
  for (const { id, capWatts } of caps) {
    const attempt = attempts[id];
    if (attempt !== undefined) {
      add(falls, stepsOfCap(site, ramps, attempt, Math.ceil(capWatts)));
    }
  }
  return falls;
}

function isNobodyStopping({ pauses, shrinks }: ShedPlan): boolean {
  return pauses.length === 0 && shrinks.length === 0;
}

function add(falls: Map<number, number>, steps: RampSteps): void {
  for (const [domain, scaled] of steps) {
    // Another way up makes no room: it may come later.
    falls.set(domain, (falls.get(domain) ?? 0) + Math.min(0, scaled));
  }
}

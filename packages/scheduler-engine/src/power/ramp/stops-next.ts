import { stopGraceMs } from "../../limits.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import type { SiteState } from "../../state/site-state.ts";
import { longestMemoryMs, withinRamps } from "./ramp-coming.ts";
import { isWaitingToPause } from "./ramp-lead.ts";
import {
  type ComingSteps,
  isBeyondRamp,
  leaving,
  type RampSteps,
  stepsOfEnd,
  stepsThatWait,
} from "./ramp-room.ts";

/**
 * The stops for curtailments that are next and due soon, each as small as caps make it: as many as ramps ever allow
 * together. Caps of others leave them their room, for what stops late writes its checkpoint above the target. Those who
 * stop one after the other cannot all keep theirs: while one of them stops, caps fall beside it.
 */
export function stopsNext(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  asking: Attempt,
): readonly ComingSteps[] {
  const line = lineOf(state, site);
  return line.some(({ attempt }) => attempt === asking || attempt.phase === "stopping")
    ? []
    : stopsWithin(state, site, ramps, { line, goneInMs: stopGraceMs });
}

/**
 * The same beside those who stop now for something else and are surely gone so long from now: while they write their
 * checkpoints they may fall at any moment, and who is due then would wait for them above the target.
 */
export function stopsBeside(
  state: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  { attempts, goneInMs }: { readonly attempts: readonly Attempt[]; readonly goneInMs: number },
): readonly ComingSteps[] {
  const line = lineOf(state, site).filter(
    ({ attempt }) => attempt.phase !== "stopping" && !attempts.includes(attempt),
  );
  return stopsWithin(state, site, ramps, { line, goneInMs });
}

function stopsWithin(
  { nowMs }: EngineState,
  site: SiteState,
  ramps: SiteRamps,
  { line, goneInMs }: { readonly line: readonly StopInLine[]; readonly goneInMs: number },
): readonly ComingSteps[] {
  const coming: ComingSteps[] = [];
  const gone = leaving(site);
  const all = new Map<number, number>();
  for (const { attempt, dueMs } of line) {
    const isNear = dueMs - nowMs <= longestMemoryMs(ramps) + goneInMs;
    const steps = leastSteps(site, ramps, attempt, gone);
    steps.forEach((scaled, domain) => all.set(domain, (all.get(domain) ?? 0) + scaled));
    const isTooMuch = [...all].some(([domain, scaled]) => isBeyondRamp(ramps, domain, scaled));
    if (!isNear || isTooMuch) {
      break;
    }
    coming.push({ atMs: dueMs, settleMs: stopGraceMs, steps });
    gone.add(attempt);
  }
  return coming;
}

interface StopInLine {
  readonly attempt: Attempt;
  readonly dueMs: number;
}

/** Who is planned to stop, or does, in their order. */
function lineOf(state: EngineState, site: SiteState): readonly StopInLine[] {
  const { nowMs } = state;
  return (state.curtailments.pauses.get(site.site.id) ?? []).flatMap((pause) => {
    const attempt = state.jobs.get(pause.job)?.active?.get(pause.task ?? 0);
    const isDone = attempt === undefined || attempt.phase === "exited";
    const isToStop = !isDone && (pause.fromMs > nowMs || isWaitingToPause(state, pause, attempt));
    return isToStop ? [{ attempt, dueMs: Math.max(nowMs, pause.fromMs) }] : [];
  });
}

/** What takes no caps and is more than a ramp ever allows does not wait for it, and needs no room. */
function leastSteps(
  site: SiteState,
  ramps: SiteRamps,
  attempt: Attempt,
  gone: ReadonlySet<Attempt>,
): RampSteps {
  const { curve, capWatts, floorCapWatts } = attempt;
  if (curve === undefined || floorCapWatts === 0) {
    return stepsThatWait(ramps, stepsOfEnd(site, ramps, attempt, { gone }));
  }
  const lowest = capWatts === 0 ? floorCapWatts : Math.min(capWatts, floorCapWatts);
  return withinRamps(ramps, stepsOfEnd(site, ramps, attempt, { gone, capWatts: lowest }));
}

import { goalAt, type SteerTarget } from "./plan.ts";

/** What counts as drawn in the window that runs now. */
export interface Window {
  readonly startMs: number;
  readonly countedWattMs: number;
}

/** Windows follow each other from the event's start; before it, the first one has not begun. */
export function windowStartMs(target: SteerTarget, windowMs: number, atMs: number): number {
  return target.startMs + Math.floor((atMs - target.startMs) / windowMs) * windowMs;
}

/**
 * Adds a stretch of time with its mean draw. What lies before the window of `atMs` is over and
 * forgotten.
 */
export function countDrawn(
  window: Window,
  stretch: { readonly fromMs: number; readonly atMs: number; readonly meanWatts: number },
  startMs: number,
): Window {
  const fromMs = Math.max(stretch.fromMs, startMs);
  const before = window.startMs === startMs ? window.countedWattMs : 0;
  return {
    startMs,
    countedWattMs: before + Math.max(0, stretch.atMs - fromMs) * stretch.meanWatts,
  };
}

/**
 * What may be drawn until the next measurement, on average: the goal of that time, and what is left
 * over or missing from the window so far, spread evenly over the rest of it. What is left over is
 * given back up to `giveBackShare` of the goal only: a window that somebody left nearly empty is no
 * reason for a surge at its end. Nothing is given back where the next measurement comes after the
 * window: what is raised then goes on in the next one, which would begin above its goal.
 */
export function roomWatts(
  target: SteerTarget,
  window: Window,
  plan: {
    readonly atMs: number;
    readonly windowMs: number;
    readonly periodMs: number;
    readonly marginShare: number;
    readonly giveBackShare: number;
  },
): number | undefined {
  const { atMs } = plan;
  if (isAhead(target, plan)) {
    return target.targetWatts * (1 - plan.marginShare);
  }
  const now = goalAt(target, Math.min(atMs + plan.periodMs / 2, target.endMs - 1));
  if (now === undefined || goalAt(target, atMs) === undefined) {
    return undefined;
  }
  const goal = now * (1 - plan.marginShare);
  const intoMs = atMs - window.startMs;
  const meantWattMs = meanGoal(target, window.startMs, atMs) * (1 - plan.marginShare) * intoMs;
  const leftMs = Math.min(window.startMs + plan.windowMs, target.endMs) - atMs;
  const correction = leftMs > 0 ? (meantWattMs - window.countedWattMs) / leftMs : 0;
  const most = leftMs < plan.periodMs ? 0 : plan.giveBackShare * goal;
  return goal + Math.min(correction, most);
}

/**
 * Is this the last measurement before a target that holds at once? Then caps are asked for that fall with its start: at
 * floors the rest of its first minute would not make up for its first seconds. Where a line falls there is time.
 */
export function isAhead(
  { startMs, rampMs, isAskedAhead = false }: SteerTarget,
  { atMs, periodMs }: { readonly atMs: number; readonly periodMs: number },
): boolean {
  return isAskedAhead && rampMs === 0 && atMs < startMs && atMs + periodMs >= startMs;
}

/** Mean of the goal over a stretch inside one window: its line bends at the ramp's end at most. */
function meanGoal(target: SteerTarget, fromMs: number, untilMs: number): number {
  const bendMs = Math.min(Math.max(target.startMs + target.rampMs, fromMs), untilMs);
  const at = (ms: number): number => goalAt(target, Math.min(ms, target.endMs - 1)) ?? 0;
  if (untilMs <= fromMs) {
    return at(fromMs);
  }
  const onRamp = ((at(fromMs) + at(bendMs)) / 2) * (bendMs - fromMs);
  return (onRamp + target.targetWatts * (untilMs - bendMs)) / (untilMs - fromMs);
}

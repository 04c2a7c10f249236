import { gaveWayUntilMs } from "../../decide/queue/may-preempt.ts";
import { planPreemption } from "../../decide/queue/preempt.ts";
import { defaultLimits } from "../../limits.ts";
import { poolsWithoutPaused, reservationOf } from "../../placement/find.ts";
import { fullHolding } from "../../placement/quota.ts";
import { Rules } from "../../placement/victims.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { JobNumber } from "../../words/job-spec.ts";

/** Moments that are looked at, evenly among many: each is a search of its own. Errs to the later side. */
const momentsMax = 16;

/** A start for which others would be stopped. */
export interface MayPreempt {
  /** From when on they may be asked to stop. */
  readonly fromMs: number;
  /** When they have saved their work and are gone. */
  readonly startAtMs: number;
  /** Ascending. */
  readonly victims: readonly JobNumber[];
}

/**
 * When a job may stop others for a start before its promised one, and whom, if all goes on as it does; undefined: it
 * may not. Mostly those that could be stopped have not worked long enough yet.
 */
export function mayPreemptFrom(state: EngineState, job: Job): MayPreempt | undefined {
  const moments = momentsOf(state, job);
  let [tooEarly, latest] = [-1, moments.length];
  let found: MayPreempt | undefined;
  while (latest - tooEarly > 1) {
    // The last first: mostly nobody can be stopped, and one look says so.
    const middle = found === undefined ? latest - 1 : (tooEarly + latest) >> 1;
    const one = preemptsAt(state, job, moments[middle] ?? 0);
    if (one === undefined && found === undefined) {
      return undefined;
    }
    tooEarly = one === undefined ? middle : tooEarly;
    latest = one === undefined ? latest : middle;
    found = one ?? found;
  }
  return found;
}

/**
 * Now, and when others become old enough to be stopped for it before its promised start, or it has given way long
 * enough; in rising order.
 */
function momentsOf(state: EngineState, job: Job): readonly number[] {
  const { nowMs } = state;
  const untilMs = reservationOf(state, job)?.startAtMs ?? Infinity;
  const rules = new Rules(state, job).needs(fullHolding(state, job));
  const gaveWayMs = gaveWayUntilMs(job);
  const moments = new Set(nowMs < gaveWayMs && gaveWayMs < untilMs ? [nowMs, gaveWayMs] : [nowMs]);
  for (const { site } of poolsWithoutPaused(state, job)) {
    for (const group of state.stoppable.get(site.site.id)?.groups() ?? []) {
      const [any] = group;
      for (const { fromMs } of any !== undefined && rules.mayStopGroup(any) ? group : []) {
        if (fromMs > nowMs && fromMs < untilMs) {
          moments.add(fromMs);
        }
      }
    }
  }
  const rising = [...moments].toSorted((a, b) => a - b);
  const step = Math.ceil(rising.length / momentsMax);
  return rising.filter((_, at) => at === 0 || (rising.length - 1 - at) % step === 0);
}

function preemptsAt(state: EngineState, job: Job, fromMs: number): MayPreempt | undefined {
  const then = { ...state, nowMs: fromMs };
  const plan = planPreemption({ state: then, limits: defaultLimits }, job);
  const found = plan !== undefined && "stops" in plan ? plan.stops : undefined;
  const victims = new Set(found?.victims.map((one) => one.job.number));
  return (
    found && {
      fromMs,
      startAtMs: found.startAtMs,
      victims: [...victims].toSorted((a, b) => a - b),
    }
  );
}

import { acknowledgeMs, startSettleMs, stopGraceMs, switchOffMs, wakeMs } from "../../limits.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { findAttempt, type Attempt } from "../../state/job.ts";
import { nodeOff } from "../../state/site-state.ts";
import type { Event } from "../../words/event.ts";

/** When what is drawn changes: somewhere from `atMs` on, and by `settleMs` later surely. */
export interface ChangeTime {
  readonly atMs: number;
  readonly settleMs: number;
}

/** By when after its order a raise surely shows: a gang that does not run yet draws more when it does. */
export function raiseSettleMs({ phase, startedAtMs }: Attempt, nowMs: number): number {
  const untilMs = phase === "starting" ? startedAtMs + startSettleMs : nowMs;
  return Math.max(acknowledgeMs, untilMs - nowMs);
}

/**
 * When an event's change is drawn. Bounds fall when a fall is confirmed, and the draw did before: a
 * lowering within the time for its answer, an end when its program ended. Asked before the event is applied.
 */
export function changeTimeOf(state: EngineState, event: Event): ChangeTime {
  const { nowMs } = state;
  switch (event.kind) {
    case "attempt-started":
      return { atMs: nowMs, settleMs: startSettleMs };
    case "cap-set": {
      const attempt = attemptOf(state, event.attempt);
      return { atMs: nowMs, settleMs: attempt === undefined ? 0 : raiseSettleMs(attempt, nowMs) };
    }
    case "cap-acknowledged":
      return { atMs: nowMs - acknowledgeMs, settleMs: acknowledgeMs };
    case "placement-released": {
      const exitedAtMs = attemptOf(state, event.attempt)?.exitedAtMs ?? nowMs;
      // What is lost so long counted until now, and nobody knows when it stopped to draw.
      const atMs = nowMs - exitedAtMs > stopGraceMs ? nowMs : exitedAtMs;
      return { atMs, settleMs: nowMs - atMs };
    }
    case "node-returned":
      // One that was only lost draws already.
      return { atMs: nowMs, settleMs: isOff(state, event) ? wakeMs : 0 };
    case "node-powered-off": {
      const askedAtMs = sleepAskedAtMs(state, event) ?? nowMs;
      const atMs = nowMs - askedAtMs > switchOffMs ? nowMs : askedAtMs;
      return { atMs, settleMs: nowMs - atMs };
    }
    default:
      return { atMs: nowMs, settleMs: 0 };
  }
}

/** When a node that goes off was asked to; undefined: nobody asked it. */
export function sleepAskedAtMs(
  { sites }: EngineState,
  { site, node }: Extract<Event, { readonly kind: "node-powered-off" }>,
): number | undefined {
  return sites.get(site)?.sleepAskedAtMs.get(node);
}

function isOff(
  { sites }: EngineState,
  { site, node }: Extract<Event, { readonly kind: "node-returned" }>,
): boolean {
  return ((sites.get(site)?.nodeFlags[node] ?? 0) & nodeOff) !== 0;
}

function attemptOf(
  state: EngineState,
  { job: number, task, attempt }: Pick<Attempt, "job" | "task" | "attempt">,
): Attempt | undefined {
  const job = state.jobs.get(number);
  return job && findAttempt(job, task, attempt);
}

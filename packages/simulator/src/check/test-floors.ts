/** A job of tier 25 and an event of an hour that begins after one, for tests of what curtailments cost. */
import { instant } from "@ertis/quantities";
import type { Event, FlexibilityTier } from "@ertis/scheduler-engine";
import { curtailment, keyOf } from "./test-checks.ts";

export const hourMs = 3_600_000;
export const window: Event = curtailment("planned", hourMs, 2 * hourMs);
export const ended: Event = { kind: "curtailment-ended", ids: ["c"] };
export const job = {
  name: "job-1",
  nodeCount: 2,
  nodeCountMin: 1,
  flexibilityTier: 25 as const,
  capMinWatts: 0,
  checkpoint: { saveMs: 60_000, restoreMs: 300_000 },
};
export const pause: Extract<Event, { readonly kind: "job-paused" }> = {
  kind: "job-paused",
  job: 1,
  site: "t",
  until: instant(2 * hourMs),
};

export function withId(event: Event, id: string, giveUp: readonly FlexibilityTier[] = []): Event {
  return event.kind === "curtailment-scheduled"
    ? { ...event, curtailment: { ...event.curtailment, id, giveUp } }
    : event;
}

export function exited(attempt: number): Event {
  return {
    kind: "attempt-exited",
    attempt: keyOf(1, attempt),
    outcome: { kind: "failed", category: "preemption", exitCode: 143 },
    next: "retry-free",
  };
}

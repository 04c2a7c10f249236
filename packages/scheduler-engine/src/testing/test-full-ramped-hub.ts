/** A hub with a ramp that gangs fill at full power, and a planned curtailment of it, for tests. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { assert } from "../state/assert.ts";
import { hourMs } from "./test-hub.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { MeasuredHub, type RampedHub, rampedHub } from "./test-ramped-hub.ts";

const minuteMs = 60_000;
const checkpoint = { save: milliseconds(20_000), restore: milliseconds(30_000) };

/** As many gangs as its eight nodes hold, at full power. */
export function fullHub(
  gangCount: number,
  rampKw: number,
  changes: Partial<JobSpec>,
  kind: typeof RampedHub = MeasuredHub,
): RampedHub {
  const hub = new kind(rampedHub(`${rampKw} kW/min over 60 s`), 20);
  for (let gang = 0; gang < gangCount; gang += 1) {
    hub.submit({
      flexibilityTier: 50,
      workloadClass: "straight",
      walltime: milliseconds(20 * hourMs),
      checkpoint,
      ...changes,
    });
  }
  hub.pass(2_400);
  assert(hub.feedWatts() === 42_600, "they fill the hub");
  hub.steps.length = 0;
  return hub;
}

/** At once, over five minutes. */
export function curtail(
  hub: RampedHub,
  targetWatts: number,
  changes: Partial<Curtailment> = {},
): void {
  const curtailment = curtailmentOf(hub, targetWatts, changes);
  const at = instant(hub.nowMs);
  const asked = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
  assert(hub.engine.execute(asked).reply.kind === "done", "it is accepted");
}

/** What `curtail` asks for. */
export function curtailmentOf(
  hub: RampedHub,
  targetWatts: number,
  changes: Partial<Curtailment> = {},
): Curtailment {
  const at = instant(hub.nowMs);
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(targetWatts),
    baseline: watts(42_000),
    start: at,
    end: instant(hub.nowMs + 40 * minuteMs),
    ramp: milliseconds(5 * minuteMs),
    reason: "grid",
    setBy: "olga",
    noticedAt: at,
    ...changes,
  };
}

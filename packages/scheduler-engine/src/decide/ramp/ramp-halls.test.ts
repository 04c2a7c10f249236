import type { RampStep } from "@ertis/power-planning";
import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptsOf, cappedHub, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { rampOfHub, RampedHub } from "../../testing/test-ramped-hub.ts";

const flexible = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(5 * hourMs),
} as const;

/** Each hall has a ramp, the feed has none. */
class RampedHalls extends RampedHub {
  readonly halls = known(this.state.sites.get("hub"), "site").site.domains.filter(
    ({ ramp }) => ramp !== undefined,
  );
  readonly hallSteps: readonly RampStep[][] = this.halls.map(() => []);

  constructor() {
    super(cappedHub().replaceAll(", rows:", ", ramp: 2 kW/min over 60 s, rows:"));
  }

  loads(): readonly number[] {
    const horizon = this.state.sites.get("hub")?.horizons[0];
    return this.halls.map(({ index }) => horizon?.load[index] ?? 0);
  }

  note(before: readonly number[]): void {
    for (const [at, load] of this.loads().entries()) {
      const change = load - (before[at] ?? 0);
      if (change !== 0) {
        const step = { atMs: this.nowMs, watts: change, settleMs: 0, cause: "planned" } as const;
        this.hallSteps[at]?.push(step);
      }
    }
  }

  emergency(domain: string, targetWatts: number): void {
    this.engine.execute({
      kind: "schedule-curtailment",
      by: "olga",
      at: instant(this.nowMs),
      curtailment: {
        id: "now",
        site: "hub",
        domain,
        mode: "emergency",
        target: watts(targetWatts),
        baseline: watts(targetWatts + 5_000),
        start: instant(this.nowMs),
        end: instant(this.nowMs + hourMs),
        ramp: milliseconds(0),
        reason: "grid",
        setBy: "olga",
        noticedAt: instant(this.nowMs),
      },
    });
  }
}

test("an emergency in one hall lets nothing step in another", () => {
  const hub = new RampedHalls();
  for (let job = 0; job < 8; job += 1) {
    hub.submit(flexible);
    hub.pass(200);
  }
  expect(attemptsOf(hub).map(({ capWatts }) => capWatts)).toEqual(Array(8).fill(0));
  const [one, other] = hub.halls.map(({ id }) => id);
  const [fullOne = 0, fullOther = 0] = hub.loads();
  hub.budget("evening", other ?? "", fullOther - 5_000, [hub.nowMs + 1_000]);
  hub.emergency(one ?? "", fullOne - 5_000);
  for (let seconds = 0; seconds < 300; seconds += 1) {
    const before = hub.loads();
    hub.pass(1);
    hub.note(before);
  }
  expect(hub.loads()[0]).toBeLessThanOrEqual(fullOne - 5_000);
  expect(hub.loads()[1]).toBeLessThanOrEqual(fullOther - 5_000);
  const [forced, planned] = hub.hallSteps.map((steps) => reportRamp(rampOfHub, steps));
  expect(forced?.overSecondCount).toBeGreaterThan(0);
  expect(planned?.overSecondCount).toBe(0);
  const counts = hub.state.ramps.get("hub")?.tallies.map(({ emergencyCount }) => emergencyCount);
  expect(counts?.map((count) => count > 0)).toEqual([true, false]);
});

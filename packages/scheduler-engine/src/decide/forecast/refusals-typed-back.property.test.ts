import { instant, milliseconds, roundWattsUp, toNumber, watts } from "@ertis/quantities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { curtailment, minuteMs } from "../../testing/test-full-hub.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import type { Infeasible } from "./forecast-refusal.ts";

const jobs = fc.record({
  tier: fc.constantFrom<FlexibilityTier>(0, 10, 25, 50),
  nodes: fc.integer({ min: 1, max: 4 }),
  isMalleable: fc.boolean(),
  gpus: fc.constantFrom(4, 8),
  /** 0: it cannot pause. */
  saveSeconds: fc.constantFrom(0, 15, 45, 90, 120),
});

const asks = fc.record({
  jobs: fc.array(jobs, { minLength: 2, maxLength: 8 }),
  minutes: fc.constantFrom(2, 4, 6, 10, 30),
  part: fc.double({ min: 0.4, max: 0.85, noNaN: true }),
});
type Ask = typeof asks extends fc.Arbitrary<infer Value> ? Value : never;

/** Two halls of 12 nodes, with jobs on some of them; the others may go off. */
function hubOf({ jobs: all }: Ask): Hub {
  const text = cappedHub().replace("nodes: 2 ×", "nodes: 6 ×");
  const hub = new Hub(
    text.replaceAll("50 kW", "150 kW").replaceAll("limit: 100 kW", "limit: 250 kW"),
  );
  const restore = milliseconds(minuteMs);
  for (const { tier, nodes, isMalleable, gpus, saveSeconds } of all) {
    const checkpoint = { save: milliseconds(saveSeconds * 1_000), restore };
    hub.submit({
      workloadClass: "straight",
      flexibilityTier: tier,
      nodeCount: nodes,
      nodeCountMin: isMalleable ? 1 : nodes,
      gpusPerNode: gpus,
      walltime: milliseconds(9 * hourMs),
      ...(saveSeconds === 0 ? {} : { checkpoint }),
    });
  }
  hub.place();
  return hub;
}

const sets: readonly (readonly FlexibilityTier[])[] = [
  [],
  [50],
  [25],
  [10],
  [50, 25],
  [50, 25, 10],
];

/** Undefined: it is accepted. */
function refusalOf(
  hub: Hub,
  minutes: number,
  targetWatts: number,
  giveUp: readonly FlexibilityTier[],
): Infeasible | undefined {
  const [start, end] = [hub.nowMs, hub.nowMs + minutes * minuteMs].map(instant);
  const span = { start: start ?? instant(0), end: end ?? instant(0) };
  const ask = { target: watts(Math.round(targetWatts)), giveUp, ...span };
  const answer = previewCurtailment(hub.state, curtailment(ask));
  return answer.kind === "rejected" ? answer.infeasible : undefined;
}

test("what an emergency is refused with is accepted when it is typed back, a hundredth less is not or is said to be possible, and who allows more is never asked for more", () => {
  let refusedCount = 0;
  fc.assert(
    fc.property(asks, (ask) => {
      const hub = hubOf(ask);
      const asked = hub.feedWatts() * ask.part;
      const refusals = sets.map((given) => refusalOf(hub, ask.minutes, asked, given));
      for (const [at, given] of sets.entries()) {
        const refused = refusals[at];
        const more = sets.filter((other) => given.every((tier) => other.includes(tier)));
        for (const other of more.map((one) => refusals[sets.indexOf(one)])) {
          const most = refused === undefined ? 0 : toNumber(refused.smallest);
          expect(other === undefined ? 0 : toNumber(other.smallest)).toBeLessThanOrEqual(most);
        }
        if (refused !== undefined) {
          refusedCount += 1;
          // Three digits are written.
          const smallest = toNumber(roundWattsUp(refused.smallest));
          expect(refusalOf(hub, ask.minutes, smallest, given)).toBeUndefined();
          const less = refusalOf(hub, ask.minutes, smallest * 0.99, given);
          expect(less !== undefined || refused.isRough).toBe(true);
        }
      }
    }),
    { seed: 11, numRuns: 8 },
  );
  // Else it said nothing.
  expect(refusedCount).toBeGreaterThan(20);
});

import { instant, milliseconds, watts } from "@ertis/quantities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const jobs = fc.array(
  fc.record({
    flexibilityTier: fc.constantFrom<FlexibilityTier>(0, 10, 25, 50, 50, 50),
    canPause: fc.constantFrom(true, true, false),
    capMin: fc.constantFrom(200, 320, 320),
  }),
  { minLength: 8, maxLength: 8 },
);

/** A quarter of an hour up to an hour long, so that a run is short. */
const curtailment = fc.record({
  mode: fc.constantFrom("planned" as const, "planned" as const, "emergency" as const),
  domain: fc.constantFrom("hub" as const, "hub" as const, "hall-2" as const),
  part: fc.double({ min: 0.7, max: 0.92, noNaN: true }),
  inMinutes: fc.constantFrom(5, 10, 15),
  minutes: fc.constantFrom(15, 60),
  rampMinutes: fc.constantFrom(0, 5),
});

/** What they draw at full power, watts. */
const fullWatts = { hub: 41_320, "hall-2": 20_160 } as const;

function planned(
  hub: MeteredHub,
  asked: typeof curtailment extends fc.Arbitrary<infer One> ? One : never,
): Partial<Curtailment> {
  const beginMs = startMs + asked.inMinutes * minuteMs;
  const full = fullWatts[asked.domain];
  return {
    mode: asked.mode,
    domain: asked.domain === "hub" ? "hub" : hub.hall(asked.domain),
    target: watts(Math.round(asked.part * full)),
    baseline: watts(full),
    start: instant(beginMs),
    end: instant(beginMs + asked.minutes * minuteMs),
    ramp: milliseconds(asked.rampMinutes * minuteMs),
  };
}

const mixed = ([50, 50, 50, 0, 10, 0, 50, 10] as const).map((flexibilityTier, at) => ({
  flexibilityTier,
  canPause: true,
  capMin: at === 0 ? (320 as const) : (200 as const),
}));

const hourOfFeed = {
  mode: "planned",
  domain: "hub",
  inMinutes: 5,
  minutes: 60,
  rampMinutes: 0,
} as const;

test("of one that was accepted no minute is over once it holds as told, and no job loses more than its tier", () => {
  let [acceptedCount, touchedCount, pausedCount] = [0, 0, 0];
  fc.assert(
    fc.property(jobs, curtailment, (submitted, asked) => {
      const hub = new MeteredHub();
      for (const { flexibilityTier, canPause, capMin } of submitted) {
        const kind = canPause ? pausing : bending;
        hub.run({ ...kind, flexibilityTier, capMin: watts(capMin) });
      }
      hub.playUntil(startMs + minuteMs);
      const wanted = planned(hub, asked);
      const told = previewCurtailment(hub.state, hub.curtailment("peak", wanted));
      if (told.kind !== "preview" || hub.curtail("peak", wanted).kind !== "done") {
        return;
      }
      const holdsFromMs = Number(wanted.start) + Number(told.forecast.timeToTarget);
      acceptedCount += 1;
      hub.playUntil(startMs + (asked.inMinutes + asked.minutes + 6) * minuteMs);
      const { minutes, jobs: losses } = known(complianceOf(hub.state, "peak"), "peak");
      const held = minutes.filter(({ from }) => Number(from) >= holdsFromMs);
      expect(held.filter(({ mean, allowed }) => mean > allowed)).toEqual([]);
      for (const { job, isTierBroken, lossPercent, tierPercent, pausedSeconds } of losses) {
        expect(isTierBroken, `job ${job}`).toBe(false);
        // An emergency is measured before its caps are obeyed; nothing else is nobody's loss.
        const most = asked.mode === "planned" ? tierPercent + 0.01 : Infinity;
        expect(lossPercent, `job ${job}`).toBeLessThanOrEqual(most);
        touchedCount += lossPercent > 0 ? 1 : 0;
        pausedCount += pausedSeconds > 0 ? 1 : 0;
      }
    }),
    {
      seed: 11,
      numRuns: Number(
        process.env["ERTIS_SOAK_RUNS"] ?? (process.env["ERTIS_SOAK"] === "1" ? "1200" : "60"),
      ),
      // Caps of the steering on top of a pause took three fifths of the second job.
      examples: [[mixed, { ...hourOfFeed, part: 0.86 }]],
    },
  );
  // Else it said nothing.
  expect([acceptedCount > 5, touchedCount > 30, pausedCount > 2]).toEqual([true, true, true]);
});

test("what a pause costs has the reading of the checkpoint in it", () => {
  const hub = new MeteredHub();
  for (const { flexibilityTier, capMin } of mixed) {
    hub.run({ ...pausing, flexibilityTier, capMin: watts(capMin) });
  }
  hub.playUntil(startMs + minuteMs);
  hub.curtail("peak", planned(hub, { ...hourOfFeed, part: 0.86 }));
  const beginMs = startMs + hourOfFeed.inMinutes * minuteMs;
  const backAtMs = new Map<number, number>();
  hub.playUntil(beginMs + 58 * minuteMs, () => {
    for (const { job, attempt, startedAtMs } of hub.attempts) {
      if (attempt === 2) {
        backAtMs.set(job, startedAtMs);
      }
    }
  });
  const { jobs: losses } = known(complianceOf(hub.state, "peak"), "peak");
  // Away from the start, back before the end, and its checkpoint is read for two minutes.
  const [first] = mixed.map((_, at) => losses.find(({ job }) => job === at + 1));
  expect(first?.pausedSeconds).toBe(((backAtMs.get(1) ?? 0) - beginMs) / 1_000 + 120);
});

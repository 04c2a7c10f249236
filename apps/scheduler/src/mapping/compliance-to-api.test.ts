import { instant, milliseconds, watts } from "@ertis/quantities";
import { type Compliance, defaultLimits, Engine } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { complianceToApi } from "./compliance-to-api.ts";

test("what was drawn and what is below the baseline add up to it, a minute above it included", () => {
  const minute = { allowed: watts(80_000), measuredSeconds: 60, isRunning: false };
  const compliance: Compliance = {
    view: {
      curtailment: {
        id: "c",
        site: "t",
        domain: "t",
        mode: "planned",
        target: watts(80_000),
        baseline: watts(100_000),
        start: instant(0),
        end: instant(180_000),
        ramp: milliseconds(0),
        reason: "market",
        setBy: "olga",
        noticedAt: instant(0),
      },
      phase: "over",
      cancelledBy: "",
      cancelReason: "",
      cancelledAt: undefined,
    },
    minutes: [
      { ...minute, from: instant(0), mean: watts(110_000) },
      { ...minute, from: instant(60_000), mean: watts(70_000) },
      { ...minute, from: instant(120_000), mean: watts(75_000), measuredSeconds: 50 },
    ],
    minutesOverCount: 1,
    worstMinute: watts(110_000),
    worstSecond: watts(110_000),
    unusedKilowattHours: 0,
    jobs: [],
    forWhom: [],
  };
  const report = complianceToApi(new Engine(defaultLimits).state, compliance);
  expect(report.measuredMs).toBe(170_000);
  expect(report.drawnJoules).toBe(6_600_000n + 4_200_000n + 3_750_000n);
  expect(report.drawnJoules + report.avoidedJoules).toBe(17_000_000n);
});

import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf, type JobCompliance } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { acknowledge, cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { assert, known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { attemptOf, code, curtailment, schedule } from "../../testing/test-full-hub.ts";
import {
  bending as steered,
  MeteredHub,
  minuteMs,
  pausing,
} from "../../testing/test-metered-hub.ts";

const tiers = [50, 25, 10, 0] as const;

/** Four gangs of two nodes, jobs 1 to 4, that can only be capped. */
function tieredHub(): Hub {
  const hub = new Hub(cappedHub());
  for (const flexibilityTier of tiers) {
    hub.run({ ...steered, flexibilityTier, nodeCount: 2 });
  }
  return hub;
}

function capsOf(hub: Hub): readonly number[] {
  return tiers.map((_, at) => attemptOf(hub, at + 1).capWatts || 400);
}

/** The option that a refusal says would be enough. */
function enoughOf(hub: Hub, changes: Partial<Curtailment>): readonly FlexibilityTier[] {
  const reply = schedule(hub, changes);
  const message = reply.kind === "rejected" ? reply.message : "";
  const named = /--give-up ([\d,]+)$/.exec(message)?.[1]?.split(",") ?? [];
  return tiers.filter((tier) => named.includes(String(tier)));
}

test.each([
  ["planned", 35_000, [25]],
  ["planned", 33_000, [25, 10]],
  ["emergency", 33_000, [25, 10]],
  ["emergency", 31_000, [50, 25, 10, 0]],
] as const)(
  "a refused %s of %d W names the tiers to give up, and with them it is accepted",
  (mode, target, expected) => {
    const hub = tieredHub();
    const ask = { mode, target: watts(target), start: instant(startMs + hourMs) };
    const enough = enoughOf(hub, ask);
    expect(enough).toEqual(expected);
    for (const tier of enough.filter((one) => one > 0)) {
      const giveUp = enough.filter((one) => one > 0 && one !== tier);
      expect(code(schedule(hub, { ...ask, giveUp }))).toBe("curtailment-breaks-floors");
    }
    expect(code(schedule(hub, { ...ask, giveUp: enough }))).toBe("done");
  },
);

test("what is given up already counts, and where no floors are enough the refusal says so", () => {
  const hub = tieredHub();
  const ask = { mode: "planned", target: watts(33_000), start: instant(startMs + hourMs) } as const;
  expect(enoughOf(hub, { ...ask, giveUp: [50] })).toEqual([50, 25, 10]);
  const reply = schedule(hub, { ...ask, target: watts(29_000), giveUp: [25] });
  const message = reply.kind === "rejected" ? reply.message : "";
  expect(message).toContain("that keeps every other floor is");
  const named =
    /giving up every floor that it may would not be enough: a target of ([\d.]+) kW is possible with --give-up 50,25,10$/.exec(
      message,
    );
  const target = watts(Number(named?.[1]) * 1_000);
  const all = { ...ask, giveUp: [50, 25, 10] } as const;
  expect(code(schedule(tieredHub(), { ...all, target }))).toBe("done");
  expect(code(schedule(hub, { ...all, target: watts(29_000) }))).toBe("curtailment-breaks-floors");
  // A floor that is given up has nothing left to give.
  expect(message).not.toContain("tier 100 %");
  expect(message).not.toContain("tier 25 %");
});

test("with all floors given up a refusal speaks of those that are left, if any are", () => {
  const start = instant(startMs + hourMs);
  const toldOf = (ask: Partial<Curtailment>): string => {
    const reply = schedule(tieredHub(), { start, ...ask });
    return reply.kind === "rejected" ? reply.message : "";
  };
  const planned = toldOf({ mode: "planned", target: watts(29_000), giveUp: [50, 25, 10] });
  expect(planned).toMatch(/the smallest target of hub that keeps the floors of tier 0 % is/);
  expect(planned).toMatch(
    /; a planned one gives up no more floors, and an emergency those of tier 0 %, too$/,
  );
  const emergency = toldOf({ target: watts(18_000), giveUp: tiers });
  expect(emergency).toMatch(
    /cannot be kept with every floor given up.*; the smallest target of hub with every floor given up is/,
  );
  expect(emergency).toMatch(/; there is no other floor to give up$/);
});

test("below what idle nodes draw a target is named that is accepted, with all floors and without those that may be given up", () => {
  const hub = tieredHub();
  const ask = { mode: "planned", start: instant(startMs + hourMs) } as const;
  const reply = schedule(hub, { ...ask, target: watts(10_000) });
  const named =
    /below the 17\.0 kW that hub draws with every job paused, .*; the smallest target of hub that keeps every floor is ([\d.]+) kW.*, and a target of ([\d.]+) kW is possible with --give-up 50,25,10; or/.exec(
      reply.kind === "rejected" ? reply.message : "",
    );
  const [kept, given] = [1, 2].map((at) => watts(Number(named?.[at]) * 1_000));
  assert(kept !== undefined && given !== undefined, "two targets are named");
  expect(code(schedule(hub, { ...ask, target: given }))).toBe("curtailment-breaks-floors");
  expect(code(schedule(tieredHub(), { ...ask, target: kept }))).toBe("done");
  expect(code(schedule(tieredHub(), { ...ask, target: given, giveUp: [50, 25, 10] }))).toBe("done");
});

test("only an emergency gives up the floors of those who tolerate nothing", () => {
  const hub = tieredHub();
  const ask = { target: watts(31_000), giveUp: tiers, start: instant(startMs + hourMs) };
  expect(code(schedule(hub, { ...ask, mode: "planned" }))).toBe("curtailment-gives-up-protected");
  expect(code(schedule(hub, ask))).toBe("done");
});

test("an emergency lowers those whose floors it gives up as far as caps are safe, and nobody else below his floor", () => {
  const hub = tieredHub();
  expect(code(schedule(hub, { target: watts(34_000), giveUp: [25, 10] }))).toBe("done");
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(34_000);
  const [first = 0, second = 0, third = 0, last] = capsOf(hub);
  expect(first).toBeGreaterThanOrEqual(200);
  expect(second + third).toBeLessThan(300 + 360);
  expect(last).toBe(400);
});

test("an emergency that may give up tier 0, too, leaves it alone where the others are enough, whatever its class", () => {
  const hub = new Hub(cappedHub());
  for (const flexibilityTier of tiers) {
    const priorityClass = flexibilityTier === 0 ? "low" : "high";
    hub.run({ ...steered, flexibilityTier, priorityClass, nodeCount: 2 });
  }
  expect(code(schedule(hub, { target: watts(33_600), giveUp: tiers }))).toBe("done");
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(33_600);
  expect(capsOf(hub)[3]).toBe(400);
});

test("with tier 0 an emergency asks the protected, too, and after it all are back at full power", () => {
  const hub = tieredHub();
  expect(code(schedule(hub, { target: watts(30_200), giveUp: tiers }))).toBe("done");
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(30_200);
  expect(attemptOf(hub, 4).capWatts).toBeGreaterThan(0);
  expect(attemptOf(hub, 4).capWatts).toBeLessThan(300);
  for (let minute = 0; minute < 185; minute += 1) {
    hub.wait(minuteMs);
    acknowledge(hub);
    hub.place();
  }
  expect(capsOf(hub)).toEqual([400, 400, 400, 400]);
});

test("a preview tells what is lost beyond the tiers, and the floors that are left", () => {
  const hub = tieredHub();
  const ask = curtailment({ target: watts(34_000), giveUp: [25, 10] });
  const answer = previewCurtailment(hub.state, ask);
  const forecast = answer.kind === "preview" ? answer.forecast : undefined;
  const worst = forecast?.tiers.map((tier) => [
    tier.tierPercent,
    tier.worstLossPercent > tier.tierPercent,
  ]);
  expect(worst).toContainEqual([0, false]);
  expect(worst).toContainEqual([50, false]);
  expect(worst?.filter(([, isOver]) => isOver === true).length).toBeGreaterThan(0);
  // 2 nodes × 8 GPUs × 200 W.
  expect(forecast?.tiers.find(({ tierPercent }) => tierPercent === 25)?.floor).toBe(watts(3_200));
});

/** Eight jobs of one node, four of tier 50 in the first hall, four of tier 10 in the other. */
function meteredHub(): MeteredHub {
  const hub = new MeteredHub();
  for (let node = 0; node < 8; node += 1) {
    hub.run({ ...(node < 4 ? pausing : steered), flexibilityTier: node < 4 ? 50 : 10 });
  }
  return hub;
}

function lossesOf(hub: Hub, id: string): readonly JobCompliance[] {
  return known(complianceOf(hub.state, id), id).jobs;
}

test("a planned one is steered below the floors that it gives up, pauses whom it must, and keeps the others", () => {
  const hub = meteredHub();
  const endMs = startMs + 5 * hourMs;
  const ask = { target: watts(31_000), start: instant(startMs + hourMs), end: instant(endMs) };
  expect(code(hub.curtail("noon", ask))).toBe("curtailment-breaks-floors");
  expect(code(hub.curtail("noon", { ...ask, giveUp: [50] }))).toBe("done");
  hub.playUntil(endMs);
  expect(complianceOf(hub.state, "noon")?.minutesOverCount).toBe(0);
  const jobs = lossesOf(hub, "noon");
  const beyond = jobs.filter((one) => one.lossPercent > one.tierPercent + 0.1);
  expect(beyond.length).toBeGreaterThan(0);
  expect(new Set(beyond.map((one) => one.tierPercent))).toEqual(new Set([50]));
});

import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { capInForce } from "../../state/caps.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** GPUs whose work asks for a part of their power, until it picks up; a cap takes what is above it. */
class GrowingHub extends MeteredHub {
  share = 0.6;

  override drawShare(attempt: Attempt): number {
    const capWatts = capInForce(attempt, attempt.heldNodes[0] ?? 0) || 400;
    return Math.min(0.95, (this.share * 400) / capWatts);
  }

  override gpuWatts(attempt: Attempt): number {
    const capWatts = capInForce(attempt, attempt.heldNodes[0] ?? 0) || 400;
    return Math.round(this.drawShare(attempt) * capWatts);
  }

  get drawWatts(): number {
    return Math.round(known(this.drawnWatts[0], "feed")[1]);
  }
}

/** So many jobs of a node that were measured for an hour and a half. */
function growingHub(jobCount: number): GrowingHub {
  const hub = new GrowingHub();
  for (let job = 0; job < jobCount; job += 1) {
    hub.run(bending);
  }
  for (const { job, task, attempt } of hub.attempts) {
    hub.report({ kind: "attempt-running", attempt: { job, task, attempt } });
  }
  hub.playUntil(hub.nowMs + 1.5 * hourMs);
  return hub;
}

/** An hour that begins in a quarter of one, with what was measured as its baseline. */
function asked(hub: MeteredHub, changes: Partial<Curtailment>): Curtailment {
  const start = instant(hub.nowMs + 15 * minuteMs);
  return {
    id: "ceiling",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(36_000),
    baseline: watts(0),
    start,
    end: instant(toNumber(start) + hourMs),
    ramp: milliseconds(0),
    reason: "order of the dispatcher",
    setBy: "olga",
    noticedAt: instant(hub.nowMs),
    ...changes,
  };
}

test("a target above what is drawn touches nobody, and starts stop below it", () => {
  const hub = growingHub(3);
  hub.share = 0.95;
  hub.playUntil(hub.nowMs + hourMs);
  const target = watts(34_000);
  expect(hub.drawWatts).toBeLessThan(30_000);
  const preview = previewCurtailment(hub.state, asked(hub, { target }));
  const untouched = { effect: "untouched", lossPercent: 0 };
  expect(preview).toMatchObject({
    kind: "preview",
    forecast: { jobs: [untouched, untouched, untouched], nodesOffCount: 0, timeToTarget: 0 },
  });
  const { start, end } = asked(hub, { target });
  expect(hub.curtail("ceiling", { target, start, end, ramp: milliseconds(0) })).toEqual({
    kind: "done",
  });
  hub.playUntil(toNumber(start) + minuteMs);
  const younger = [0, 1, 2, 3, 4].map(() => hub.run({ ...bending, flexibilityTier: 0 }));
  hub.playUntil(toNumber(end) - minuteMs);
  const started = younger.filter((job) => (hub.state.jobs.get(job)?.runningCount ?? 0) > 0);
  // 3.04 kW each: 26.1 kW are drawn before, and a third one would draw 35.2 kW.
  expect(started.length).toBe(2);
  expect(hub.attempts.every(({ capWatts }) => capWatts === 0)).toBe(true);
  hub.playUntil(toNumber(end) + 5 * minuteMs);
  const { minutesOverCount, minutes } = known(complianceOf(hub.state, "ceiling"), "ceiling");
  expect([minutesOverCount, minutes[0]?.allowed]).toEqual([0, target]);
  // Nothing was shed: what may be drawn again is all back within the minute.
  hub.playUntil(toNumber(end) + 10 * minuteMs);
  expect(younger.every((job) => (hub.state.jobs.get(job)?.runningCount ?? 0) > 0)).toBe(true);
});

test("load that grows towards it is held at it", () => {
  const hub = growingHub(8);
  expect(hub.drawWatts).toBe(17_000 + 8 * 1_920);
  const target = watts(36_000);
  const preview = previewCurtailment(hub.state, asked(hub, { target }));
  expect(preview).toMatchObject({ kind: "preview", forecast: { timeToTarget: 0 } });
  const { start, end } = asked(hub, { target });
  hub.curtail("ceiling", { target, start, end, ramp: milliseconds(0) });
  hub.playUntil(toNumber(start) + 10 * minuteMs);
  expect(hub.attempts.every(({ capWatts }) => capWatts === 0)).toBe(true);
  let [caps, movedWatts]: [readonly number[], number] = [[], 0];
  hub.playUntil(toNumber(end) - minuteMs, () => {
    // 300 W a minute.
    hub.share = Math.min(0.95, hub.share + 0.002);
    const now = hub.attempts.map(({ capWatts }) => capWatts || 400);
    movedWatts += now.reduce((sum, cap, at) => sum + Math.abs(cap - (caps[at] ?? cap)), 0);
    caps = now;
  });
  // Eight jobs come down to what is left, and none of them goes up and down.
  expect(movedWatts).toBeLessThan(4_500);
  expect(hub.attempts.some(({ capWatts }) => capWatts > 0)).toBe(true);
  hub.playUntil(toNumber(end) + minuteMs);
  const { minutesOverCount, minutes } = known(complianceOf(hub.state, "ceiling"), "ceiling");
  expect(minutesOverCount).toBe(0);
  // Work would ask for 41 kW at last.
  expect(Math.max(...minutes.map(({ mean }) => toNumber(mean)))).toBeGreaterThan(0.98 * 36_000);
});

test("only what the domain may not carry anyway is a target: a limit, and a budget that lasts as long, say so", () => {
  const hub = growingHub(1);
  const answer = (targetWatts: number, changes: Partial<Curtailment> = {}): unknown => {
    const reply = previewCurtailment(
      hub.state,
      asked(hub, { target: watts(targetWatts), ...changes }),
    );
    return reply.kind === "rejected" ? reply.message : reply.kind;
  };
  expect([answer(299_999), answer(299_999, { mode: "emergency" })]).toEqual(["preview", "preview"]);
  const refused =
    "target: 300 kW is not below the 300 kW that hub may carry then anyway, so that it would never ask for anything; ask for less, or leave it out";
  expect([answer(300_000), answer(300_000, { mode: "emergency" })]).toEqual([refused, refused]);
  const { start, end } = asked(hub, {});
  hub.budget("low", "hub", 50_000, [hub.nowMs, toNumber(end)]);
  expect(answer(49_999)).toBe("preview");
  expect(answer(60_000)).toContain('the 50.0 kW that hub may carry then by budget "low" anyway');
  hub.budget("high", "hub", 80_000, [toNumber(start) + minuteMs, toNumber(end)]);
  expect(answer(60_000)).toContain("50.0 kW");
  // After the end of the budget it asks for something.
  expect(answer(60_000, { end: instant(toNumber(end) + minuteMs) })).toBe("preview");
});

test("an emergency above what bounds come to touches nobody, and bounds stay below it", () => {
  const hub = growingHub(4);
  const { start, end } = asked(hub, {});
  const changes = { mode: "emergency", start, end, ramp: milliseconds(0) } as const;
  hub.curtail("ceiling", { ...changes, target: watts(34_000) });
  hub.playUntil(toNumber(start) + minuteMs);
  // 29.8 kW by bounds: another one of 3.2 kW fits, a second one does not.
  const younger = [0, 1].map(() => hub.run({ ...bending, flexibilityTier: 0 }));
  hub.playUntil(toNumber(start) + 10 * minuteMs);
  expect(younger.map((job) => hub.state.jobs.get(job)?.runningCount)).toEqual([1, 0]);
  expect(hub.attempts.every(({ capWatts }) => capWatts === 0)).toBe(true);
  expect(hub.feedWatts()).toBe(33_000);
});

import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { getDomain } from "../../read/power/power-tree.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { curtailment } from "../../testing/test-full-hub.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

const fullWatts = 17_000 + 8 * 3_040;

/** Two of eight nodes are busy for most of the hour, and then all of them. */
function grownHub(): MeteredHub {
  const hub = new MeteredHub();
  hub.run(bending);
  hub.run(bending);
  hub.playUntil(hub.nowMs + 50 * minuteMs);
  for (let job = 2; job < 8; job += 1) {
    hub.run(bending);
  }
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  return hub;
}

/** An hour, announced a quarter of one ahead, with a target above the mean of the hour before. */
function ramped(hub: MeteredHub, noticeMs = 15 * minuteMs): Curtailment {
  const start = instant(hub.nowMs + noticeMs);
  return curtailment({
    mode: "planned",
    target: watts(33_000),
    start,
    end: instant(toNumber(start) + hourMs),
    ramp: milliseconds(10 * minuteMs),
    noticedAt: instant(hub.nowMs),
  });
}

test.each([15 * minuteMs, 0])(
  "where load has grown the ramp falls from what is drawn at the start, not from the baseline, with %i ms of notice",
  (noticeMs) => {
    const hub = grownHub();
    const asked = ramped(hub, noticeMs);
    const preview = previewCurtailment(hub.state, asked);
    expect(preview).toMatchObject({ kind: "preview", forecast: { rampFrom: fullWatts } });
    expect(hub.curtail("evening", asked)).toEqual({ kind: "done" });
    hub.playUntil(toNumber(asked.end));
    const { view, minutes, minutesOverCount } = known(complianceOf(hub.state, "evening"), "record");
    expect(toNumber(view.curtailment.baseline)).toBeLessThan(33_000);
    const allowed = minutes.slice(0, 11).map((one) => toNumber(one.allowed));
    const fall = fullWatts - 33_000;
    expect(allowed).toEqual(
      [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1].map((part) =>
        Math.round(fullWatts - part * fall),
      ),
    );
    expect(minutesOverCount).toBe(0);
    // It is followed: what is drawn does not fall all at once.
    const half = toNumber(known(minutes[5], "minute").mean);
    expect(half).toBeGreaterThan(33_000 + 0.3 * fall);
  },
);

test("where load has shrunk since, too, up to the start", () => {
  const hub = grownHub();
  hub.playUntil(hub.nowMs + hourMs);
  const asked = ramped(hub);
  hub.curtail("evening", asked);
  hub.finish(1);
  hub.finish(2);
  hub.playUntil(toNumber(asked.start) + 2 * minuteMs);
  const { view, minutes } = known(complianceOf(hub.state, "evening"), "record");
  expect(toNumber(view.curtailment.baseline)).toBe(fullWatts);
  const drawn = fullWatts - 2 * 3_040;
  expect(toNumber(known(minutes[0], "minute").allowed)).toBe(
    Math.round(drawn - 0.05 * (drawn - 33_000)),
  );
});

test("in the minute in which an emergency begins the tree tells its target and what is drawn since", () => {
  const hub = grownHub();
  // Twenty seconds into a minute.
  hub.playUntil(Math.ceil(hub.nowMs / minuteMs) * minuteMs + 20_000);
  const now = { mode: "emergency", start: instant(hub.nowMs), ramp: milliseconds(0) } as const;
  hub.curtail("trip", { ...now, target: watts(36_000) });
  const told = (): unknown => {
    const { draw, allowedWatts } = known(getDomain(hub.state, "hub", "hub"), "hub");
    return [draw?.watts, draw?.measuredMs, allowedWatts];
  };
  expect(told()).toEqual([fullWatts, minuteMs, 36_000]);
  hub.playUntil(hub.nowMs + 10_000);
  const drawnWatts = Math.round(known(hub.drawnWatts[0], "hub")[1]);
  expect(drawnWatts).toBeLessThan(36_000);
  expect(told()).toEqual([drawnWatts, 10_000, 36_000]);
});

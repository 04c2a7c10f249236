import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { setStartCeiling } from "../../power/start-rooms.ts";
import { known } from "../../state/assert.ts";
import { smallHub } from "../../testing/test-hub.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

class SeldomHub extends MeteredHub {
  override get periodMs(): number {
    return minuteMs;
  }
}

interface Asked {
  readonly afterMs: number;
  readonly rampMs: number;
  readonly noticeMs?: number;
  readonly targetWatts?: number;
}

/** Eight jobs, and what is asked for twenty minutes later, unless told otherwise. */
function begin(
  hub: MeteredHub,
  { afterMs, rampMs, noticeMs = 20 * minuteMs, targetWatts = 34_000 }: Asked,
) {
  for (let job = 0; job < 8; job += 1) {
    hub.run(bending);
  }
  hub.beginAll();
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  const start = instant(hub.nowMs + noticeMs + afterMs);
  const end = instant(toNumber(start) + 60 * minuteMs);
  const at = instant(hub.nowMs);
  const asked: Curtailment = {
    id: "noon",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(targetWatts),
    baseline: watts(0),
    start,
    end,
    ramp: milliseconds(rampMs),
    reason: "grid",
    setBy: "olga",
    noticedAt: at,
  };
  const preview = previewCurtailment(hub.state, asked);
  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  return { startMs: toNumber(start), preview };
}

const times = [1_000, 15_000, 30_000, 45_000, 59_000];

test.each([0, 1, 5].flatMap((minutes) => times.map((afterMs) => [minutes, afterMs] as const)))(
  "measured once a minute, one with a ramp of %i min that begins %i ms after a measurement holds from its first minute on",
  (rampMinutes, afterMs) => {
    const hub = new SeldomHub();
    const { startMs, preview } = begin(hub, { afterMs, rampMs: rampMinutes * minuteMs });
    let firstFallMs = Infinity;
    hub.playUntil(startMs + 10 * minuteMs, () => {
      if (hub.attempts.some(({ capWatts }) => capWatts !== 0)) {
        firstFallMs = Math.min(firstFallMs, hub.nowMs);
      }
    });
    expect(known(complianceOf(hub.state, "noon"), "noon").minutesOverCount).toBe(0);
    expect(startMs - firstFallMs).toBeLessThanOrEqual(minuteMs);
    expect(preview).toMatchObject({ kind: "preview", forecast: { lead: minuteMs } });
  },
);

test.each([0, 1, 2].flatMap((minutes) => times.map((afterMs) => [minutes, afterMs] as const)))(
  "measured once a minute, one without notice and with a ramp of %i min, %i ms after a measurement, holds from when its preview says",
  (rampMinutes, afterMs) => {
    const hub = new SeldomHub();
    const rampMs = rampMinutes * minuteMs;
    const { startMs, preview } = begin(hub, { afterMs, rampMs, noticeMs: 0 });
    hub.playUntil(startMs + 10 * minuteMs);
    const { minutes } = known(hub.state.curtailments.records.get("noon"), "noon");
    const means = minutes.map(({ wattMs, measuredMs }) => wattMs / measuredMs);
    const heldFrom = means.findLastIndex((mean) => mean > 34_000) + 1;
    expect(preview).toMatchObject({
      kind: "preview",
      forecast: { lead: 0, timeToTarget: rampMs + minuteMs },
    });
    expect(heldFrom).toBeLessThanOrEqual(rampMinutes + 1);
  },
);

/** GPUs take no caps: nothing is learned of their noise, and the margin stays as wide as it was at first. */
class UncappedHub extends SeldomHub {
  constructor() {
    super(smallHub().replace("peak: 10 kW", "peak: 5.2 kW"));
  }
}

test("measured once a minute, nobody who started beside a target that bounds hold is stopped for the margin of its measurements", () => {
  const hub = new UncappedHub();
  for (let job = 0; job < 6; job += 1) {
    hub.run(pausing);
  }
  hub.beginAll();
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  const startMs = hub.nowMs + 5 * minuteMs;
  const target = watts(42_700);
  const when = { start: instant(startMs), end: instant(startMs + 30 * minuteMs) };
  const reply = hub.curtail("noon", { target, baseline: watts(45_000), ...when });
  expect(reply).toEqual({ kind: "done" });
  hub.playUntil(startMs + 20 * minuteMs);
  hub.run(pausing);
  hub.run(pausing);
  hub.beginAll();
  expect(hub.attempts).toHaveLength(8);
  expect(hub.feedWatts()).toBeLessThanOrEqual(42_700);
  let stoppedCount = 0;
  hub.playUntil(startMs + 30 * minuteMs, () => {
    stoppedCount += hub.attempts.filter(({ phase }) => phase === "stopping").length;
  });
  expect(stoppedCount).toBe(0);
  expect(hub.attempts).toHaveLength(8);
  expect(complianceOf(hub.state, "noon")?.minutesOverCount).toBe(0);
});

test("measured every ten seconds, caps begin to fall at the start, and the preview says so", () => {
  const hub = new MeteredHub();
  const { startMs, preview } = begin(hub, { afterMs: 0, rampMs: 0 });
  hub.playUntil(startMs - 10_000);
  expect(hub.attempts.every(({ capWatts }) => capWatts === 0)).toBe(true);
  expect(preview).toMatchObject({ kind: "preview", forecast: { lead: 0 } });
});

test.each([1, 1_000, 5_000, 9_000])(
  "measured every ten seconds, caps fall to floors with a start that comes %i ms after a measurement, none sooner, and its first minute holds",
  (afterMs) => {
    const hub = new MeteredHub();
    const { startMs, preview } = begin(hub, { afterMs, rampMs: 0, targetWatts: 29_500 });
    expect(preview).toMatchObject({ kind: "preview", forecast: { lead: 0, timeToTarget: 0 } });
    hub.playUntil(startMs - afterMs);
    hub.wait(afterMs - 1);
    expect(hub.attempts.every(({ capWatts }) => capWatts === 0)).toBe(true);
    expect(hub.engine.nextTickAtMs()).toBe(startMs);
    hub.wait(1);
    expect(hub.attempts.every(({ capWatts }) => capWatts > 0)).toBe(true);
    hub.playUntil(startMs + 60 * minuteMs);
    const told = known(complianceOf(hub.state, "noon"), "noon");
    expect(told.minutesOverCount).toBe(0);
    expect(told.jobs.filter((one) => one.lossPercent > one.tierPercent)).toEqual([]);
  },
);

test.each([500, 20_000, 50_000])(
  "measured once a minute, what starts %i ms before one begins, after its caps fell, takes no more than is left of the target",
  (beforeMs) => {
    const hub = new SeldomHub();
    // With one idle node off they draw 30.2 kW at full power.
    for (let job = 0; job < 5; job += 1) {
      hub.run(bending);
    }
    hub.beginAll();
    hub.playUntil(hub.nowMs + 20 * minuteMs);
    const startMs = hub.nowMs + 20 * minuteMs + beforeMs + 1;
    const reply = hub.curtail("noon", {
      target: watts(31_500),
      start: instant(startMs),
      ramp: milliseconds(0),
    });
    expect(reply).toEqual({ kind: "done" });
    hub.playUntil(startMs - beforeMs - 1);
    hub.wait(1);
    const loadBefore = hub.feedWatts();
    const roomWatts = (hub.site.horizons[0]?.ceiling[0] ?? Infinity) - loadBefore;
    hub.run({ ...bending, walltime: milliseconds(30 * minuteMs) });
    expect(roomWatts).toBeLessThan(3_200);
    expect(hub.feedWatts() - loadBefore).toBeLessThanOrEqual(roomWatts);
    // A start that was promised for then comes: the steering knows of it.
    const promised = 99;
    setStartCeiling(hub.site, 0, hub.nowMs, promised);
    expect(hub.site.horizons[0]?.ceiling[0]).toBe(hub.site.hardCeiling[0]);
    setStartCeiling(hub.site, 0, hub.nowMs);
    hub.playUntil(startMs + 10 * minuteMs);
    expect(known(complianceOf(hub.state, "noon"), "noon").minutesOverCount).toBe(0);
  },
);

test("who began to run within a minute that is measured is learned from the next one on", () => {
  const hub = new SeldomHub();
  hub.playUntil(hub.nowMs + minuteMs);
  const start = instant(hub.nowMs + 5 * minuteMs);
  expect(hub.curtail("noon", { target: watts(30_000), start })).toEqual({ kind: "done" });
  const job = hub.run(bending);
  hub.wait(6_000);
  const levels: unknown[] = [];
  hub.playUntil(hub.nowMs + 3 * minuteMs, () => {
    const { steering } = known(hub.state.curtailments.records.get("noon"), "noon");
    levels.push(steering?.knowledge.jobs.get(taskIdOf({ job, task: 0 }))?.levelWatts);
  });
  expect(levels).toEqual([undefined, 8 * 380, 8 * 380]);
});

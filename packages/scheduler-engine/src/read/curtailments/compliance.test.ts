import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { Engine } from "../../engine.ts";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { known } from "../../state/assert.ts";
import { complianceOf, listCurtailments } from "./compliance.ts";
import { previewCurtailment } from "./preview-curtailment.ts";
import { cappedHub } from "../../testing/test-hub.ts";
import { periodMs, Plant } from "../../testing/test-plant.ts";

const minuteMs = 60_000;

test("a planned curtailment is steered by measurement: no minute over, and nearly all of it used", () => {
  const plant = new Plant(1.02);
  plant.steps(65 * minuteMs);
  const { planned } = plant;
  plant.schedule(planned);
  plant.steps(80 * minuteMs);
  const compliance = known(complianceOf(plant.hub.state, "noon"), "compliance");
  expect(compliance.view.phase).toBe("over");
  // The mean of the hour before.
  const full = 1_000 + 8 * (2_000 + 8 * 380 * 1.02);
  expect(toNumber(compliance.view.curtailment.baseline)).toBeCloseTo(full, -2);
  expect(compliance.minutes.length).toBe(60);
  expect(compliance.minutesOverCount).toBe(0);
  expect(toNumber(compliance.worstMinute)).toBeLessThanOrEqual(31_000);
  const held = compliance.minutes.slice(10);
  const mean = held.reduce((sum, one) => sum + toNumber(one.mean), 0) / held.length;
  expect(mean).toBeGreaterThan(0.98 * 31_000);
  // Bounds may exceed the target; what a bound of 31 kW would leave is more than is left here.
  expect(mean).toBeGreaterThan(17_000 + 0.95 * 1.02 * 14_000);
  for (const job of compliance.jobs) {
    expect(job.lossPercent).toBeLessThanOrEqual(job.tierPercent);
  }
  expect(compliance.jobs.some((job) => job.lossPercent > 10)).toBe(true);
});

test("a minute that still runs is no verdict", () => {
  const plant = new Plant(1);
  plant.steps(10 * minuteMs);
  const { hub } = plant;
  plant.schedule({
    ...plant.planned,
    start: instant(hub.nowMs),
    ramp: milliseconds(0),
    mode: "emergency",
  });
  const measure = (atMs: number, drawnWatts: number): void => {
    hub.nowMs = atMs;
    plant.measure(drawnWatts);
  };
  const startMs = hub.nowMs;
  const told = (): readonly unknown[] => {
    const { minutes, minutesOverCount, worstMinute } = known(
      complianceOf(hub.state, "noon"),
      "compliance",
    );
    return [minutes.map((one) => one.isRunning), minutesOverCount, toNumber(worstMinute)];
  };
  measure(startMs + 10_000, 40_000);
  expect(told()).toEqual([[true], 0, 0]);
  measure(startMs + minuteMs, 40_000);
  expect(told()).toEqual([[false], 1, 40_000]);
  measure(startMs + minuteMs + 10_000, 50_000);
  expect(told()).toEqual([[false, true], 1, 40_000]);
});

test("the worst second is no lower than the worst minute, in which a measurement counts that reaches into it", () => {
  const plant = new Plant(1);
  plant.steps(10 * minuteMs);
  const { hub } = plant;
  const startMs = hub.nowMs + 5_000;
  const end = instant(startMs + 2 * minuteMs);
  const ask = { ...plant.planned, start: instant(startMs), end, ramp: milliseconds(0) };
  plant.schedule({ ...ask, mode: "emergency" });
  const measure = (atMs: number, drawnWatts: number): void => {
    hub.nowMs = atMs;
    plant.measure(drawnWatts);
  };
  measure(startMs + 5_000, 40_000);
  measure(startMs + 30_000, 30_000);
  measure(startMs + minuteMs, 30_000);
  const { worstMinute, worstSecond } = known(complianceOf(hub.state, "noon"), "compliance");
  expect(toNumber(worstMinute)).toBe(Math.round((40_000 * 5 + 30_000 * 55) / 60));
  expect(worstSecond).toBe(worstMinute);
  measure(startMs + minuteMs + 10_000, 32_000);
  expect(toNumber(known(complianceOf(hub.state, "noon"), "noon").worstSecond)).toBe(32_000);
});

test("the last measurement counts up to the end, though it comes after it, unless much of it is of the time after", () => {
  const measuredOf = (lateMs: number): readonly number[] => {
    const plant = new Plant(1);
    plant.steps(10 * minuteMs);
    const { hub } = plant;
    const startMs = hub.nowMs;
    const end = instant(startMs + 2 * minuteMs);
    const ask = { ...plant.planned, start: instant(startMs), end, ramp: milliseconds(0) };
    plant.schedule({ ...ask, mode: "emergency" });
    const measure = (atMs: number): void => {
      // Whatever ends now has ended by then.
      hub.wait(atMs - hub.nowMs);
      plant.measure(30_000);
    };
    for (let atMs = startMs + periodMs; atMs < startMs + 2 * minuteMs; atMs += periodMs) {
      measure(atMs);
    }
    measure(startMs + 2 * minuteMs + lateMs);
    measure(startMs + 2 * minuteMs + lateMs + periodMs);
    const { view, minutes } = known(complianceOf(hub.state, "noon"), "compliance");
    expect(view.phase).toBe("over");
    return minutes.map((one) => one.measuredSeconds);
  };
  expect(measuredOf(0)).toEqual([60, 60]);
  expect(measuredOf(1_000)).toEqual([60, 60]);
  expect(measuredOf(5_000)).toEqual([60, 50]);
});

test("where caps do not reach a planned target, jobs pause in turn, and come back by measurement", () => {
  const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(2 * minuteMs) };
  const plant = new Plant(1, { capMin: watts(320), checkpoint });
  plant.steps(20 * minuteMs);
  const start = instant(plant.hub.nowMs + 15 * minuteMs);
  const end = instant(plant.hub.nowMs + 315 * minuteMs);
  plant.schedule({ ...plant.planned, target: watts(33_000), start, end });
  plant.steps(314 * minuteMs);
  const { jobs } = plant.hub.state;
  const attempts = [...jobs.after(0)].map((job) => job.attemptCount);
  // Some were paused, and are back before the end.
  expect(attempts.filter((count) => count > 1).length).toBeGreaterThan(1);
  const compliance = known(complianceOf(plant.hub.state, "noon"), "compliance");
  expect(compliance.minutesOverCount).toBe(0);
  for (const job of compliance.jobs) {
    expect(job.lossPercent).toBeLessThanOrEqual(50);
  }
  expect(compliance.jobs.filter((job) => job.pausedSeconds > 0).length).toBeGreaterThan(1);
});

test("a preview says what the schedule after it does, and changes nothing", () => {
  const plant = new Plant(1);
  plant.steps(10 * minuteMs);
  const before = stateDigest(plant.hub.state);
  const { planned } = plant;
  const preview = previewCurtailment(plant.hub.state, planned);
  expect(stateDigest(plant.hub.state)).toBe(before);
  if (preview.kind !== "preview") {
    throw new Error(preview.message);
  }
  const { forecast } = preview;
  plant.schedule(planned);
  const drawnWatts = plant.step();
  expect(toNumber(known(forecast.steps[0], "first").watts)).toBe(drawnWatts);
  plant.steps(80 * minuteMs);
  const compliance = known(complianceOf(plant.hub.state, "noon"), "compliance");
  expect(compliance.view.curtailment.baseline).toBe(preview.curtailment.baseline);
  const capped = forecast.jobs.filter((one) => one.effect === "capped").map((one) => one.job);
  expect(capped.length).toBeGreaterThan(0);
  expect(compliance.jobs.map((one) => one.job)).toEqual(capped);
  const sum = (losses: readonly { readonly lossPercent: number }[]): number =>
    losses.reduce((all, one) => all + one.lossPercent, 0);
  // The ramp loses less than the target itself, and the steering keeps a margin.
  expect(Math.abs(sum(compliance.jobs) - sum(forecast.jobs))).toBeLessThan(
    0.15 * sum(forecast.jobs),
  );
  const settled = compliance.minutes.slice(10);
  const mean = settled.reduce((all, one) => all + toNumber(one.mean), 0) / settled.length;
  expect(mean / toNumber(forecast.after)).toBeCloseTo(1, 1);
  const met = compliance.minutes.findIndex((one) => toNumber(one.mean) <= toNumber(planned.target));
  expect(Math.abs(met * minuteMs - toNumber(forecast.timeToTarget))).toBeLessThanOrEqual(minuteMs);
});

test("a curtailment goes on after a restart as if there had been none", () => {
  const plant = new Plant(0.97);
  plant.steps(10 * minuteMs);
  plant.schedule(plant.planned);
  plant.steps(30 * minuteMs);
  const { engine } = plant.hub;
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(engine.state)) {
    reader.add(chunk);
  }
  const again = new Engine(engine.limits, reader.finish());
  expect(stateDigest(again.state)).toBe(stateDigest(engine.state));
  const command = {
    kind: "measure",
    at: instant(plant.hub.nowMs + periodMs),
    site: "hub",
    domains: [{ domain: 0, watts: 30_000 }],
    attempts: [{ attempt: { job: 1, task: 0, attempt: 1 }, watts: 7_000 }],
  } as const;
  expect(again.execute(command).entry).toEqual(engine.execute(command).entry);
  expect(again.nextTickAtMs()).toBe(engine.nextTickAtMs());
  expect(listCurtailments(again.state)).toEqual(listCurtailments(engine.state));
  expect(complianceOf(again.state, "noon")).toEqual(complianceOf(engine.state, "noon"));
});

test("what caps that fall ahead of the start cost is told as a part of the time since they fall", () => {
  const ramped = cappedHub().replace("limit: 300 kW", "limit: 300 kW\n  ramp: 2 kW/min over 60 s");
  const plant = new Plant(1, {}, ramped);
  plant.steps(30 * minuteMs);
  const { planned, hub } = plant;
  plant.schedule({ ...planned, ramp: milliseconds(0) });
  plant.steps(15 * minuteMs);
  const losing = known(complianceOf(hub.state, "noon"), "compliance").jobs;
  expect(losing.length).toBeGreaterThan(0);
  for (const { cappedLossSeconds, lossPercent } of losing) {
    // Ramps begin six minutes before it, and no cap takes more than half of full speed.
    expect(cappedLossSeconds).toBeGreaterThan(10);
    expect(lossPercent).toBeCloseTo(cappedLossSeconds / 3.6, 0);
    expect(lossPercent).toBeLessThan(50);
  }
  plant.steps(60 * minuteMs);
  for (const job of known(complianceOf(hub.state, "noon"), "compliance").jobs) {
    expect(job.lossPercent).toBeCloseTo((job.cappedLossSeconds + job.pausedSeconds) / 36, 0);
  }
});

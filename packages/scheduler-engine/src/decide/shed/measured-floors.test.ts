import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { cappedHub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + 30 * minuteMs;

/** GPUs that draw so much of what their curve says. */
class BiasedHub extends MeteredHub {
  readonly #ratio: number;

  constructor(ratio: number, text?: string) {
    super(text);
    this.#ratio = ratio;
  }

  mostWidened = 0;

  noteWidened(): void {
    const record = this.state.curtailments.records.get("noon");
    this.mostWidened = Math.max(this.mostWidened, record?.widenedBy ?? 0);
  }

  override drawShare(_attempt: Attempt): number {
    return 0.95 * this.#ratio;
  }
}

/** Eight jobs whose floors draw 36.5 kW by their curves, and a target of 37 kW for five hours. */
function play(ratio: number): BiasedHub {
  const hub = new BiasedHub(ratio);
  for (let job = 0; job < 8; job += 1) {
    hub.run(pausing);
  }
  const endMs = beginMs + 5 * hourMs;
  const changes = { target: watts(37_000), start: instant(beginMs), end: instant(endMs) };
  expect(hub.curtail("noon", { ...changes, ramp: milliseconds(5 * minuteMs) })).toEqual({
    kind: "done",
  });
  hub.playUntil(endMs);
  return hub;
}

/** Eight jobs that tolerate a tenth, and a target a little above what their floors draw by their curves. */
function playTight<H extends BiasedHub>(hub: H, spec: Partial<JobSpec> = pausing): H {
  for (let job = 0; job < 8; job += 1) {
    hub.run({ ...spec, flexibilityTier: 10 });
  }
  const endMs = beginMs + 2 * hourMs;
  const changes = { target: watts(39_500), start: instant(beginMs), end: instant(endMs) };
  expect(hub.curtail("noon", { ...changes, ramp: milliseconds(0) })).toEqual({ kind: "done" });
  hub.playUntil(endMs, () => hub.noteWidened());
  return hub;
}

function pausedCount(hub: BiasedHub): number {
  const { jobs } = known(complianceOf(hub.state, "noon"), "noon");
  return jobs.filter((one) => one.pausedSeconds > 0).length;
}

test("who has to be paused is planned by what jobs were measured to draw, not by their curves alone", () => {
  const asModelled = play(1);
  expect(pausedCount(asModelled)).toBe(0);
  // At their floors they draw 37.9 kW.
  const more = play(1.07);
  expect(pausedCount(more)).toBeGreaterThan(0);
  const { minutesOverCount, jobs } = known(complianceOf(more.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  for (const { lossPercent, tierPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(tierPercent);
  }
});

test("floors that can be kept no more give all the same small part, and the target holds", () => {
  const asModelled = known(complianceOf(playTight(new BiasedHub(1)).state, "noon"), "noon");
  expect(Math.max(...asModelled.jobs.map((one) => one.lossPercent))).toBeLessThanOrEqual(10);
  // At their floors they draw 40.4 kW.
  const { minutesOverCount, jobs } = known(
    complianceOf(playTight(new BiasedHub(1.07)).state, "noon"),
    "noon",
  );
  expect(minutesOverCount).toBe(0);
  expect(jobs).toHaveLength(8);
  for (const { lossPercent } of jobs) {
    expect(lossPercent).toBeGreaterThan(5);
    expect(lossPercent).toBeLessThan(17);
  }
  expect(playTight(new BiasedHub(1.07)).mostWidened).toBeGreaterThan(0);
});

test("without notice jobs are planned by curves, and again when they are first measured to draw more", () => {
  const hub = new BiasedHub(1.07);
  for (let job = 0; job < 8; job += 1) {
    hub.run(pausing);
  }
  // Whole domains are measured before, jobs are not.
  hub.playUntil(beginMs);
  const endMs = beginMs + hourMs;
  const ramp = milliseconds(3 * minuteMs);
  const changes = { target: watts(37_000), start: instant(beginMs), end: instant(endMs), ramp };
  expect(hub.curtail("noon", changes)).toEqual({ kind: "done" });
  // It is planned before anything is measured again.
  hub.wait(0);
  hub.playUntil(endMs);
  expect(pausedCount(hub)).toBeGreaterThan(0);
  expect(known(complianceOf(hub.state, "noon"), "noon").minutesOverCount).toBe(0);
});

/** Measured once a minute; and under a cap GPUs draw a little more of their curves than without. */
class BentHub extends BiasedHub {
  changeCount = 0;
  #widenedBy = 0;

  override get periodMs(): number {
    return minuteMs;
  }

  override noteWidened(): void {
    super.noteWidened();
    const { widenedBy = 0 } = this.state.curtailments.records.get("noon") ?? {};
    this.changeCount += widenedBy === this.#widenedBy ? 0 : 1;
    this.#widenedBy = widenedBy;
  }

  override drawShare(one: Attempt): number {
    return super.drawShare(one) * (one.capWatts === 0 ? 1 : 1.033);
  }
}

test("a target that is passed by less than a hundredth, minute after minute, has floors give that little way", () => {
  const hub = playTight(new BentHub(1), bending);
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
  // Ten and more where the missing watts count as a margin.
  expect(minutesOverCount).toBeLessThanOrEqual(7);
  expect(hub.mostWidened).toBeGreaterThan(0);
  expect(hub.changeCount).toBeLessThan(10);
  for (const { lossPercent } of jobs) {
    expect(lossPercent).toBeLessThan(13);
  }
});

/** Measured once a minute, so that margins are wide. */
class SeldomHub extends BiasedHub {
  override get periodMs(): number {
    return minuteMs;
  }
}

test("where floors miss a target also without margins, they give what is missing then, and nothing for a margin", () => {
  // At their floors they draw 39.6 kW, with the margin that plans keep a target of 38.9.
  const hub = playTight(new SeldomHub(1.04), bending);
  expect(hub.mostWidened).toBeGreaterThan(0);
  expect(hub.mostWidened).toBeLessThan(200);
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  for (const { lossPercent } of jobs) {
    expect(lossPercent).toBeLessThan(12);
  }
});

test("no floor gives way while nodes that do not answer hold the watts", () => {
  const hub = new BiasedHub(1);
  [0, 1, 2, 4, 5].forEach((node) => hub.silent.add(node));
  playTight(hub);
  expect(hub.mostWidened).toBe(0);
  const { jobs } = known(complianceOf(hub.state, "noon"), "noon");
  for (const { lossPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(10);
  }
});

test("no floor gives way while the cluster that is to follow is away", () => {
  const hub = new SeldomHub(1.04);
  for (let job = 0; job < 8; job += 1) {
    hub.run({ ...bending, flexibilityTier: 10 });
  }
  const window = { start: instant(beginMs), end: instant(beginMs + 2 * hourMs) };
  const asked = { target: watts(39_500), ramp: milliseconds(0), ...window };
  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  hub.report({ kind: "cluster-away" });
  hub.playUntil(beginMs + 10 * minuteMs, () => hub.noteWidened());
  expect(hub.mostWidened).toBe(0);
});

test("no floor gives way, and no gang gives nodes, while a stop that nobody confirms holds the watts", () => {
  const hub = new BiasedHub(1);
  const over = hub.run({ ...bending, walltime: milliseconds(10 * minuteMs) });
  const [node] = known(hub.attempts[0], "it runs").heldNodes;
  hub.silent.add(known(node, "its node"));
  hub.run({ ...pausing, flexibilityTier: 25, nodeCount: 2, nodeCountMin: 1 });
  for (let job = 0; job < 5; job += 1) {
    hub.run({ ...bending, flexibilityTier: 10 });
  }
  // Floors draw 35.5 kW, and who is over holds 3.2 kW beside them.
  const endMs = beginMs + hourMs;
  const window = { start: instant(beginMs), end: instant(endMs), ramp: milliseconds(0) };
  expect(hub.curtail("noon", { target: watts(37_000), ...window })).toEqual({ kind: "done" });
  hub.playUntil(beginMs + 10 * minuteMs, () => hub.noteWidened());
  expect(hub.attempts.some((one) => one.job === over)).toBe(true);
  hub.silent.clear();
  hub.playUntil(endMs, () => hub.noteWidened());
  expect(hub.mostWidened).toBe(0);
  const { jobs } = known(complianceOf(hub.state, "noon"), "noon");
  for (const { lossPercent, tierPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(tierPercent);
  }
});

/** In its second hall GPUs take no caps. */
const halfCapped = cappedHub()
  .replace(
    "curves:",
    `  l40-8: {gpuModel: L40, gpuCount: 8, idle: 2 kW, peak: 5.2 kW, partUse: share, source: assumption}
curves:`,
  )
  .replace(
    "feed:",
    `  rack-l: {kind: rack, limit: 50 kW, nodes: 2 × l40-8, source: assumption}
  row-l: {kind: row, limit: 100 kW, racks: 2 × rack-l, source: assumption}
feed:`,
  )
  .replace(/(hall-2.*)row-a/u, "$1row-l");

/** Measured once a minute; who takes no caps draws three fifths of its bounds, unless told otherwise. */
class SlowHub extends BiasedHub {
  uncappedShare = 0.6;

  constructor() {
    super(1, halfCapped);
  }

  override get periodMs(): number {
    return minuteMs;
  }

  override drawShare(attempt: Attempt): number {
    return attempt.curve === undefined ? this.uncappedShare : super.drawShare(attempt);
  }
}

test("what was drawn before one without notice began is no reason to let floors give way", () => {
  const hub = new SlowHub();
  for (let job = 0; job < 3; job += 1) {
    hub.run({ ...bending, flexibilityTier: 10, gpuModel: "H100" });
    hub.run({ flexibilityTier: 10, gpuModel: "L40", walltime: milliseconds(100 * hourMs) });
  }
  hub.beginAll();
  hub.playUntil(startMs + 10 * minuteMs);
  // 31.9 kW are drawn, 27.9 once two nodes are off, and 27.0 at floors; by bounds these are 30.8.
  const start = instant(hub.nowMs);
  const changes = { target: watts(30_000), baseline: watts(31_900), start, ramp: milliseconds(0) };
  expect(hub.curtail("noon", changes)).toEqual({ kind: "done" });
  hub.wait(0);
  hub.playUntil(hub.nowMs + hourMs, () => hub.noteWidened());
  expect(hub.mostWidened).toBe(0);
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  expect(Math.max(...jobs.map((one) => one.lossPercent))).toBeLessThanOrEqual(10);
});

test("a minute in which more is drawn before it is planned makes no gang give nodes beyond its tier", () => {
  const hub = new SlowHub();
  hub.uncappedShare = 0.85;
  const gang = { ...pausing, flexibilityTier: 10, nodeCount: 2, nodeCountMin: 1 } as const;
  hub.run({ ...gang, gpuModel: "L40", capMin: watts(0) });
  hub.beginAll();
  hub.playUntil(startMs + 10 * minuteMs);
  // 9.4 kW are drawn without the two idle nodes: for the margin, and for more in a minute, there is little room.
  const changes = { domain: hub.hall("hall-2"), target: watts(9_600), start: instant(beginMs) };
  expect(hub.curtail("noon", { ...changes, ramp: milliseconds(0) })).toEqual({ kind: "done" });
  hub.playUntil(beginMs - 2 * minuteMs);
  hub.uncappedShare = 0.89;
  hub.playUntil(hub.nowMs + minuteMs);
  hub.uncappedShare = 0.85;
  hub.playUntil(beginMs + hourMs, () => hub.noteWidened());
  expect(hub.mostWidened).toBe(0);
  const { jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
});

test("who pauses beyond his tier comes back as soon as the target holds with him, and nobody follows him", () => {
  const hub = new SlowHub();
  for (let job = 0; job < 3; job += 1) {
    hub.run({ ...pausing, flexibilityTier: 25, gpuModel: "H100" });
    hub.run({ gpuModel: "L40", walltime: milliseconds(100 * hourMs) });
  }
  hub.beginAll();
  hub.playUntil(startMs + 10 * minuteMs);
  const fromMs = hub.nowMs;
  const changes = { baseline: watts(31_900), start: instant(fromMs), ramp: milliseconds(0) };
  expect(hub.curtail("noon", { ...changes, target: watts(28_400) })).toEqual({ kind: "done" });
  hub.wait(0);
  // All three at their floors draw 29.9 kW now: one is always to pause, for longer than it bears.
  hub.uncappedShare = 1;
  hub.playUntil(fromMs + 15 * minuteMs, () => hub.noteWidened());
  expect(hub.mostWidened).toBeGreaterThan(0);
  // And 26 kW from now on.
  hub.uncappedShare = 0.6;
  hub.playUntil(fromMs + 22 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
  hub.playUntil(fromMs + hourMs, () => {
    expect(hub.state.curtailments.paused.size).toBe(0);
    expect(hub.drawnWatts[0]?.[1]).toBeLessThanOrEqual(28_400);
  });
});

test("he comes back also where the target is passed with him by less than is worth what he would lose to the end", () => {
  const hub = new SlowHub();
  hub.run({ ...pausing, flexibilityTier: 25, gpuModel: "H100" });
  for (let job = 0; job < 3; job += 1) {
    hub.run({ gpuModel: "L40", walltime: milliseconds(100 * hourMs) });
  }
  hub.beginAll();
  hub.playUntil(startMs + 10 * minuteMs);
  const changes = { baseline: watts(31_900), start: instant(hub.nowMs), ramp: milliseconds(0) };
  expect(hub.curtail("noon", { ...changes, target: watts(20_000) })).toEqual({ kind: "done" });
  hub.wait(0);
  const playAt = (share: number, minutes: number, each?: () => void): void => {
    hub.uncappedShare = share;
    hub.playUntil(hub.nowMs + minutes * minuteMs, each);
  };
  playAt(0.85, 3);
  // At its floor 21 kW are drawn.
  playAt(1, 10);
  expect(hub.state.curtailments.paused.size).toBe(1);
  // And 20.2 kW from now on.
  playAt(0.915, 7);
  playAt(0.915, 30, () => {
    expect(hub.state.curtailments.paused.size).toBe(0);
  });
  const { jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(jobs.map(({ pausedSeconds }) => Math.round(pausedSeconds / 60))).toEqual([11]);
});

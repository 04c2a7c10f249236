import { speedAt } from "@ertis/power-planning";
import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, cancel, fullHub, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { known } from "../../state/assert.ts";
import { attemptsOf, type Hub } from "../../testing/test-hub.ts";
import { complianceOf, type JobCompliance } from "./compliance.ts";

const secondMs = 1_000;

function lossesOf(hub: Hub): readonly JobCompliance[] {
  return known(complianceOf(hub.state, "evening"), "compliance").jobs;
}

interface Played {
  readonly hub: Hub;
  readonly cluster: ObeyingCluster;
  /** Full-speed seconds lost from the end on, seen from outside. */
  readonly lost: Map<number, number>;
  readonly pass: (ms: number) => void;
}

/** An emergency of an hour over a full hub, played to its end: what was shed comes back within a minute from then on. */
function played(changes: object, targetWatts: number, endsAfterMs = 60 * minuteMs): Played {
  const hub = fullHub({ ...bending, ...changes });
  const cluster = new ObeyingCluster(hub);
  cluster.pass(10 * minuteMs);
  const span = { start: instant(hub.nowMs), end: instant(hub.nowMs + 60 * minuteMs) };
  const ask = {
    target: watts(targetWatts),
    baseline: watts(hub.feedWatts()),
    giveUp: [50],
  } as const;
  expect(schedule(hub, { ...ask, ...span })).toEqual({ kind: "done" });
  cluster.pass(endsAfterMs);
  const lost = new Map<number, number>();
  const look = (): void => {
    const running = attemptsOf(hub).filter(({ phase }) => phase === "starting");
    for (let job = 1; job <= 4; job += 1) {
      const attempt = running.find((one) => one.job === job);
      const { capWatts = 0, curve } = attempt ?? {};
      const speed = curve === undefined || capWatts === 0 ? 1 : speedAt(curve, capWatts);
      lost.set(job, (lost.get(job) ?? 0) + (attempt === undefined ? 1 : 1 - speed));
    }
  };
  return { hub, cluster, lost, pass: (ms) => cluster.pass(ms, look) };
}

test("what caps take after the end while they rise is told beside the loss, and what they took in its time stays", () => {
  const { hub, lost, pass } = played({}, 33_000);
  const before = lossesOf(hub);
  expect(before.map((one) => one.afterEndSeconds)).toEqual(before.map(() => 0));
  pass(20 * secondMs);
  const back = lossesOf(hub);
  expect(back.some((one) => one.isHeldBack && one.afterEndSeconds > 2)).toBe(true);
  pass(10 * minuteMs);
  for (const [at, one] of lossesOf(hub).entries()) {
    expect(one.isHeldBack).toBe(false);
    expect(Math.abs(one.afterEndSeconds - (lost.get(one.job) ?? 0))).toBeLessThanOrEqual(2);
    expect(one.lossPercent).toBe(before[at]?.lossPercent);
  }
});

test("so is the time until who was paused has read his checkpoint back, also once one is cancelled", () => {
  const { hub, lost, cluster, pass } = played({ capMin: watts(360) }, 30_000, 30 * minuteMs);
  cancel(hub);
  pass(10 * minuteMs);
  const jobs = lossesOf(hub).filter((one) => one.pausedSeconds > 0);
  expect(jobs.length).toBeGreaterThan(0);
  expect(cluster.starts.length).toBeGreaterThanOrEqual(jobs.length);
  for (const one of jobs) {
    // Two minutes of reading a checkpoint, in which it is no faster than under a cap.
    const seen = (lost.get(one.job) ?? 0) + 120;
    expect(one.isHeldBack).toBe(false);
    expect(Math.abs(one.afterEndSeconds - seen)).toBeLessThanOrEqual(3);
  }
});

test("a snapshot remembers who is followed", () => {
  const { hub, pass } = played({ capMin: watts(360) }, 30_000);
  pass(5 * secondMs);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  expect(lossesOf(hub).some((one) => one.isHeldBack)).toBe(true);
  expect(stateDigest(reader.finish())).toBe(stateDigest(hub.state));
});

import { describe, expect, test } from "vitest";
import { drawAt } from "../curves/read-curve.ts";
import { believedDraw } from "./belief.ts";
import { seenCurve } from "./corrected.ts";
import { beliefOf } from "./knowledge.ts";
import type { SteerTarget } from "./plan.ts";
import { fullWatts, minuteMeans, play, type Play, testCurve, testJob } from "./test-plant.ts";

const minuteMs = 60_000;
/** Of what their curves say: two jobs always draw a quarter less, one a tenth more. */
const levels = [0.75, 1.1, 0.75, 1];
const jobs = levels.map((_, id) => testJob(id, { weight: 32 + id }));

/** A tenth less than they draw, from ten minutes after the first measurement on. */
function targetIn(minutes: number, part = 0.9): SteerTarget {
  const fromWatts = fullWatts(jobs) * 0.9;
  const startMs = minutes * minuteMs;
  const targetWatts = part * fromWatts;
  return { startMs, endMs: startMs + 60 * minuteMs, rampMs: 5 * minuteMs, fromWatts, targetWatts };
}

function usedOf(plan: Play, periodCount: number): { readonly used: number; readonly most: number } {
  const means = minuteMeans(play(plan, periodCount), plan.target);
  const { targetWatts } = plan.target;
  const mean = means.reduce((sum, one) => sum + one, 0) / means.length;
  return { used: mean / targetWatts, most: Math.max(...means) / targetWatts };
}

const levelOf = (id: number): number => levels[id] ?? 1;

describe("a job that always draws another part of its curve", () => {
  test("is learned in the minutes before the start, and the target is used", () => {
    const { used, most } = usedOf({ target: targetIn(10), jobs, ratioOf: levelOf }, 400);
    expect(most).toBeLessThanOrEqual(1);
    expect(used).toBeGreaterThan(0.99);
  });

  test("is known at once where it was seen before to draw no more", () => {
    const known = jobs.map((job) => ({ ...job, seenMostWatts: 382 * levelOf(job.id) * 1.02 }));
    const { used, most } = usedOf({ target: targetIn(0), jobs: known, ratioOf: levelOf }, 340);
    expect(most).toBeLessThanOrEqual(1);
    expect(used).toBeGreaterThan(0.985);
  });

  test("is no dip when it does not take what a higher cap gives it", () => {
    // Job 2 draws what it does at 200 W, whatever its cap; after some minutes nothing holds it there.
    const flatWatts = drawAt(testCurve, 200);
    const caps = new Map<number, number>();
    const plan: Play = {
      target: targetIn(10, 0.8),
      jobs,
      change: (job, period) => {
        caps.set(job.id, job.capInForceWatts);
        return job.id === 2 ? { ...job, ceilingCapWatts: period < 150 ? 200 : 400 } : job;
      },
      ratioOf: (id) =>
        id === 2 ? Math.min(1, flatWatts / drawAt(testCurve, caps.get(id) ?? 400)) : levelOf(id),
    };
    const { used, most } = usedOf(plan, 400);
    expect(most).toBeLessThanOrEqual(1);
    expect(used).toBeGreaterThan(0.985);
  });
});

describe("what was never seen at its level", () => {
  test("and stands still for more than seven minutes is an outage: nothing of it is given to others", () => {
    const ratioOf = (id: number, period: number): number =>
      id === 0 && period < 46 ? 0 : levelOf(id);
    const target = { ...targetIn(4, 0.7), rampMs: minuteMs };
    expect(usedOf({ target, jobs, ratioOf }, 350).most).toBeLessThanOrEqual(1);
    for (const { jobs: now, atMs } of play({ target, jobs, ratioOf }, 46)) {
      const asIfBack = now.reduce((sum, { id, gpuCount, curve, capInForceWatts }) => {
        return sum + levelOf(id) * gpuCount * drawAt(curve, capInForceWatts);
      }, 0);
      if (atMs > target.startMs + target.rampMs + minuteMs) {
        expect(asIfBack, `at ${atMs} ms`).toBeLessThanOrEqual(target.targetWatts);
      }
    }
  });

  test("takes its checkpoints while it is learned, and its level still is the one between them", () => {
    // Two minutes of every five it writes, in the ten minutes before the start.
    const ratioOf = (id: number, period: number): number =>
      levelOf(id) * (id === 0 && period < 60 && period % 30 < 12 ? 0.3 : 1);
    const { used, most } = usedOf({ target: targetIn(10), jobs, ratioOf }, 400);
    expect(most).toBeLessThanOrEqual(1);
    expect(used).toBeGreaterThan(0.99);
  });
});

test("a job that writes a checkpoint just when less has become its level does not stand still for good", () => {
  // From the tenth minute on it draws three quarters; twenty minutes later that is believed, in the midst of a dip.
  const ratioOf = (id: number, period: number): number =>
    id !== 0 || period < 60 ? 1 : period >= 175 && period < 190 ? 0.3 : 0.75;
  const played = play({ target: targetIn(8, 0.8), jobs, ratioOf }, 380);
  const levelsSeen = played.map(({ step, jobs: now }) => {
    const { knowledge } = step.state;
    const { curve, capInForceWatts } = now[0] ?? expect.fail("there is a job");
    const expected = believedDraw(
      curve,
      capInForceWatts,
      beliefOf(knowledge, knowledge.jobs.get(0)),
    );
    return expected / drawAt(curve, capInForceWatts);
  });
  expect(Math.min(...levelsSeen)).toBeGreaterThan(0.7);
  expect(levelsSeen.at(-1)).toBeLessThan(0.8);
});

test("what draws far below its curve is planned to save by a lower cap no more than is known", () => {
  const much = seenCurve(testCurve, { ratio: 0.9, capWatts: 400 });
  expect(drawAt(much, 200)).toBeCloseTo(0.9 * 196, 6);
  const little = seenCurve(testCurve, { ratio: 0.45, capWatts: 350 });
  expect(drawAt(little, 350)).toBeCloseTo(0.45 * 337, 6);
  expect(drawAt(little, 400)).toBeCloseTo(0.45 * 382, 6);
  // It draws 152 W, and its curve allows more at 250 W.
  expect(drawAt(little, 250)).toBeCloseTo(152, 0);
  expect(drawAt(little, 200)).toBeLessThan(drawAt(little, 250));
});

test("what draws more than its curve is planned to draw no more of a lower cap than of the one it is held by", () => {
  // 397 W of 400 W: of 200 W that would be 204 W.
  const held = seenCurve(testCurve, { ratio: 1.04, capWatts: 400 });
  expect(drawAt(held, 200)).toBe(200);
  expect(drawAt(held, 400)).toBeCloseTo(1.04 * 382, 6);
  // Its meter tells more than its cap allows: nobody knows that a lower one holds better.
  const passing = seenCurve(testCurve, { ratio: 1.2, capWatts: 200 });
  expect(drawAt(passing, 200)).toBeCloseTo(1.2 * 196, 6);
});

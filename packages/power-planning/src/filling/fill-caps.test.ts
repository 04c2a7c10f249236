import { describe, expect, test } from "vitest";

import { builtInCurves } from "../curves/built-in/index.ts";
import { curveFor } from "../curves/model-curve.ts";
import { fillCaps, lowerCaps, raiseCaps } from "./fill-caps.ts";
import type { FillJob } from "./fill-problem.ts";

const curve = curveFor(builtInCurves, "A100-SXM-80GB", "fine-tune") ?? { points: [] };

/** Eight GPUs in the given domains. */
function job(weight: number, ...domains: readonly number[]): FillJob {
  return {
    gpuCount: 8,
    weight,
    curve,
    floorCapWatts: 250,
    domains: Int32Array.from(domains),
    scaledPerGpuWatt: Float64Array.from(domains, () => 8),
  };
}

const bounds = { counts: "cap", capStepWatts: 1 } as const;

describe("fillCaps", () => {
  test("leaves everybody at full power when just that fits", () => {
    const roomScaled = Float64Array.of(2 * 8 * 400);
    const answer = fillCaps({ jobs: [job(1, 0), job(1, 0)], roomScaled, ...bounds });
    expect(answer).toEqual({
      kind: "filled",
      capWatts: Float64Array.of(400, 400),
      usedScaled: roomScaled,
    });
  });

  test("takes from the job of little weight first, down to its floor", () => {
    const roomScaled = Float64Array.of(8 * (400 + 250));
    const answer = fillCaps({ jobs: [job(9, 0), job(1, 0)], roomScaled, ...bounds });
    expect(answer).toMatchObject({ capWatts: Float64Array.of(400, 250) });
  });

  test("keeps a small domain full when the large one has room", () => {
    const roomScaled = Float64Array.of(100_000, 8 * 300);
    const answer = fillCaps({ jobs: [job(1, 0, 1), job(1, 0)], roomScaled, ...bounds });
    expect(answer).toMatchObject({ capWatts: Float64Array.of(300, 400) });
  });

  test("says where floors do not fit and how much is missing there", () => {
    const roomScaled = Float64Array.of(8 * 500, 8 * 230);
    const jobs = [job(1, 0, 1), job(1, 0)];
    expect(fillCaps({ jobs, roomScaled, ...bounds })).toEqual({
      kind: "floors-do-not-fit",
      domain: 1,
      missingScaled: 8 * 20,
    });
  });

  test("ends on grids whose step is no binary fraction", () => {
    const roomScaled = Float64Array.of(8 * 555.5);
    const jobs = [job(1, 0), job(2, 0)];
    const answer = fillCaps({ jobs, roomScaled, counts: "cap", capStepWatts: 0.01 });
    expect(answer.kind === "filled" ? answer.usedScaled[0] : 0).toBeGreaterThan(8 * 555.4);
  });

  test("has no jobs to fill in an empty site", () => {
    const answer = fillCaps({ jobs: [], roomScaled: Float64Array.of(10), ...bounds });
    expect(answer).toMatchObject({ kind: "filled", usedScaled: Float64Array.of(0) });
  });

  test("never sets a cap below half of full power, whatever the floor says", () => {
    const jobs = [{ ...job(1, 0), floorCapWatts: 0 }];
    const roomScaled = Float64Array.of(8 * 199);
    expect(fillCaps({ jobs, roomScaled, ...bounds })).toMatchObject({ missingScaled: 8 });
  });
});

describe("changes to the jobs of a subtree", () => {
  const jobs = [job(1, 0), job(2, 0)];

  test("raising uses what is free, the larger gain first, and lowers none", () => {
    const capNowWatts = Float64Array.of(320, 300);
    const freeScaled = Float64Array.of(8 * 60);
    const answer = raiseCaps({ jobs, capNowWatts, freeScaled, ...bounds });
    expect(answer.capWatts).toEqual(Float64Array.of(320, 360));
  });

  test("raising does nothing where a domain is too full", () => {
    const capNowWatts = Float64Array.of(320, 300);
    const answer = raiseCaps({ jobs, capNowWatts, freeScaled: Float64Array.of(-5), ...bounds });
    expect(answer.capWatts).toEqual(capNowWatts);
  });

  test("lowering takes the cheapest loss and raises none", () => {
    const capNowWatts = Float64Array.of(400, 300);
    const freeScaled = Float64Array.of(-8 * 50);
    const answer = lowerCaps({ jobs, capNowWatts, freeScaled, ...bounds });
    expect(answer).toMatchObject({ kind: "filled", capWatts: Float64Array.of(350, 300) });
  });

  test("lowering refuses what floors do not give", () => {
    const capNowWatts = Float64Array.of(260, 250);
    const freeScaled = Float64Array.of(-8 * 30);
    const answer = lowerCaps({ jobs, capNowWatts, freeScaled, ...bounds });
    expect(answer).toEqual({ kind: "floors-do-not-fit", domain: 0, missingScaled: 8 * 20 });
  });
});

import { describe, expect, test } from "vitest";

import { builtInCurves } from "./built-in/index.ts";
import { checkCurve } from "./check-curve.ts";
import type { CapCurve } from "./curve.ts";
import { HardwareCurves } from "./hardware-curves.ts";
import { concaveHull } from "./hull.ts";
import { kneeCap } from "./test-knee.ts";
import { curveFor } from "./model-curve.ts";
import { drawAt, lowestCapFor, pointWithin, speedAt } from "./read-curve.ts";
import { restrict } from "./restrict.ts";

function builtIn(gpuModel: string, workloadClass: string): CapCurve {
  const found = curveFor(builtInCurves, gpuModel, workloadClass);
  expect(found).toBeDefined();
  return found ?? { points: [] };
}

const preTrain = builtIn("A100-SXM-80GB", "pre-train");
const fineTune = builtIn("A100-SXM-80GB", "fine-tune");

describe("checkCurve", () => {
  const full = { capWatts: 400, speed: 1, drawWatts: 380 };
  test.each([
    [[], 0, "has no points"],
    [[{ capWatts: 0, speed: 1, drawWatts: 1 }], 0, "a cap of 0 W"],
    [[{ capWatts: 200, speed: 1.2, drawWatts: 190 }, full], 0, "the speed is 1.2"],
    [[{ capWatts: 200, speed: 0.5, drawWatts: 230 }, full], 0, "the draw is 230 W"],
    [[full, { capWatts: 300, speed: 1, drawWatts: 290 }], 1, "300 W comes after 400 W"],
    [[full, full], 1, "each once"],
    [
      [
        { capWatts: 300, speed: 0.9, drawWatts: 390 - 80 },
        { ...full, speed: 0.8 },
      ],
      1,
      "falls from 0.9",
    ],
    [
      [
        { capWatts: 300, speed: 0.9, drawWatts: 290 },
        { ...full, drawWatts: 280 },
      ],
      1,
      "draw falls from 290 W",
    ],
    [[{ ...full, speed: 0.99 }], 0, "must have speed 1"],
  ])("refuses %j", (points, at, words) => {
    const checked = checkCurve(points);
    expect(checked).toMatchObject({ kind: "problem", at });
    expect(checked.kind === "problem" ? checked.message : "").toContain(words);
  });

  test("takes every built-in curve, which ends at the rated watts and names its source", () => {
    for (const { points, ratedWatts, source } of builtInCurves) {
      expect(checkCurve(points)).toEqual({ kind: "curve", curve: { points } });
      expect(points.at(-1)?.capWatts).toBe(ratedWatts);
      expect(source).toContain("Apache-2.0");
    }
  });
});

describe("reading", () => {
  test("is linear between points and flat above the last", () => {
    expect(speedAt(preTrain, 225)).toBeCloseTo((0.624 + 0.781) / 2, 12);
    expect(drawAt(preTrain, 300)).toBe(291);
    expect(speedAt(preTrain, 500)).toBe(1);
  });

  test("does not extrapolate", () => {
    expect(() => speedAt(preTrain, 99)).toThrow("the curve starts at 100 W");
    expect(() => drawAt(preTrain, Number.NaN)).toThrow("nothing is known");
  });

  test("finds the lowest whole cap with a speed", () => {
    expect(lowestCapFor(preTrain, 0.781)).toBe(250);
    expect(lowestCapFor(preTrain, 0.7811)).toBe(251);
    expect(lowestCapFor(preTrain, 0.1)).toBe(100);
    expect(lowestCapFor(preTrain, 1)).toBe(400);
    expect(lowestCapFor(restrict(preTrain, { lowestCapWatts: 200, highestCapWatts: 300 }), 1)).toBe(
      300,
    );
  });

  test("finds the point for counted watts, and the highest cap when watts do not grow", () => {
    expect(pointWithin(preTrain, 291, "draw").capWatts).toBe(300);
    expect(pointWithin(preTrain, 291, "cap").capWatts).toBe(291);
    expect(pointWithin(preTrain, 1, "draw").capWatts).toBe(100);
    expect(pointWithin(builtIn("V100-PCIe", "ncf"), 40, "draw").capWatts).toBe(250);
  });
});

describe("restrict", () => {
  test("cuts at caps between points, and at the lowest safe cap", () => {
    const cut = restrict(preTrain, { lowestCapWatts: 120, highestCapWatts: 325 });
    expect(cut.points.map(({ capWatts }) => capWatts)).toEqual([200, 250, 300, 325]);
    expect(cut.points.at(-1)?.speed).toBeCloseTo(0.8905, 10);
  });

  test("leaves one point when the bounds meet, and nothing is made up outside", () => {
    expect(restrict(preTrain, { lowestCapWatts: 300, highestCapWatts: 250 }).points).toHaveLength(
      1,
    );
    expect(restrict(preTrain, { lowestCapWatts: 20, highestCapWatts: 90 }).points).toEqual([
      preTrain.points[0],
    ]);
    expect(
      restrict(preTrain, { lowestCapWatts: 20, highestCapWatts: 900 }).points[0],
    ).toMatchObject({ capWatts: 200 });
  });
});

describe("concaveHull", () => {
  test("leaves out what lies below a line between others", () => {
    // 350 W lies below the line from 300 to 400 W.
    expect(concaveHull(preTrain, "draw").points.map(({ capWatts }) => capWatts)).toEqual([
      100, 200, 250, 300, 400,
    ]);
  });

  test("keeps the fastest of points that count the same", () => {
    expect(concaveHull(builtIn("V100-PCIe", "ncf"), "draw").points).toHaveLength(1);
    expect(concaveHull(builtIn("V100-PCIe", "ncf"), "cap").points).toHaveLength(1 + 1);
  });
});

describe("kneeCap", () => {
  const free = { idleWatts: 0, saveMs: 0, restoreMs: 0, pauseMs: 3_600_000 };

  test("with a free pause that draws nothing, stands where the published marginals cross", () => {
    // Fine-tuning: 250→200 W costs .20–.21 %/W, pausing from 250 W .37; 200→100 W .58 against .40.
    expect(kneeCap(fineTune, 400, free)).toBe(200);
    // Pre-training: 250→200 W is a near tie, .32 against .32: pausing wins by a hair.
    expect(kneeCap(preTrain, 400, free)).toBe(250);
  });

  test("goes deeper when pausing is dearer: idle draw, saving and restoring", () => {
    expect(kneeCap(preTrain, 400, { ...free, idleWatts: 55 })).toBe(200);
    expect(kneeCap(preTrain, 400, { ...free, saveMs: 120_000, restoreMs: 180_000 })).toBe(200);
    expect(kneeCap(fineTune, 400, { ...free, pauseMs: 0 })).toBe(200);
  });

  test("stays where it is when even the next step is dearer than pausing", () => {
    expect(kneeCap(fineTune, 200, free)).toBe(200);
    expect(kneeCap(fineTune, 180, free)).toBe(180);
  });
});

describe("curveFor", () => {
  const own = {
    gpuModel: "A100-SXM-80GB",
    workloadClass: "x",
    points: preTrain.points,
    source: "ours",
  };

  test("takes the site's own before the built-in, and the slowest for an unknown class", () => {
    expect(curveFor([own, ...builtInCurves], "A100-SXM-80GB", "x")).toBe(own);
    expect(curveFor(builtInCurves, "A100-SXM-80GB", "")?.workloadClass).toBe("pre-train");
    expect(curveFor(builtInCurves, "H100-SXM-80GB", "")?.workloadClass).toBe("dlrm-v2-server");
  });

  test("knows nothing of models without a sweep, nor takes one name for the start of another", () => {
    expect(curveFor(builtInCurves, "B200-SXM-180GB", "inference")).toBeUndefined();
    expect(curveFor(builtInCurves, "A400", "inference")).toBeUndefined();
  });
});

test("of classes that nobody measured one curve is kept, however many names they are given", () => {
  const gpus = { gpuModel: "A100-SXM-80GB", lowestWatts: 100, highestWatts: 400 };
  const curves = new HardwareCurves(builtInCurves, gpus);
  const unknown = curves.of("unknown");
  expect(unknown?.points).toEqual(
    restrict(preTrain, { lowestCapWatts: 100, highestCapWatts: 400 }).points,
  );
  expect(curves.of("another")).toBe(unknown);
  expect(curves.of("")).toBe(unknown);
  const tuned = curves.of("fine-tune");
  expect(tuned).not.toEqual(unknown);
  expect(curves.of("fine-tune")).toBe(tuned);
});

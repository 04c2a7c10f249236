import { describe, expect, test } from "vitest";
import { errorLines, smallSiteWith } from "./test-sites.ts";

/** One mistake in what planning needs beside the tree; its line and column, path, and message. */
type Mistake = readonly [what: string, find: string, replacement: string, expected: RegExp];

const capsAndRamps: readonly Mistake[] = [
  [
    "a cap that is no range",
    "partUse: share",
    "partUse: share\n    gpuCap: 700 W",
    /gpuCap: "700 W" is not a range of caps: write the lowest and the highest, for example "200 W..700 W"/,
  ],
  [
    "caps in the wrong order",
    "partUse: share",
    "partUse: share\n    gpuCap: 700 W..200 W",
    /gpuCap: found "700 W..200 W", but the lowest cap is above 0 W and below the highest/,
  ],
  [
    "a cap without a unit",
    "partUse: share",
    "partUse: share\n    gpuCap: 200..700 W",
    /gpuCap: "200" has no unit/,
  ],
  [
    "caps above the node's peak",
    "partUse: share",
    "partUse: share\n    gpuCap: 500 W..1300 W",
    /gpuCap: 8 GPUs at 1300 W are more than the node's peak of 10200 W/,
  ],
  [
    "caps that take off more than GPUs add",
    "partUse: share",
    "partUse: share\n    gpuCap: 100 W..1100 W",
    /gpuCap: caps from 1100 W down to 100 W would take 8000 W off a node, but only 7700 W lie between/,
  ],
  [
    "a ramp without a window",
    "limit: 1 MW",
    "limit: 1 MW\n  ramp: 12 kW/min",
    /feed\.ramp: "12 kW\/min" is not a ramp: write for example "0.72 MW\/min over 60 s"/,
  ],
  [
    "a ramp in an unknown unit",
    "limit: 1 MW",
    "limit: 1 MW\n  ramp: 12 kw/min over 60 s",
    /feed\.ramp: .*unknown unit "kw"/,
  ],
  [
    "a ramp of nothing",
    "limit: 1 MW",
    "limit: 1 MW\n  ramp: 0 W/s over 60 s",
    /feed\.ramp: a ramp of 0 W could never start anything/,
  ],
  [
    "a ramp over a day",
    "limit: 1 MW",
    "limit: 1 MW\n  ramp: 1 kW/s over 1d",
    /feed\.ramp: a window of "1d", but 1 s to 1 h are allowed/,
  ],
  [
    "a ramp a second over less than a second",
    "limit: 1 MW",
    "limit: 1 MW\n  ramp: 1 kW/s over 500ms",
    /^\d+:9 feed\.ramp: .*500ms.* write for example "0.72 MW\/min over 60 s" or "12 kW\/s over 10 s"/,
  ],
  [
    "a ramp an hour",
    "limit: 1 MW",
    "limit: 1 MW\n  ramp: 12 MW/h over 60 s",
    /^\d+:9 feed\.ramp: "12 MW\/h over 60 s" is not a ramp: write for example/,
  ],
];

function curves(points: string): string {
  return `  - {gpuModel: H100-SXM-80GB, class: inference, points: ${points}, source: assumption}\n`;
}

function withCurves(text: string): string {
  return `curves:\n${text}phases:\n`;
}

const curveMistakes: readonly Mistake[] = [
  [
    "speed that falls",
    "phases:\n",
    withCurves(curves("[[300 W, 0.9, 290 W], [500 W, 0.8, 480 W], [700 W, 1, 690 W]]")),
    /^12:79 curves\[0\]\.points\[1\]: speed falls from 0\.9 at 300 W to 0\.8 at 500 W/,
  ],
  [
    "draw that falls",
    "phases:\n",
    withCurves(curves("[[300 W, 0.7, 290 W], [500 W, 0.8, 280 W], [700 W, 1, 690 W]]")),
    /points\[1\]: draw falls from 290 W/,
  ],
  [
    "caps that fall",
    "phases:\n",
    withCurves(curves("[[500 W, 0.7, 290 W], [300 W, 0.8, 290 W], [700 W, 1, 690 W]]")),
    /points\[1\]: a cap of 300 W comes after 500 W/,
  ],
  [
    "no full speed",
    "phases:\n",
    withCurves(curves("[[500 W, 0.7, 290 W]]")),
    /points\[0\]: the highest cap, 500 W, has speed 0\.7/,
  ],
  [
    "a speed in per cent",
    "phases:\n",
    withCurves(curves("[[500 W, 70 %, 290 W], [700 W, 1, 690 W]]")),
    /points\[0\]\[1\]: found "70 %", but a speed is a decimal up to 1/,
  ],
  [
    "a point of two",
    "phases:\n",
    withCurves(curves("[[500 W, 0.7]]")),
    /points\[0\]: found a list of 2 items, but a point is a list of three/,
  ],
  ["no points", "phases:\n", withCurves(curves("[]")), /points: a curve has no points/],
  [
    "a class that is none",
    "phases:\n",
    withCurves(curves("[[700 W, 1, 690 W]]").replace("inference", "Pre train")),
    /class: "Pre train" is not a workload class: use a-z/,
  ],
  [
    "a model that is not there",
    "phases:\n",
    withCurves(curves("[[700 W, 1, 690 W]]").replace("H100-SXM-80GB", "H100-SXM-80GP")),
    /gpuModel: no node class has the GPU model "H100-SXM-80GP" \(did you mean "H100-SXM-80GB"\?\)/,
  ],
  [
    "the same class twice",
    "phases:\n",
    withCurves(curves("[[700 W, 1, 690 W]]").repeat(2)),
    /^13:5 curves\[1\]: a second curve of H100-SXM-80GB for "inference"/,
  ],
  [
    "no source",
    "phases:\n",
    withCurves(curves("[[700 W, 1, 690 W]]").replace(", source: assumption", "")),
    /points: a number without a source/,
  ],
  [
    "full speed below the highest cap",
    "    partUse: share\n    source: assumption\nphases:\n",
    `    partUse: share\n    gpuCap: 200 W..700 W\n    source: assumption\n${withCurves(curves("[[650 W, 1, 640 W]]"))}`,
    /points: the curve reaches full speed at 650 W, but node class "h100-8" has its highest cap at 700 W/,
  ],
  ["no list", "phases:\n", "curves: 3\nphases:\n", /curves: found "3", but a list/],
];

describe("one mistake gives one message", () => {
  test.each([...capsAndRamps, ...curveMistakes])("%s", (_, find, replacement, expected) => {
    const lines = errorLines(smallSiteWith(find, replacement));
    expect(lines.join("\n")).toMatch(expected);
    expect(lines).toHaveLength(1);
  });
});

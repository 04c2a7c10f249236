import type { ShedProblem } from "@ertis/power-planning";
import { expect, test } from "vitest";
import { withPromised } from "./promised-watts.ts";

/** Of one domain in which so much stays that nobody lowers: a node that is on. */
function problemWith(room: number, floor: number): ShedProblem {
  const node = { id: 0, domains: Int32Array.of(0), wattsScaled: Float64Array.of(floor) };
  return {
    jobs: [],
    idleNodes: [node],
    roomScaled: Float64Array.of(room),
    leavingScaled: new Float64Array(1),
    eventMs: 1,
    elapsedMs: 0,
    noticeMs: 0,
    areNodesShed: new Uint8Array(1),
    sleepMsMin: 0,
    switchOffMs: 0,
    counts: "cap",
    capStepWatts: 1,
    floors: "kept",
  };
}

test.each([
  ["all of it where floors leave so much", 1_000, 500, 600],
  ["what floors leave, where that is less", 1_000, 800, 800],
  ["nothing, where floors need more than there is", 1_000, 1_200, 1_000],
])("a start that is promised for soon has room: %s", (_, room, floor, left) => {
  const { roomScaled } = withPromised(problemWith(room, floor), Float64Array.of(400));
  expect([...roomScaled]).toEqual([left]);
});

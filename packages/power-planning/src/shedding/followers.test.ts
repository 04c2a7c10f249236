import { expect, test } from "vitest";
import { planShed } from "./plan-shed.ts";
import { shedJob, shedProblem } from "./test-shed.ts";

const nothing = { domains: new Int32Array(0), scaledPerGpuWatt: new Float64Array(0) };

test("who follows another pauses as it does and loses what it loses, and has no cap where it has none", () => {
  const jobs = [
    shedJob(0, { floorCapWatts: 400, followers: [2], tierLossMax: 1 }),
    shedJob(1, { floorCapWatts: 400, isProtected: true }),
    shedJob(2, { ...nothing, floorCapWatts: 400, canPause: false }),
    shedJob(3, { ...nothing, floorCapWatts: 400, canPause: false }),
  ];
  const result = planShed(shedProblem(jobs, 8 * (400 + 55)));
  if (result.kind === "refused") {
    throw new Error("refused");
  }
  const { pauses, losses, caps } = result.plan;
  expect(pauses.map(({ id }) => id)).toEqual([0, 2]);
  expect({ ...pauses[1], id: 0 }).toEqual(pauses[0]);
  expect(losses.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
  expect({ ...losses[2], id: 0 }).toEqual(losses[0]);
  expect(losses[3]?.lostMs).toBe(0);
  expect(caps.map(({ id }) => id)).toEqual([1, 3]);
});

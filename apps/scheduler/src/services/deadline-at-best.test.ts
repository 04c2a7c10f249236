import { JobServiceService, SubmitJobsRequest } from "@ertis/api";
import { instant, milliseconds } from "@ertis/quantities";
import { afterAll, beforeAll, expect, test } from "vitest";
import { as, call, openHub, requestId, specWith, type TestHub } from "../testing/hub.ts";
import { missedAtBestMs } from "./deadline-at-best.ts";

const nowMs = 1_800_000_000_000;
const minuteMs = 60_000;

let hub: TestHub;

beforeAll(async () => {
  hub = await openHub();
});

afterAll(() => hub.close());

function missedMinutes(deadlineMinutes: number, beginMinutes: number | undefined): number {
  const spec = {
    deadline: instant(nowMs + deadlineMinutes * minuteMs),
    ...(beginMinutes === undefined ? {} : { beginAt: instant(nowMs + beginMinutes * minuteMs) }),
    walltimeMin: milliseconds(60 * minuteMs),
  };
  return missedAtBestMs(spec, nowMs) / minuteMs;
}

test("a deadline is missed by what the shortest walltime is too long for it, from the first start there may be", () => {
  expect(missedMinutes(10, undefined)).toBe(50);
  expect(missedMinutes(60, undefined)).toBe(0);
  expect(missedMinutes(90, 60)).toBe(30);
  expect(missedMinutes(90, -60)).toBe(0);
  expect(missedAtBestMs({ walltimeMin: milliseconds(1) }, nowMs)).toBe(0);
});

test("a job whose deadline cannot be kept is accepted, and the answer says by how much it is missed", async () => {
  const wishes = [
    { walltimeMs: 60 * minuteMs, deadlineTimeMs: nowMs + 10 * minuteMs },
    {
      walltimeMs: 60 * minuteMs,
      walltimeMinMs: 5 * minuteMs,
      deadlineTimeMs: nowMs + 10 * minuteMs,
    },
    { walltimeMs: 60 * minuteMs },
  ];
  const items = wishes.map((wish) => ({ requestId: requestId(), spec: specWith(wish) }));
  const request = SubmitJobsRequest.fromPartial({ items });
  const submit = async () => call(hub, JobServiceService.submitJobs, request, as("aigerim"));
  const { results } = await submit();
  expect(results.map(({ outcome }) => outcome?.$case)).toEqual(Array(3).fill("acceptedJobId"));
  const [late, bent, open] = results.map((result) => result.deadlineMissedByMs / minuteMs);
  expect(late).toBeCloseTo(50, 0);
  expect([bent, open]).toEqual([0, 0]);
  const again = await submit();
  expect(again.results.map((result) => result.deadlineMissedByMs)).toEqual([0, 0, 0]);
});

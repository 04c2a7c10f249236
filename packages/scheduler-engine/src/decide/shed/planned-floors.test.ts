import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { type Compliance, complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

function reportOf(hub: MeteredHub): Compliance {
  return known(complianceOf(hub.state, "noon"), "noon");
}

test("a gang with nodes elsewhere, too, is asked by a curtailment of any domain that it reaches into", () => {
  const hub = new MeteredHub();
  hub.run({ ...bending, nodeCount: 8 });
  const domain = hub.hall("hall-2");
  const startsMs = startMs + 15 * minuteMs;
  // Four of its nodes draw 20.2 kW there, 14.1 kW at their floors.
  const target = watts(16_000);
  expect(hub.curtail("noon", { domain, target, start: instant(startsMs) })).toEqual({
    kind: "done",
  });
  hub.playUntil(startsMs + hourMs + minuteMs);
  const { jobs, minutesOverCount } = reportOf(hub);
  expect(minutesOverCount).toBe(0);
  expect(jobs.map(({ job, pausedSeconds }) => [job, pausedSeconds])).toEqual([[1, 0]]);
  expect(jobs[0]?.lossPercent).toBeGreaterThan(10);
  expect(jobs[0]?.lossPercent).toBeLessThanOrEqual(50);
});

test.each(["hall-1", "hall-2"])("an emergency in %s asks a gang over both halls", (hall) => {
  const hub = new MeteredHub();
  const job = hub.run({ ...bending, nodeCount: 8 });
  const now = { start: instant(hub.nowMs), ramp: milliseconds(0) };
  const target = watts(16_000);
  expect(
    hub.curtail("noon", { ...now, domain: hub.hall(hall), mode: "emergency", target }),
  ).toEqual({
    kind: "done",
  });
  hub.playUntil(startMs + 5 * minuteMs);
  expect(hub.attempts.map((one) => one.job)).toEqual([job]);
  // Four nodes of 2 kW and eight GPUs each leave the GPUs 8 kW.
  expect(hub.attempts.every(({ capWatts }) => capWatts > 0 && capWatts <= 250)).toBe(true);
});

test("nobody more pauses for the watts of nodes that are already on their way off", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 6; job += 1) {
    hub.run(pausing);
  }
  // Beside two idle nodes of 4 kW: with them on, everybody would have to take turns, with them off three do.
  const changes = { target: watts(28_000), start: instant(startMs), ramp: milliseconds(0) };
  expect(hub.curtail("noon", changes)).toEqual({ kind: "done" });
  // Who pauses is planned while they still draw.
  hub.wait(0);
  hub.playUntil(startMs + hourMs);
  const { jobs } = reportOf(hub);
  expect(jobs.filter(({ pausedSeconds }) => pausedSeconds > 0).length).toBeLessThanOrEqual(3);
});

import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

const rigid: Partial<JobSpec> = { flexibilityTier: 0, workloadClass: "straight" };

/** GPUs draw so much less than their caps that a target is never held by bounds. */
class LeanHub extends MeteredHub {
  override drawShare(): number {
    return 0.8;
  }
}

/**
 * Five nodes bend, and a job holds so many GPUs of each of the other three. One of these is busy for ninety minutes,
 * with all that is left of it; until then somebody is promised the rest of all three, three seconds after a measurement.
 */
function steeredHub(
  neighbourGpus: number,
  targetWatts: number,
  moreMs = 1.5 * hourMs,
): [MeteredHub, Reservation] {
  const hub = new LeanHub();
  const gpusPerNode = 8 - neighbourGpus;
  const long = { walltime: milliseconds(20 * hourMs) };
  hub.run({ ...bending, nodeCount: 5 });
  if (neighbourGpus > 0) {
    hub.run({ ...rigid, ...long, nodeCount: 3, gpusPerNode: neighbourGpus });
  }
  hub.run({ ...rigid, gpusPerNode, walltime: milliseconds(1.5 * hourMs) });
  const job = hub.run({ ...rigid, ...long, nodeCount: 3, gpusPerNode });
  const kept = hub.site.pools.flatMap(({ reservations }) => reservations);
  const reservation = known(
    kept.find((one) => one.job === job),
    "the promised start",
  );
  hub.wait(7_000);
  const reply = hub.curtail("evening", {
    target: watts(targetWatts),
    baseline: watts(45_000),
    start: instant(hub.nowMs + hourMs),
    end: instant(reservation.startAtMs + moreMs),
  });
  expect(reply).toEqual({ kind: "done" });
  return [hub, reservation];
}

function startedAtMs(hub: MeteredHub, job: number): number | undefined {
  return hub.attempts.find((one) => one.job === job)?.startedAtMs;
}

test.each([
  [0, 36_000],
  [4, 35_500],
])(
  "a promised start beside %i GPUs of each node comes between two measurements of a target of %i W",
  (neighbourGpus, targetWatts) => {
    const [hub, { job, startAtMs }] = steeredHub(neighbourGpus, targetWatts);
    hub.playUntil(startAtMs - 9_999);
    expect(startAtMs - hub.nowMs).toBe(3_000);
    // What is left for it is nobody else's.
    const late = hub.run({ ...rigid, priorityClass: "low" });
    hub.wait(3_000);
    hub.place();
    expect([startedAtMs(hub, job), startedAtMs(hub, late)]).toEqual([startAtMs, undefined]);
    hub.playUntil(startAtMs + 30 * minuteMs);
    expect(complianceOf(hub.state, "evening")?.minutesOverCount).toBe(0);
  },
);

test("a promised start comes while a target gives its watts back, for which others wait", () => {
  const [hub, { job, startAtMs }] = steeredHub(4, 35_500, -20_000);
  hub.playUntil(startAtMs - 9_999);
  const late = hub.run({ ...rigid, priorityClass: "low" });
  hub.wait(3_000);
  hub.place();
  expect([startedAtMs(hub, job), startedAtMs(hub, late)]).toEqual([startAtMs, undefined]);
});

test("what is left for a promised start outlives a restart", () => {
  const [hub, { startAtMs }] = steeredHub(4, 35_500);
  hub.playUntil(startAtMs - 9_999);
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  const restored = reader.finish();
  expect(stateDigest(restored)).toBe(stateDigest(hub.state));
  expect(restored.sites.get("hub")?.startRooms).toEqual(hub.site.startRooms);
  expect(hub.site.startRooms.get("evening")?.promised).toHaveLength(1);
});

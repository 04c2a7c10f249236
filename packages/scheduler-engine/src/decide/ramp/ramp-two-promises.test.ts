import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { attemptsOf, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { JobNumber, JobSpec } from "../../words/job-spec.ts";
import { RampedHub } from "../../testing/test-ramped-hub.ts";

type Start = readonly [job: JobNumber, atMs: number];

/** A node adds 3.2 kW, the ramp allows 2 kW at once: each start waits until the hub is quiet. */
function twoPromises(second: Partial<JobSpec> = { priorityClass: "high" }): {
  readonly hub: RampedHub;
  readonly promised: readonly [Start, Start];
} {
  const hub = new RampedHub();
  hub.budget("feed", "hub", hub.feedWatts() + 1_000, [hub.nowMs, hub.nowMs + hourMs / 2]);
  const walltime = milliseconds(2 * hourMs);
  const jobs = [hub.run({ walltime }), hub.run({ walltime, ...second })];
  const kept = known(hub.state.sites.get("hub")?.pools[0], "pool").reservations;
  const [first, other] = jobs.map((number): Start => {
    const { job, startAtMs } = known(
      kept.find((one) => one.job === number),
      "promise",
    );
    return [job, startAtMs];
  });
  return { hub, promised: [known(first, "first promise"), known(other, "second promise")] };
}

function startsOf(hub: RampedHub): readonly Start[] {
  return attemptsOf(hub).map(({ job, startedAtMs }) => [job, startedAtMs]);
}

function passUntil(hub: RampedHub, atMs: number): void {
  hub.pass((atMs - hub.nowMs) / 1000);
}

test("of two promised starts that are larger than the ramp, the first does not wait for the second", () => {
  const { hub, promised } = twoPromises();
  passUntil(hub, promised[1][1]);
  expect(startsOf(hub)).toEqual(promised);
});

test("where the first is asked a moment late, the second has its moment all the same", () => {
  const { hub, promised } = twoPromises();
  const [[first, firstMs], [second, secondMs]] = promised;
  passUntil(hub, firstMs - 1_000);
  // Its moment passes without a placement pass.
  hub.wait(1_000);
  passUntil(hub, secondMs + 1_000);
  expect(startsOf(hub)).toEqual([
    [first, firstMs + 1_000],
    [second, secondMs],
  ]);
});

test("one that the ramp allows is promised after all that a larger one adds, and comes at its moment", () => {
  // 2 kW.
  const { hub, promised } = twoPromises({ gpusPerNode: 5, priorityClass: "high" });
  const [[, firstMs], [, secondMs]] = promised;
  passUntil(hub, Math.max(firstMs, secondMs) + 5_000);
  expect(startsOf(hub).toSorted(([a], [b]) => a - b)).toEqual(promised);
});

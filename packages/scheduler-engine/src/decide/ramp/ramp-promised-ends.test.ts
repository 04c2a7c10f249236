import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stopGraceMs } from "../../limits.ts";
import { attemptsOf, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { RampedHub, rampedHub } from "../../testing/test-ramped-hub.ts";

const minuteMs = 60_000;

test("who is promised a start starts before it only so that he is done by the promised end", () => {
  // A node adds 3.2 kW, at its floor half of it and at half speed.
  const hub = new RampedHub(rampedHub("4 kW/min over 60 s"));
  hub.budget("feed", "hub", hub.feedWatts() + 1_600, [hub.nowMs, hub.nowMs + 30 * minuteMs]);
  const kept = hub.run({
    flexibilityTier: 50,
    workloadClass: "straight",
    walltime: milliseconds(2 * hourMs),
  });
  const promise = known(hub.state.sites.get("hub")?.pools[0]?.reservations[0], "promise");
  expect(promise).toMatchObject({ job: kept, capWatts: 0 });
  hub.pass(10 * 60);
  // Another one takes so much of the ramp that only the floor would fit beside it.
  hub.run({ gpusPerNode: 4, walltime: milliseconds(5 * minuteMs) });
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "remove-budget", at, id: "feed", by: "olga", reason: "over" });
  hub.pass(1);
  expect(attemptsOf(hub)).toHaveLength(1);
  hub.pass(3 * 60);
  const started = known(
    attemptsOf(hub).find(({ job }) => job === kept),
    "its start",
  );
  expect(started.placement.capWatts).toBe(0);
  expect(started.startedAtMs).toBeLessThan(promise.startAtMs);
  expect(started.endsByMs).toBeLessThan(promise.startAtMs + 2 * hourMs);
});

test("who will have to start at his floor, for his whole step is larger than the ramp, is promised no more", () => {
  // A node adds 3.2 kW, the ramp allows 2 kW at once.
  const hub = new RampedHub();
  hub.budget("feed", "hub", hub.feedWatts() + 1_000, [hub.nowMs, hub.nowMs + 30 * minuteMs]);
  const kept = hub.run({
    flexibilityTier: 50,
    workloadClass: "straight",
    walltime: milliseconds(2 * hourMs),
  });
  const promise = known(hub.state.sites.get("hub")?.pools[0]?.reservations[0], "promise");
  expect(promise).toMatchObject({ job: kept, capWatts: 200 });
  const { startAtMs, holdsUntilMs } = promise;
  const seconds = Math.ceil((startAtMs - hub.nowMs) / 1000);
  hub.pass(seconds - 1);
  expect(attemptsOf(hub)).toHaveLength(0);
  hub.pass(1);
  const started = known(attemptsOf(hub)[0], "its start");
  expect(started.startedAtMs).toBe(startAtMs);
  expect(started.placement.capWatts).toBe(200);
  // Half speed: it ends as promised, and sooner as soon as it rises.
  expect(holdsUntilMs - stopGraceMs - startAtMs).toBe(4 * hourMs);
  expect(started.endsByMs).toBeLessThanOrEqual(startAtMs + 4 * hourMs);
});

import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../state/assert.ts";
import type { FlexibilityTier } from "../words/job-spec.ts";
import { bending, capped, fullHub, schedule } from "../testing/test-full-hub.ts";
import { acknowledge, attemptsOf, hourMs } from "../testing/test-hub.ts";

/** Two gangs of two nodes at their floors of 300 W, in a hall with an emergency that leaves just that. */
const atFloorsWatts = 4 * (2_000 + 8 * 300);

/**
 * One of them runs at another cap; the other one has what it lacks, and does not answer. In the other hall two nodes are
 * free, and room for a little more than the first one lacks is left later on.
 */
function startedBeside(lowCapWatts: number, giveUp: readonly FlexibilityTier[] = []): boolean {
  const hub = fullHub({ ...bending, flexibilityTier: 25 });
  const hall = known(hub.state.sites.get("hub"), "site").site.domains.find(({ id }) =>
    id.endsWith("hall-1"),
  );
  const [low, other] = attemptsOf(hub)
    .filter(({ heldNodes }) => (heldNodes[0] ?? 0) < 4)
    .map(({ job }) => job);
  const elsewhere = attemptsOf(hub).find(({ heldNodes }) => (heldNodes[0] ?? 0) >= 4);
  const emergency = { domain: known(hall, "hall").id, target: watts(atFloorsWatts), giveUp };
  expect(schedule(hub, { ...emergency, end: instant(hub.nowMs + hourMs) }).kind).toBe("done");
  acknowledge(hub);
  hub.finish(known(elsewhere, "a gang elsewhere").job);
  capped(hub, [
    [known(low, "job"), lowCapWatts],
    [known(other, "job"), 600 - lowCapWatts],
  ]);
  const laterWatts = hub.feedWatts() + 4 * 400 + 100;
  hub.budget("feed", "hub", laterWatts, [hub.nowMs + 2 * hourMs]);
  const waiting = hub.run({ gpusPerNode: 4, walltime: milliseconds(5 * hourMs) });
  return attemptsOf(hub).some(({ job }) => job === waiting);
}

test("nobody starts with the watts that a job lacks to be at its floor, which is not let back yet", () => {
  expect(startedBeside(300)).toBe(true);
  expect(startedBeside(225)).toBe(false);
});

test("nor in a window after a curtailment that gives its floor up: it is raised to it before promised starts then", () => {
  expect(startedBeside(300, [25])).toBe(true);
  expect(startedBeside(225, [25])).toBe(false);
});

import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stopGraceMs } from "../limits.ts";
import { known } from "../state/assert.ts";
import { Hub, hourMs, smallHub, startMs } from "../testing/test-hub.ts";
import { hasRoomBesideKept } from "./beside-kept.ts";

/** Who runs on all eight nodes for an hour, behind it somebody who is promised some GPUs of each. */
function hasRoom(keptGpus: number, ownGpus: number, untilMs: number): boolean {
  const hub = new Hub(smallHub());
  const nodeCount = 8;
  hub.run({ nodeCount, walltime: milliseconds(hourMs) });
  const head = hub.run({ nodeCount, gpusPerNode: keptGpus });
  const site = known(hub.state.sites.get("hub"), "hub");
  expect(site.reservationOfNode[3]?.job).toBe(head);
  return hasRoomBesideKept(site, { job: 99, nodes: [3], gpusPerNode: ownGpus }, untilMs);
}

const keptFromMs = startMs + hourMs + stopGraceMs;

test("a task has room on its own node beside a start that is kept there as long as both have GPUs", () => {
  expect(hasRoom(5, 3, keptFromMs + 1)).toBe(true);
  expect(hasRoom(5, 4, keptFromMs + 1)).toBe(false);
});

test("and whatever is kept where it is gone before", () => {
  expect(hasRoom(8, 8, keptFromMs)).toBe(true);
  expect(hasRoom(8, 8, keptFromMs + 1)).toBe(false);
});

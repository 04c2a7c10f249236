import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../read/test-hub.ts";
import { acknowledge, attemptOf, bending, fullHub } from "./test-full-hub.ts";

test("a lost feed is shed for at once, whatever tiers say, and its return lets all rise again", () => {
  const hub = fullHub();
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(34_000) });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(34_000);
  hub.report({ kind: "supply-back", domain: 0 });
  hub.place();
  expect(hub.feedWatts()).toBe(42_600);
});

test("where even the lowest caps are too much, the latest starts stop, those of tier 0 last", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  hub.run({ nodeCount: 2, walltime });
  hub.run({ ...bending, nodeCount: 4, walltime });
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(24_000) });
  expect(attemptOf(hub, 2).phase).toBe("stopping");
  expect(attemptOf(hub, 1).phase).toBe("starting");
});

test("a budget lowered below what runs is shed for as far as floors allow, and no job is stopped", () => {
  const hub = fullHub();
  hub.budget("low", "hub", 20_000, [startMs]);
  acknowledge(hub);
  expect(attemptOf(hub, 1)).toMatchObject({ capWatts: 200, phase: "starting" });
});

import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stopGraceMs, unansweredMs } from "../limits.ts";
import { known } from "../state/assert.ts";
import { cappedHub, Hub, hourMs, startMs } from "../testing/test-hub.ts";
import type { JobSpec } from "../words/job-spec.ts";

const minuteMs = 60_000;
const all: Partial<JobSpec> = { nodeCount: 8, walltime: milliseconds(hourMs) };

/** A hub with a budget from some moment on, which has room for all that is asked. */
function hubWithBudget(fromMs: number): Hub {
  const hub = new Hub(cappedHub());
  hub.budget("evening", "hub", 60_000, [fromMs]);
  return hub;
}

function promisedMs(hub: Hub, job: number): number {
  const pools = [...hub.state.sites.values()].flatMap((site) => site.pools);
  const kept = pools.flatMap(({ reservations }) => reservations).find((one) => one.job === job);
  return known(kept, "promised start").startAtMs;
}

/** Behind a gang on all nodes whose walltime ends a while after the budget begins. */
function behindEnd(afterMs: number): number {
  const goneMs = startMs + hourMs + stopGraceMs;
  const hub = hubWithBudget(goneMs - afterMs);
  hub.run(all);
  return promisedMs(hub, hub.run(all)) - (goneMs - afterMs);
}

test("a start just after a ceiling falls is promised for when caps that fall with it are answered", () => {
  expect(behindEnd(3_000)).toBe(unansweredMs);
  expect(behindEnd(0)).toBe(unansweredMs);
});

test("one a while after it is promised for its own moment", () => {
  expect(behindEnd(unansweredMs)).toBe(unansweredMs);
  expect(behindEnd(minuteMs)).toBe(minuteMs);
});

test("so is one for which others stop", () => {
  const promisedAfter = (fromMs: number): number => {
    const hub = hubWithBudget(fromMs);
    hub.run({
      ...all,
      preemptible: true,
      priorityClass: "low",
      walltime: milliseconds(9 * hourMs),
    });
    hub.wait(hourMs);
    return promisedMs(hub, hub.run({ ...all, priorityClass: "urgent" }));
  };
  const usual = promisedAfter(startMs + 100 * hourMs);
  expect(promisedAfter(usual - 3_000)).toBe(usual - 3_000 + unansweredMs);
});

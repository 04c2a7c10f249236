import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { reservationOf } from "../../placement/find.ts";
import { known } from "../../state/assert.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import type { Event } from "../../words/event.ts";
import { promiseSoonerAs } from "./head.ts";

test.each([
  ["done sooner, too", -1, 0, true],
  ["done no later", 0, 0, true],
  ["done later", 1, 0, false],
  ["at a lower cap", 0, 300, false],
])("a start is promised sooner where it is as good: %s", (_, laterMs, capWatts, isPromised) => {
  const hub = new Hub();
  hub.run({ nodeCount: 8, walltime: milliseconds(2 * hourMs) });
  const number = hub.run({ nodeCount: 8, walltime: milliseconds(hourMs) });
  const { state } = hub;
  const job = known(state.jobs.get(number), "the job");
  const kept = known(reservationOf(state, job), "the promised start");
  const { pool, nodes, startAtMs } = kept;
  const plan = { pool, nodes, capWatts, startAtMs: startAtMs - hourMs };
  const events: Event[] = [];
  const emit = (event: Event): void => {
    events.push(event);
  };
  promiseSoonerAs({ state, emit }, job, { ...plan, endsByMs: startAtMs + hourMs + laterMs });
  expect(events.some(({ kind }) => kind === "reservation-made")).toBe(isPromised);
});

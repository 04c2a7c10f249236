import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { curtailment, minuteMs } from "../../testing/test-full-hub.ts";
import { hourMs } from "../../testing/test-hub.ts";
import { PromisedHub } from "../../testing/test-promised-hub.ts";
import { reservedNodes } from "./reserved-nodes.ts";

test("nodes stay on for a promised start only where it is due before they could be on again", () => {
  // Four idle nodes are kept for a start in two hours.
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs, site, head: job } = hub;
  const until = (endMs: number): unknown =>
    reservedNodes(site, 0, {
      mayGoOff: new Set(),
      curtailments: [curtailment({ end: instant(endMs) })],
    });
  const start = instant(promisedMs);
  expect(until(promisedMs - 3 * minuteMs)).toEqual([
    { job, start, nodeCount: 4, holds: watts(8_000) },
  ]);
  expect(until(promisedMs - hourMs)).toEqual([]);
});

test("nodes of a promised start that is over before a curtailment begins go off for it", () => {
  const hub = new PromisedHub({ runMs: 2 * hourMs });
  const { promisedMs } = hub;
  const start = instant(promisedMs + 24 * hourMs);
  const end = instant(promisedMs + 25 * hourMs);
  // Four nodes on which somebody runs now stay on with 8 kW beside 1 kW of fixed load; those that are kept have 8 kW, too.
  expect(hub.curtail({ target: watts(10_000), start, end })).toEqual({ kind: "done" });
});

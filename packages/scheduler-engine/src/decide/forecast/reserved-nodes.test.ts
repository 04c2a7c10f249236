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

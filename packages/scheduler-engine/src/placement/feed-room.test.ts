import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { explained, Hub, hourMs, startMs } from "../testing/test-hub.ts";

const long = milliseconds(10 * hourMs);

/** Eight nodes of 2 kW idle and 10 kW at most, 1 kW fixed: three that run for ten hours leave 1 kW under the ceiling. */
function hubUnder(ceilingKw: number, windows: readonly [number, number?][]): Hub {
  const hub = new Hub();
  for (const [index, window] of windows.entries()) {
    hub.budget(`evening-${index}`, "hub", ceilingKw * 1000, window);
  }
  hub.run({ nodeCount: 3, walltime: long });
  return hub;
}

function keptAtMs(hub: Hub, nodeCount: number): number | undefined {
  const job = hub.run({ nodeCount, walltime: long });
  return explained(hub, job).reservedStartMs;
}

test("who waits for watts of the feed is promised a start when its budget ends, long before what runs does", () => {
  const hub = hubUnder(42, [[startMs, startMs + hourMs]]);
  expect(keptAtMs(hub, 4)).toBe(startMs + hourMs);
});

test("a budget that ends while another goes on lets nobody in", () => {
  const hub = hubUnder(42, [
    [startMs, startMs + hourMs],
    [startMs, startMs + 2 * hourMs],
  ]);
  expect(keptAtMs(hub, 4)).toBe(startMs + 2 * hourMs);
});

test("what ends sooner than a budget lets it in before", () => {
  const hub = new Hub();
  hub.budget("evening", "hub", 42_000, [startMs, startMs + 5 * hourMs]);
  hub.run({ nodeCount: 3, walltime: milliseconds(hourMs) });
  const atMs = keptAtMs(hub, 3) ?? Infinity;
  expect(atMs).toBeGreaterThanOrEqual(startMs + hourMs);
  expect(atMs).toBeLessThan(startMs + 1.2 * hourMs);
});

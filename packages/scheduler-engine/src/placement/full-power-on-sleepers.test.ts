import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { nodeOff } from "../state/site-state.ts";
import { hourMs, startMs } from "../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs } from "../testing/test-metered-hub.ts";
import type { JobSpec } from "../words/job-spec.ts";

/** As many nodes as a hall has. */
const wide: Partial<JobSpec> = {
  ...bending,
  capMin: watts(200),
  nodeCount: 4,
  walltime: milliseconds(10 * hourMs),
};
const rigid: Partial<JobSpec> = { nodeCount: 4, walltime: milliseconds(hourMs) };

const endMs = startMs + 40 * minuteMs;
/** Woken when all watts are back, and up with the next pass. */
const backMs = endMs + 6 * minuteMs;

/** In one hall a gang of four runs at half speed, whenever it is; the nodes of the other sleep, and are back in half an hour. */
function asleep(hall: "hall-1" | "hall-2"): MeteredHub {
  const hub = new MeteredHub();
  const other = hub.hall(hall === "hall-1" ? "hall-2" : "hall-1");
  hub.budget("season", other, 4 * 3_600, [startMs]);
  const [domain, start] = [hub.hall(hall), instant(startMs + 10 * minuteMs)];
  hub.curtail("noon", { domain, target: watts(1_000), start, end: instant(endMs) });
  hub.playUntil(startMs + 20 * minuteMs);
  expect(hub.site.nodeFlags.filter((flags) => (flags & nodeOff) !== 0)).toHaveLength(4);
  return hub;
}

/** Caps of the jobs that have started; 0: full power. */
function caps(hub: MeteredHub): Readonly<Record<number, number>> {
  return Object.fromEntries(hub.attempts.map(({ job, capWatts }) => [job, capWatts]));
}

test.each(["hall-1", "hall-2"] as const)(
  "who would run at half speed for long waits for full power on nodes that sleep in %s, and is promised it",
  (hall) => {
    const hub = asleep(hall);
    const job = hub.run(wide);
    expect(caps(hub)).toEqual({});
    const [promise] = hub.site.pools.flatMap(({ reservations }) => reservations);
    expect(promise).toMatchObject({ job, capWatts: 0 });
    hub.playUntil(backMs);
    expect(caps(hub)).toEqual({ [job]: 0 });
    expect(hub.nowMs).toBeLessThanOrEqual(promise?.startAtMs ?? 0);
  },
);

test("who is done before they wake, or no later than if he waited for them, starts capped at once", () => {
  for (const minutes of [10, 25]) {
    const hub = asleep("hall-2");
    const job = hub.run({ ...wide, walltime: milliseconds(minutes * minuteMs) });
    expect(caps(hub)).toEqual({ [job]: 200 });
  }
});

test("who comes second, when they are promised, starts capped at once", () => {
  const hub = asleep("hall-1");
  const first = hub.run(wide);
  const second = hub.run({ ...wide, walltime: milliseconds(20 * hourMs) });
  expect(caps(hub)).toEqual({ [second]: 200 });
  hub.playUntil(backMs);
  expect(caps(hub)).toEqual({ [first]: 0, [second]: 200 });
});

test("one of its own shape waits behind it, and is done no later than if it waited for full power", () => {
  const hub = asleep("hall-2");
  const [first, second] = [hub.run(wide), hub.run(wide)];
  expect(caps(hub)).toEqual({});
  hub.playUntil(backMs);
  expect(caps(hub)).toEqual({ [first]: 0, [second]: 200 });
  const [fullMs = 0, cappedMs = 0] = hub.attempts.map(({ endsByMs }) => endsByMs);
  expect(cappedMs).toBeLessThanOrEqual(fullMs + 10 * hourMs);
});

test("who stands behind one that needs them starts capped at once, and takes none from him", () => {
  const hub = asleep("hall-1");
  const [head, behind] = [hub.run(rigid), hub.run(wide)];
  expect(caps(hub)).toEqual({ [behind]: 200 });
  hub.playUntil(backMs);
  expect(caps(hub)).toEqual({ [head]: 0, [behind]: 200 });
});

test("a head that fits on no nodes without them keeps those that are on from who would hold it up", () => {
  const hub = asleep("hall-2");
  const head = hub.run({ ...rigid, nodeCount: 6 });
  hub.run(wide);
  expect(caps(hub)).toEqual({});
  hub.playUntil(backMs);
  expect(caps(hub)).toEqual({ [head]: 0 });
});

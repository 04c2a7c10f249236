import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stopGraceMs } from "../../limits.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { bending, MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { isGoneBy } from "./believed-stops.ts";

const beginMs = startMs + 30 * minuteMs;
const saveMs = 2 * minuteMs;
/** When it is planned: whoever were to pause would have to save his work first. */
const plannedMs = beginMs - saveMs;

/** Half of the nodes go on for long; a gang on the others is over before the curtailment begins. */
function twoGangs(walltimeMs: number): { readonly hub: MeteredHub; readonly brief: number } {
  const hub = new MeteredHub();
  const checkpoint = { save: milliseconds(saveMs), restore: milliseconds(saveMs) };
  hub.run({ ...bending, checkpoint, flexibilityTier: 10, nodeCount: 4 });
  const brief = hub.run({ nodeCount: 4, walltime: milliseconds(walltimeMs) });
  hub.beginAll();
  // It takes its time to stop.
  const nodes = hub.attempts.find(({ job }) => job === brief)?.heldNodes ?? [];
  nodes.forEach((node) => hub.silent.add(node));
  return { hub, brief };
}

/** They draw 41.3 kW together, the one that goes on 21.2 kW, beside idle nodes 29.2 kW. */
const changes = {
  target: watts(31_000),
  start: instant(beginMs),
  end: instant(beginMs + hourMs),
  ramp: milliseconds(0),
} as const;

function phases(hub: MeteredHub): readonly string[] {
  return hub.attempts.map(({ phase }) => phase);
}

test.each(["walltime", "cancelled"])(
  "who still holds nodes when a plan is made, and is gone before it begins, costs nobody a floor: %s",
  (reason) => {
    const lastMs = plannedMs - 20_000;
    const { hub, brief } = twoGangs(lastMs - startMs + (reason === "walltime" ? 0 : 10_000));
    expect(hub.curtail("noon", changes)).toEqual({ kind: "done" });
    hub.playUntil(lastMs);
    if (reason === "cancelled") {
      hub.change("cancel-jobs", [brief]);
    }
    expect(phases(hub)).toEqual(["running", "stopping"]);
    hub.playUntil(plannedMs);
    const record = known(hub.state.curtailments.records.get("noon"), "noon");
    expect(record).toMatchObject({ isPlanned: true, plannedAtMs: plannedMs, widenedBy: 0 });
    expect(phases(hub)).toEqual(["running", "stopping"]);
    hub.silent.clear();
    hub.playUntil(beginMs + hourMs);
    const { jobs, minutesOverCount } = known(complianceOf(hub.state, "noon"), "noon");
    expect(minutesOverCount).toBe(0);
    expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
  },
);

test("in an emergency it counts for as long as it holds nodes", () => {
  const { hub } = twoGangs(20 * minuteMs);
  hub.playUntil(startMs + 20 * minuteMs);
  expect(phases(hub)).toEqual(["running", "stopping"]);
  const now = { start: instant(hub.nowMs), target: watts(41_700) };
  expect(hub.curtail("trip", { ...changes, ...now, mode: "emergency" })).toEqual({ kind: "done" });
  expect(hub.attempts[0]?.capWatts).toBeGreaterThan(0);
});

test("it is counted on to be gone a grace after it was told to stop, and no more once it is late", () => {
  const { hub } = twoGangs(20 * minuteMs);
  const stopMs = startMs + 20 * minuteMs;
  hub.playUntil(stopMs);
  const isGone = (atMs: number): boolean =>
    isGoneBy(hub.state, known(hub.attempts[1], "who stops"), atMs);
  expect([hub.nowMs, stopMs + stopGraceMs - 1, stopMs + stopGraceMs].map(isGone)).toEqual([
    false,
    false,
    true,
  ]);
  hub.playUntil(stopMs + stopGraceMs);
  expect(isGone(beginMs)).toBe(false);
});

import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { known } from "../../state/assert.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + 30 * minuteMs;

interface Played {
  readonly foreseen: readonly number[];
  readonly paused: readonly number[];
  readonly brokenCount: number;
  readonly minutesOverCount: number;
}

/**
 * Four jobs in each hall, for all of which at their floors there is no room, so that some pause in turn, and a budget for the
 * first hall from ten minutes after the start.
 */
function play(targetWatts: number, budgetWatts: number, isMeasured = true): Played {
  const hub = new MeteredHub();
  hub.areMetersSilent = !isMeasured;
  for (let job = 1; job <= 8; job += 1) {
    hub.run(pausing);
  }
  hub.playUntil(startMs + 5 * minuteMs);
  hub.budget("works", hub.hall("hall-1"), budgetWatts, [beginMs + 10 * minuteMs]);
  const asked = { target: watts(targetWatts), start: instant(beginMs), ramp: milliseconds(0) };
  const preview = previewCurtailment(hub.state, hub.curtailment("noon", asked));
  const told = preview.kind === "preview" ? preview.forecast.jobs : [];
  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  hub.playUntil(beginMs + hourMs + minuteMs);
  const { jobs, minutesOverCount } = known(complianceOf(hub.state, "noon"), "noon");
  return {
    foreseen: told.filter(({ effect }) => effect === "paused").map(({ job }) => job),
    paused: jobs.filter(({ pausedSeconds }) => pausedSeconds > 0).map(({ job }) => job),
    brokenCount: jobs.filter(({ isTierBroken }) => isTierBroken).length,
    minutesOverCount,
  };
}

const hall1 = [1, 2, 3, 4];

function isInHall1(job: number): boolean {
  return hall1.includes(job);
}

test("nobody pauses whom a budget to come has no room for afterwards, as the preview says, where others can", () => {
  const kept = play(35_000, 16_000);
  expect(kept.paused.length).toBeGreaterThan(0);
  expect(kept.paused.filter(isInHall1)).toEqual([]);
  expect(kept.foreseen).toEqual(kept.paused);
  expect(kept).toMatchObject({ brokenCount: 0, minutesOverCount: 0 });
  // A budget with room for the floors of all of them keeps out nobody.
  const roomy = play(35_000, 19_000);
  expect(roomy.paused.filter(isInHall1).length).toBeGreaterThan(0);
  expect(roomy).toMatchObject({ brokenCount: 0, minutesOverCount: 0 });
});

test("where others are not enough for a target, they pause all the same", () => {
  const { paused, minutesOverCount } = play(33_000, 16_000);
  expect(paused.filter(isInHall1).length).toBeGreaterThan(0);
  expect(minutesOverCount).toBe(0);
});

test("where nobody measures, others pause as well, and no tier is broken", () => {
  expect(play(35_000, 16_000, false).brokenCount).toBe(0);
});

test("for an answer that is late none of them pauses, and as soon as it is there those do without whom a target is passed", () => {
  const hub = new MeteredHub();
  for (let job = 1; job <= 8; job += 1) {
    hub.run(pausing);
  }
  hub.playUntil(startMs + 5 * minuteMs);
  const isAnyStopping = (): boolean => hub.attempts.some(({ phase }) => phase === "stopping");
  // Caps fall a little for a budget, and one node does not say so; another one keeps out whoever pauses.
  hub.silent.add(known(hub.attempts.at(-1)?.heldNodes[0], "the last of the nodes"));
  hub.budget("heat", hub.hall("hall-2"), 20_000, [hub.nowMs]);
  hub.budget("works", "hub", 30_000, [hub.nowMs + 30 * minuteMs]);
  hub.wait(5_000);
  // At their floors all draw 36.5 kW.
  const window = { start: instant(hub.nowMs), end: instant(hub.nowMs + hourMs) };
  const asked = { target: watts(35_000), ramp: milliseconds(2 * minuteMs), giveUp: [50] } as const;
  expect(hub.curtail("noon", { ...asked, ...window })).toEqual({ kind: "done" });
  hub.wait(0);
  hub.playUntil(hub.nowMs + 20_000);
  expect(isAnyStopping()).toBe(false);
  hub.silent.clear();
  hub.playUntil(hub.nowMs + 20_000);
  expect(isAnyStopping()).toBe(true);
  hub.playUntil(Number(window.end));
  const { jobs, minutesOverCount } = known(complianceOf(hub.state, "noon"), "noon");
  expect(jobs.filter(({ pausedSeconds }) => pausedSeconds > 0)).toHaveLength(1);
  expect(minutesOverCount).toBe(0);
});

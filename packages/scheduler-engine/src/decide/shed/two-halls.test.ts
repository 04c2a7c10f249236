import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { type Compliance, complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { PlannedPause } from "../../state/curtailments.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + hourMs;
const endMs = beginMs + 5 * hourMs;

/** Four jobs fill each hall; caps alone do not hold a planned target there, so they pause in turns. */
function fullHub(...halls: readonly string[]): MeteredHub {
  const hub = new MeteredHub();
  for (let job = 0; job < 8; job += 1) {
    hub.run(pausing);
  }
  for (const hall of halls) {
    const reply = hub.curtail(hall, {
      domain: hub.hall(hall),
      target: watts(16_000),
      baseline: watts(20_000),
      start: instant(beginMs),
      end: instant(endMs),
      ramp: milliseconds(0),
    });
    expect(reply).toEqual({ kind: "done" });
  }
  return hub;
}

function reportOf(hub: MeteredHub, id: string): Compliance {
  return known(complianceOf(hub.state, id), id);
}

/** The pauses of planned ones. */
function turnsOf(hub: MeteredHub): readonly PlannedPause[] {
  const all = hub.state.curtailments.pauses.get("hub") ?? [];
  return all.filter((one) => one.curtailment !== undefined);
}

test("two planned ones in two halls: each counts what it cost its own jobs, and no others", () => {
  const hub = fullHub("hall-1", "hall-2");
  hub.playUntil(beginMs + hourMs);
  const jobsOf = (id: string): readonly number[] => reportOf(hub, id).jobs.map(({ job }) => job);
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(1);
  expect(jobsOf("hall-1")).toEqual([1, 2, 3, 4]);
  expect(jobsOf("hall-2")).toEqual([5, 6, 7, 8]);
  hub.playUntil(endMs + minuteMs);
  expect(jobsOf("hall-1")).toEqual([1, 2, 3, 4]);
  expect(jobsOf("hall-2")).toEqual([5, 6, 7, 8]);
});

test("the second plan leaves the pauses of the first as they are", () => {
  const alone = fullHub("hall-1");
  alone.playUntil(endMs);
  const both = fullHub("hall-1", "hall-2");
  both.playUntil(endMs);
  expect(reportOf(both, "hall-1").jobs).toEqual(reportOf(alone, "hall-1").jobs);
  for (const hall of ["hall-1", "hall-2"]) {
    expect(reportOf(both, hall).minutesOverCount).toBe(0);
  }
});

test.each([
  ["a budget", (hub: MeteredHub) => hub.budget("b", hub.hall("hall-2"), 17_000, [hub.nowMs])],
  [
    "an emergency",
    (hub: MeteredHub) =>
      hub.curtail("e", {
        mode: "emergency",
        domain: hub.hall("hall-2"),
        target: watts(18_800),
        start: instant(hub.nowMs),
      }),
  ],
  [
    "a lost supply",
    (hub: MeteredHub) => {
      const domain = hub.site.domainIndexById.get(hub.hall("hall-2")) ?? -1;
      hub.report({ kind: "supply-lost", domain, remaining: watts(18_000) });
    },
  ],
])(
  "%s in the other hall leaves turns, targets and tiers of a planned one as they are",
  (_, begin) => {
    const hub = fullHub("hall-1");
    hub.playUntil(beginMs + 30 * minuteMs);
    const turns = turnsOf(hub);
    begin(hub);
    hub.playUntil(beginMs + 31 * minuteMs);
    expect(turnsOf(hub)).toEqual(turns);
    hub.playUntil(endMs);
    const { minutesOverCount, jobs } = reportOf(hub, "hall-1");
    expect(minutesOverCount).toBe(0);
    expect(jobs.map(({ job }) => job)).toEqual([1, 2, 3, 4]);
    for (const { lossPercent, tierPercent } of jobs) {
      expect(lossPercent).toBeLessThanOrEqual(tierPercent);
    }
  },
);

test("while turns are taken in one hall, a budget in another pauses nobody", () => {
  const hub = fullHub("hall-1");
  hub.playUntil(beginMs + 30 * minuteMs);
  hub.budget("b", hub.hall("hall-2"), 17_000, [hub.nowMs]);
  const paused = new Set<number>();
  hub.playUntil(beginMs + 2 * hourMs, () => {
    hub.state.curtailments.paused.forEach(({ job }) => paused.add(job));
  });
  expect([...paused].filter((job) => job > 4)).toEqual([]);
  expect(hub.attempts.filter(({ job }) => job > 4).map(({ capWatts }) => capWatts)).toEqual([
    320, 320, 320, 320,
  ]);
});

test("a planned one inside another: both keep targets and tiers, also after one of them ends or is cancelled", () => {
  for (const isCancelled of [false, true]) {
    const hub = fullHub();
    const start = instant(beginMs);
    const end = instant(endMs);
    hub.curtail("feed", { target: watts(34_500), start, end, ramp: milliseconds(0) });
    hub.curtail("hall", {
      domain: hub.hall("hall-1"),
      target: watts(16_000),
      start: instant(beginMs + hourMs),
      end: instant(beginMs + 3 * hourMs),
      ramp: milliseconds(0),
    });
    hub.playUntil(beginMs + 2 * hourMs);
    if (isCancelled) {
      const at = instant(hub.nowMs);
      hub.engine.execute({
        kind: "cancel-curtailment",
        at,
        by: "olga",
        id: "hall",
        reason: "over",
      });
    }
    hub.playUntil(endMs);
    for (const id of ["feed", "hall"]) {
      const { minutesOverCount, jobs } = reportOf(hub, id);
      expect(minutesOverCount, `${id} over`).toBe(0);
      // A tier is an average over the whole event, of which a cancelled one had only a part.
      const whole = isCancelled && id === "hall" ? [] : jobs;
      for (const { job, lossPercent, tierPercent } of whole) {
        expect(lossPercent, `job ${job} by ${id}`).toBeLessThanOrEqual(tierPercent);
      }
    }
  }
});

test("a paused job comes back in its turn, though a later planned one is announced", () => {
  const hub = fullHub();
  const ramp = milliseconds(0);
  const [start, end] = [instant(beginMs), instant(beginMs + hourMs / 2)];
  hub.curtail("first", { target: watts(34_709), start, end, ramp });
  hub.curtail("later", { target: watts(34_709), start: instant(beginMs + hourMs), ramp });
  hub.playUntil(beginMs + hourMs / 2);
  const { jobs } = reportOf(hub, "first");
  expect(jobs.some(({ pausedSeconds }) => pausedSeconds > 0)).toBe(true);
  for (const { lossPercent, tierPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(tierPercent);
  }
});

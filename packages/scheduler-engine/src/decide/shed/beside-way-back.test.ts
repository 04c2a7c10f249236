import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { openLossMs } from "../../power/shedding/effects.ts";
import { lossThatCounts } from "../../power/shedding/given-up.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { known } from "../../state/assert.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { bending, fullHub, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { attemptsOf, type Hub } from "../../testing/test-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import type { Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";

/** Four gangs fill the hub, whose checkpoints take ten minutes to read; they bear a quarter of whatever curtails them. */
function slowlyRestoring(): { readonly hub: Hub; readonly cluster: ObeyingCluster } {
  const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(10 * minuteMs) };
  const hub = fullHub({ ...bending, flexibilityTier: 25, capMin: watts(320), checkpoint });
  const cluster = new ObeyingCluster(hub);
  cluster.pass(10 * minuteMs);
  return { hub, cluster };
}

function ask(hub: Hub, minutes: number, changes: Partial<Curtailment>): void {
  const span = { start: instant(hub.nowMs), end: instant(hub.nowMs + minutes * minuteMs) };
  const baseline = watts(hub.feedWatts());
  expect(schedule(hub, { baseline, ...span, ...changes })).toEqual({ kind: "done" });
}

const wide = { id: "wide", mode: "planned", target: watts(39_000) } as const;
const deep = { id: "deep", target: watts(24_000), giveUp: [50, 25, 10] } as const;

function capsOf(hub: Hub): readonly (readonly [job: number, capWatts: number])[] {
  return attemptsOf(hub)
    .map(({ job, capWatts }) => [job, capWatts] as const)
    .toSorted(([a], [b]) => a - b);
}

test.each(["emergency", "planned"] as const)(
  "who reads his checkpoint back from one that gave floors up, %s, goes on in another one as before it: nobody stays away for that",
  (mode) => {
    const { hub, cluster } = slowlyRestoring();
    ask(hub, 60, wide);
    cluster.pass(4 * minuteMs);
    const before = capsOf(hub);
    expect(before.length).toBe(4);
    ask(hub, 5, { ...deep, mode });
    cluster.pass(9 * minuteMs);
    expect(capsOf(hub)).toEqual(before);
    cluster.pass(60 * minuteMs);
    const { jobs } = known(complianceOf(hub.state, "wide"), "wide");
    expect(jobs.some((one) => one.forOthersPercent > 20)).toBe(true);
    expect(jobs.some((one) => one.isTierBroken)).toBe(false);
  },
);

/** What counts for the wide one of the loss of a job that runs again, and all of it, in minutes. */
function countedOf(
  { state }: Hub,
  attempt: Attempt,
): { readonly counts: number; readonly all: number } {
  const site = known(state.sites.get("hub"), "hub");
  const record = known(state.curtailments.records.get("wide"), "wide");
  const { spec } = known(state.jobs.get(attempt.job), "job");
  const { cappedLossMs = 0, pausedMs = 0 } = record.effects.get(taskIdOf(attempt)) ?? {};
  const lossMs = cappedLossMs + pausedMs + openLossMs(state, site, record, attempt);
  const countsMs = lossThatCounts({ state, site, record }, attempt, { spec, lossMs });
  return { counts: countsMs / minuteMs, all: lossMs / minuteMs };
}

test("of a restore that reaches into one that begins after it a quarter counts there, as of what others take in its time", () => {
  const { hub, cluster } = slowlyRestoring();
  ask(hub, 60, { ...wide, start: instant(hub.nowMs + 5 * minuteMs) });
  ask(hub, 5, deep);
  cluster.pass(6 * minuteMs);
  const back = attemptsOf(hub).filter((one) => one.attempt > 1);
  expect(back.length).toBeGreaterThan(0);
  for (const attempt of back) {
    const { counts, all } = countedOf(hub, attempt);
    expect(all).toBeGreaterThan(10);
    // Beside what it takes by itself in the minute.
    expect(counts).toBeLessThan(all / 4 + 0.5);
  }
});

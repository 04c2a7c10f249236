import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { Engine } from "../../engine.ts";
import { cappedHub, Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";
import type { Event } from "../../words/event.ts";

const minuteMs = 60_000;

/** Eight nodes of 5.2 kW under a budget for 36.3 kW: six gangs of one node run, and that is all. */
function fullHub(): { readonly hub: Hub; readonly runs: readonly number[] } {
  const hub = new Hub(cappedHub());
  hub.budget("season", "hub", 36_300, [hub.nowMs]);
  const runs = [1, 2, 3, 4, 5, 6].map(() => run(hub, "high"));
  expect(runs.map((job) => attemptOf(hub, job).capWatts)).toEqual(runs.map(() => 0));
  return { hub, runs };
}

function run(hub: Hub, priorityClass: "high" | "low"): number {
  const minutes = priorityClass === "high" ? 600 : 400;
  return hub.run({
    flexibilityTier: 50,
    workloadClass: "straight",
    priorityClass,
    walltime: milliseconds(minutes * minuteMs),
  });
}

function restored(hub: Hub): Engine {
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(hub.state)) {
    reader.add(chunk);
  }
  return new Engine(hub.engine.limits, reader.finish());
}

function attemptOf(hub: Hub, job: number): Attempt {
  return known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "attempt");
}

function acknowledge(hub: Hub): void {
  for (const job of hub.state.jobs.after(0)) {
    for (const { task, attempt, capWatts, capOrder: order } of activeAttempts(job)) {
      const key = { job: job.number, task, attempt };
      hub.report({ kind: "cap-applied", attempt: key, nodes: [], capWatts, order });
    }
  }
}

/** A reading every ten seconds; a GPU draws what it wants, as far as its cap goes. */
function watch(hub: Hub, minutes: number, wantedWatts: number): void {
  for (let step = 0; step < minutes * 6; step += 1) {
    hub.wait(10_000);
    const attempts = [...hub.state.jobs.after(0)].flatMap((job) =>
      activeAttempts(job).map(({ task, attempt, capWatts }) => {
        const gpuWatts = Math.min(wantedWatts, 0.96 * (capWatts === 0 ? 400 : capWatts));
        return {
          attempt: { job: job.number, task, attempt },
          watts: 2_000 + 8 * gpuWatts,
          gpuWatts,
        };
      }),
    );
    const total = attempts.reduce((sum, { watts }) => sum + watts, 0);
    const domains = [{ domain: 0, watts: total }];
    hub.engine.execute({ kind: "measure", at: instant(hub.nowMs), site: "hub", domains, attempts });
    hub.place();
    acknowledge(hub);
  }
}

function loadWatts(hub: Hub): number {
  const site = known(hub.state.sites.get("hub"), "hub");
  return (site.horizons[0]?.load[0] ?? 0) / known(site.site.domains[0], "feed").loadScale;
}

function isRunning(hub: Hub, job: number): boolean {
  return known(hub.state.jobs.get(job), "job").runningCount === 1;
}

test("watts that running jobs are measured to leave let another start; the caps stay a hard bound", () => {
  const { hub, runs } = fullHub();
  watch(hub, 24, 230);
  expect(runs.map((job) => attemptOf(hub, job).neededCapWatts)).toEqual(runs.map(() => 270));
  const newcomer = run(hub, "low");
  watch(hub, 1, 230);
  expect(isRunning(hub, newcomer)).toBe(true);
  expect(loadWatts(hub)).toBeLessThanOrEqual(36_300);
  for (const job of runs) {
    expect(attemptOf(hub, job).capWatts || 400).toBeGreaterThanOrEqual(270);
  }
});

test("before some twenty minutes, without meters, or at full draw nobody is known to leave any", () => {
  const waysToKnowNothing = [
    (hub: Hub) => watch(hub, 17, 230),
    (hub: Hub) => hub.wait(24 * minuteMs),
    (hub: Hub) => watch(hub, 24, 390),
  ];
  for (const goOn of waysToKnowNothing) {
    const { hub } = fullHub();
    goOn(hub);
    const newcomer = run(hub, "low");
    hub.place();
    acknowledge(hub);
    hub.place();
    // By their class, watts taken from jobs of high priority cost more than this one gains.
    expect(isRunning(hub, newcomer)).toBe(false);
  }
});

test("one that meets the cap it was given needs what it may have again, and gets what is free", () => {
  const { hub, runs } = fullHub();
  watch(hub, 24, 230);
  const newcomer = run(hub, "low");
  watch(hub, 1, 230);
  const isHeld = runs.map((job) => attemptOf(hub, job).capWatts > 0);
  expect(isHeld).toContain(true);
  watch(hub, 1, 390);
  runs.forEach((job, at) => {
    expect(attemptOf(hub, job).neededCapWatts === 0).toBe(true);
    expect(attemptOf(hub, job).capWatts > 0).toBe(isHeld[at]);
  });
  hub.finish(newcomer);
  watch(hub, 2, 390);
  expect(runs.map((job) => attemptOf(hub, job).capWatts)).toEqual(runs.map(() => 0));
});

test("what is learned after a restart is the same with the engine that was there and with one of its snapshot", () => {
  const { hub, runs } = fullHub();
  watch(hub, 24, 230);
  const again = restored(hub);
  hub.wait(10_000);
  const at = instant(hub.nowMs);
  const attempts = runs.map((job) => ({
    attempt: { job, task: 0, attempt: 1 },
    watts: 3_840,
    gpuWatts: 230,
  }));
  const domains = [{ domain: 0, watts: 25_000 }];
  const commands = [
    { kind: "restart", at } as const,
    { kind: "measure", at, site: "hub", domains, attempts } as const,
  ];
  const eventsOf = (engine: Engine): readonly Event[] =>
    commands.flatMap((command) => engine.execute(command).entry.events);
  const events = eventsOf(hub.engine);
  expect(events.map(({ kind }) => kind)).toContain("needs-learned");
  expect(eventsOf(again)).toEqual(events);
});

test("meters that fall silent make bounds count again, and needs outlive a restart", () => {
  const { hub, runs } = fullHub();
  watch(hub, 24, 230);
  const again = restored(hub);
  const job = known(again.state.jobs.get(known(runs[0], "job")), "job");
  expect(activeAttempts(job)[0]?.neededCapWatts).toBe(270);
  hub.wait(3 * minuteMs);
  const waiting = run(hub, "low");
  hub.place();
  acknowledge(hub);
  hub.place();
  expect(isRunning(hub, waiting)).toBe(false);
});

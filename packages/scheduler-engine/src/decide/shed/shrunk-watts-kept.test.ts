import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import {
  acknowledge,
  attemptsOf,
  cappedHub,
  Hub,
  hourMs,
  startMs,
} from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { mayRaiseWithin } from "../../power/raise-room.ts";
import { raiseWindows } from "../../power/shedding/ends-under.ts";
import type { Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";

const minuteMs = 60_000;
const walltime = milliseconds(20 * hourMs);
const bending = { walltime, workloadClass: "straight", flexibilityTier: 50 } as const;

function attemptOf(hub: Hub, job: number): Attempt | undefined {
  return attemptsOf(hub).find((one) => one.job === job);
}

function curtailmentOf(changes: Partial<Curtailment>): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(33_000),
    baseline: watts(36_000),
    start: instant(startMs + 20 * minuteMs),
    end: instant(startMs + 2 * hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
    ...changes,
  };
}

/**
 * A gang at full power beside one at its lowest cap, which takes all that the budget leaves: 36.2 kW. Ten minutes before a
 * planned curtailment the first one writes its checkpoint to give nodes back.
 */
function stoppingHub(
  budgetWatts = 36_200,
  budgetFromMs = startMs,
): {
  readonly hub: Hub;
  readonly gang: number;
  readonly other: number;
} {
  const hub = new Hub(cappedHub());
  const checkpoint = { save: milliseconds(10 * minuteMs), restore: milliseconds(minuteMs) };
  const whole = { nodeCount: 4, nodeCountMin: 2, capMin: watts(400), checkpoint };
  const gang = hub.run({ ...bending, ...whole });
  hub.budget("b1", "hub", budgetWatts, [budgetFromMs]);
  const other = hub.run({ ...bending, nodeCount: 4 });
  acknowledge(hub);
  const at = instant(hub.nowMs);
  hub.engine.execute({
    kind: "schedule-curtailment",
    at,
    by: "olga",
    curtailment: curtailmentOf({ noticedAt: at }),
  });
  hub.wait(10 * minuteMs);
  expect(attemptOf(hub, gang)?.phase).toBe("stopping");
  return { hub, gang, other };
}

/** Its checkpoint is written; these of its nodes are free. */
function leave(hub: Hub, { job, task, attempt }: Attempt, nodes: readonly number[]): void {
  const key = { job, task, attempt };
  const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
  hub.report(
    { kind: "checkpointed", attempt: key },
    { kind: "attempt-exited", attempt: key, outcome },
    { kind: "stop-confirmed", attempt: key, nodes },
  );
}

test("while a gang stops to go on smaller, nobody else rises into its watts or starts on its nodes", () => {
  const { hub, gang, other } = stoppingHub();
  const before = known(attemptOf(hub, gang), "gang");
  const nodes = before.placement.nodes;
  const guest = hub.submit({
    nodeCount: 1,
    walltime: milliseconds(minuteMs),
    priorityClass: "high",
  });
  leave(hub, before, nodes.slice(0, 3));
  hub.place();
  hub.place();
  acknowledge(hub);
  expect(attemptOf(hub, guest)).toBeUndefined();
  expect(attemptOf(hub, other)?.capWatts).toBe(200);
  const { attempt } = before;
  hub.report({ kind: "stop-confirmed", attempt: { job: gang, task: 0, attempt }, nodes: [] });
  const after = known(attemptOf(hub, gang), "gang");
  expect(after.phase).toBe("starting");
  expect(after.placement).toMatchObject({ nodes: nodes.slice(0, 3), capWatts: 0 });
  // What it has given back others may have.
  hub.place();
  expect(attemptOf(hub, guest)?.placement.nodes).toEqual([3]);
  expect(hub.feedWatts()).toBeLessThanOrEqual(36_200);
});

test("nor does what steers a curtailment raise others into its watts, now or when a budget begins", () => {
  for (const budgetFromMs of [startMs, startMs + hourMs]) {
    const { hub, gang, other } = stoppingHub(36_200, budgetFromMs);
    const site = known(hub.state.sites.get("hub"), "hub");
    const mayRise = (): boolean =>
      mayRaiseWithin(site, raiseWindows(hub.state, site), known(attemptOf(hub, other), "other"), 0);
    leave(hub, known(attemptOf(hub, gang), "gang"), [0, 1, 2]);
    expect(mayRise()).toBe(false);
    // Nothing waits for who is held.
    hub.change("hold-jobs", [gang]);
    expect(mayRise()).toBe(true);
  }
});

test("nor are they kept for who is told to pause after all: it comes back later", () => {
  const { hub, gang, other } = stoppingHub();
  const site = known(hub.state.sites.get("hub"), "hub");
  const mayRise = (): boolean =>
    mayRaiseWithin(site, raiseWindows(hub.state, site), known(attemptOf(hub, other), "other"), 0);
  leave(hub, known(attemptOf(hub, gang), "gang"), [0, 1, 2]);
  expect(mayRise()).toBe(false);
  const at = instant(hub.nowMs);
  const until = instant(hub.nowMs + hourMs);
  const pause = {
    kind: "job-paused",
    job: gang,
    site: "hub",
    curtailment: "evening",
    until,
  } as const;
  hub.engine.replay({ at, command: { kind: "place", at }, events: [pause] });
  expect(mayRise()).toBe(true);
});

test("also where there are watts for all nobody else gets its nodes", () => {
  const { hub, gang } = stoppingHub(300_000);
  const before = known(attemptOf(hub, gang), "gang");
  const guest = hub.submit({ nodeCount: 1, walltime: milliseconds(minuteMs) });
  leave(hub, before, [0, 1, 2]);
  hub.place();
  expect(attemptOf(hub, guest)).toBeUndefined();
  leave(hub, before, []);
  hub.place();
  expect(attemptOf(hub, gang)?.placement.nodes).toEqual([0, 1, 2]);
  expect(attemptOf(hub, guest)?.placement.nodes).toEqual([3]);
});

test("who has stopped only when the target is steered waits for its grant on its own nodes, and goes nowhere else", () => {
  const hub = new Hub(cappedHub());
  const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(minuteMs) };
  const gang = hub.run({
    ...bending,
    nodeCount: 4,
    nodeCountMin: 2,
    capMin: watts(400),
    checkpoint,
  });
  const domain = known(
    hub.state.sites.get("hub")?.site.domains.find(({ id }) => id.endsWith("hall-1")),
    "hall-1",
  ).id;
  const start = startMs + 10 * minuteMs;
  const asked = curtailmentOf({ domain, target: watts(17_400), start: instant(start) });
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment: asked });
  hub.wait(9 * minuteMs);
  const stopping = known(attemptOf(hub, gang), "gang");
  expect(stopping.phase).toBe("stopping");
  hub.wait(2 * minuteMs);
  leave(hub, stopping, []);
  hub.place();
  // The other hall is empty and carries it.
  expect(attemptOf(hub, gang)?.placement.nodes ?? [0, 1, 2]).toEqual([0, 1, 2]);
});

test("what its owner holds meanwhile keeps neither nodes nor watts", () => {
  const { hub, gang } = stoppingHub();
  const stopping = known(attemptOf(hub, gang), "gang");
  const keptCount = (): number | undefined => hub.state.sites.get("hub")?.returnNodes.size;
  expect(keptCount()).toBe(3);
  hub.change("hold-jobs", [gang]);
  expect(keptCount()).toBe(0);
  leave(hub, stopping, []);
  const guest = hub.run({ nodeCount: 1, walltime: milliseconds(minuteMs) });
  expect(attemptOf(hub, guest)?.placement.nodes).toEqual([0]);
});

import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import {
  announce,
  longWalltime,
  malleable,
  oneNodeLess,
  savedAndGone,
} from "../../testing/test-malleable-gang.ts";
import { isBelow } from "../../power/shedding/effects.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const minuteMs = 60_000;
/** Six hours of it, from the beginning. */
function emergency(changes: Partial<Curtailment> = {}): Curtailment {
  const end = instant(startMs + 6 * hourMs);
  return oneNodeLess(startMs, { baseline: watts(0), end, ...changes });
}

function attemptsOf(hub: Hub, job: number): readonly Attempt[] {
  return activeAttempts(known(hub.state.jobs.get(job), "job"));
}

/** A fixed job and the malleable one fill the hub. */
function fullHub(changes: Partial<JobSpec> = {}): { readonly hub: Hub; readonly job: number } {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 4, walltime: longWalltime });
  const job = hub.run({ ...malleable, ...changes });
  expect(hub.feedWatts()).toBe(8 * 5_200 + 1_000);
  return { hub, job };
}

test("a malleable gang with a checkpoint goes on with fewer of its own nodes, its work kept", () => {
  const { hub, job } = fullHub();
  hub.wait(hourMs);
  const curtailment = emergency({ start: instant(hub.nowMs) });
  const preview = previewCurtailment(hub.state, curtailment);
  const forecast = preview.kind === "preview" ? preview.forecast.jobs : [];
  announce(hub, curtailment);
  const before = known(attemptsOf(hub, job)[0], "attempt");
  expect(before).toMatchObject({ phase: "stopping", stopReason: "preemption" });
  hub.wait(minuteMs);
  savedAndGone(hub, before);
  const after = known(attemptsOf(hub, job)[0], "attempt");
  const kept = after.placement.nodes;
  expect(forecast).toContainEqual(
    expect.objectContaining({ job, effect: "shrunk", nodeCount: kept.length }),
  );
  expect(kept).toEqual(before.placement.nodes.slice(0, kept.length));
  expect(kept.length).toBe(3);
  expect(hub.feedWatts()).toBeLessThanOrEqual(39_500);
  // An hour is done; the rest and the restore take longer in proportion to the nodes.
  expect(after.workMs).toBe(19 * hourMs + minuteMs);
  expect(after.endsByMs - hub.nowMs).toBe(Math.ceil((after.workMs * 4) / kept.length));
  hub.wait(6 * hourMs);
  const compliance = known(complianceOf(hub.state, "evening"), "record");
  const one = known(
    compliance.jobs.find((each) => each.job === job),
    "its compliance",
  );
  expect(one.shrunkNodeCount).toBe(kept.length);
  expect(one.lossPercent).toBeGreaterThan(100 * (1 - kept.length / 4));
  expect(one.lossPercent).toBeLessThanOrEqual(50);
});

function lossTo(hub: Hub, id: string, job: number): number | undefined {
  return known(complianceOf(hub.state, id), id).jobs.find((one) => one.job === job)?.lossPercent;
}

test("fewer nodes than a gang asks for are a loss to the curtailment that took them, and to no other", () => {
  const { hub, job } = fullHub();
  hub.wait(hourMs);
  announce(hub, emergency({ start: instant(hub.nowMs) }));
  hub.wait(minuteMs);
  savedAndGone(hub, known(attemptsOf(hub, job)[0], "attempt"));
  hub.wait(6 * hourMs);
  const mild = { id: "night", target: watts(50_000) };
  announce(
    hub,
    emergency({ ...mild, start: instant(hub.nowMs), end: instant(hub.nowMs + hourMs) }),
  );
  hub.wait(hourMs);
  expect(lossTo(hub, "evening", job)).toBeGreaterThan(25);
  expect(lossTo(hub, "night", job)).toBeUndefined();

  const other = new Hub(cappedHub());
  other.run({ nodeCount: 6, walltime: longWalltime });
  const small = other.run(malleable);
  expect(attemptsOf(other, small)[0]?.placement.nodes).toHaveLength(2);
  announce(other, emergency(mild));
  other.wait(hourMs);
  expect(lossTo(other, "night", small)).toBeUndefined();
});

test.each([
  { begins: "after the one that takes them", hoursLater: 7, before: [] },
  { begins: "in its time", hoursLater: 5, before: [4] },
])("nodes are no loss to one announced before that begins after: $begins", (one) => {
  const { hub, job } = fullHub();
  const start = instant(startMs + one.hoursLater * hourMs);
  const end = instant(startMs + 9 * hourMs);
  announce(hub, emergency({ id: "night", mode: "planned", target: watts(41_000), start, end }));
  const evening = instant(startMs + hourMs);
  announce(hub, emergency({ mode: "planned", target: watts(38_900), start: evening }));
  hub.wait(hourMs - minuteMs);
  expect(attemptsOf(hub, job)[0]?.phase).toBe("stopping");
  const { effects } = known(hub.state.curtailments.records.get("night"), "record");
  expect([...effects.values()].map(({ nodeCountBefore }) => nodeCountBefore)).toEqual(one.before);
});

test("it waits while its account holds all it may, and goes on when it may hold more", () => {
  const { hub, job } = fullHub();
  hub.wait(hourMs);
  announce(hub, emergency({ start: instant(hub.nowMs) }));
  const setAccounts = (guaranteedGpuCount: number): void => {
    const quota = { guaranteedGpuCount, guaranteed: watts(25_600), borrowableGpuCount: 0 };
    const accounts = [
      { id: "north", weight: 1, quota },
      { id: "north/p1", weight: 1 },
    ];
    const at = instant(hub.nowMs);
    hub.engine.execute({ kind: "set-accounts", at, by: "olga", accounts });
  };
  // The fixed job holds 32 GPUs, and the other one is about to give 32 back and take 24.
  setAccounts(48);
  hub.wait(minuteMs);
  savedAndGone(hub, known(attemptsOf(hub, job)[0], "attempt"));
  for (let minute = 0; minute < 30; minute += 1) {
    hub.place();
    hub.wait(minuteMs);
    expect(attemptsOf(hub, job)).toEqual([]);
  }
  setAccounts(56);
  hub.wait(minuteMs);
  expect(attemptsOf(hub, job)[0]?.placement.nodes).toHaveLength(3);
});

test("nobody else gets the nodes that are kept for it", () => {
  const { hub, job } = fullHub();
  const younger = hub.run({
    nodeCount: 1,
    walltime: milliseconds(minuteMs),
    priorityClass: "high",
  });
  announce(hub, emergency());
  savedAndGone(hub, known(attemptsOf(hub, job)[0], "attempt"));
  hub.place();
  expect(attemptsOf(hub, younger)).toEqual([]);
  expect(attemptsOf(hub, job)[0]?.placement.nodes.length).toBeLessThan(4);
});

test.each(["emergency", "planned"] as const)(
  "a gang in two halls gives back its node in the curtailed one, and that is a loss to it (%s)",
  (mode) => {
    const hub = new Hub(cappedHub());
    hub.run({ nodeCount: 3, walltime: longWalltime });
    hub.run({ nodeCount: 2, walltime: longWalltime });
    const job = hub.run({ ...malleable, nodeCount: 3 });
    const { nodes } = known(attemptsOf(hub, job)[0], "attempt").placement;
    const site = known(hub.state.sites.get("hub"), "site");
    const hall = known(
      site.site.domains.find(({ id }) => id.endsWith("hall-1")),
      "a hall",
    );
    const inHall = nodes.filter((node) => isBelow(site, [node], hall.id));
    expect([nodes.length, inHall.length]).toEqual([3, 1]);
    const start = instant(startMs + hourMs);
    const end = instant(startMs + 6 * hourMs);
    announce(hub, emergency({ mode, domain: hall.id, target: watts(19_800), start, end }));
    hub.wait(hourMs - minuteMs);
    if (mode === "emergency") {
      hub.wait(minuteMs);
    }
    savedAndGone(hub, known(attemptsOf(hub, job)[0], "attempt"));
    hub.wait(1_000);
    const after = known(attemptsOf(hub, job)[0], "attempt").placement.nodes;
    expect(after).toEqual(nodes.filter((node) => !inHall.includes(node)));
    hub.wait(5 * hourMs);
    const { jobs } = known(complianceOf(hub.state, "evening"), "record");
    const told = known(
      jobs.find((one) => one.job === job),
      "what it lost",
    );
    expect(told.shrunkNodeCount).toBe(2);
    expect(told.lossPercent).toBeGreaterThan(33);
    expect(told.lossPercent).toBeLessThanOrEqual(50);
  },
);

test("without a checkpoint it cannot shrink, and a preview and a refusal say so", () => {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 4, walltime: longWalltime });
  const { checkpoint: _, ...fixed } = malleable;
  hub.run(fixed);
  const answer = previewCurtailment(hub.state, emergency());
  expect(answer).toMatchObject({ kind: "rejected", code: "curtailment-breaks-floors" });
});

test("a planned one shrinks before it begins", () => {
  const { hub, job } = fullHub();
  const start = instant(startMs + hourMs);
  announce(hub, emergency({ mode: "planned", target: watts(38_900), start }));
  hub.wait(hourMs - minuteMs);
  savedAndGone(hub, known(attemptsOf(hub, job)[0], "attempt"));
  hub.wait(1_000);
  expect(attemptsOf(hub, job)[0]?.placement.nodes.length).toBeLessThan(4);
});

test("when a kept node is lost meanwhile, others take its place", () => {
  const { hub, job } = fullHub();
  announce(hub, emergency());
  const before = known(attemptsOf(hub, job)[0], "attempt");
  savedAndGone(hub, before);
  const first = known(attemptsOf(hub, job)[0], "attempt");
  expect(first.placement.nodes[0]).toBe(before.placement.nodes[0]);
  const second = fullHub();
  announce(second.hub, emergency());
  const gone = known(attemptsOf(second.hub, second.job)[0], "attempt");
  second.hub.cordon(known(gone.placement.nodes[0], "node"));
  savedAndGone(second.hub, gone);
  const nodes = known(attemptsOf(second.hub, second.job)[0], "attempt").placement.nodes;
  expect(nodes).not.toContain(gone.placement.nodes[0]);
  expect(nodes.length).toBe(first.placement.nodes.length);
});

test("tasks of an array are paused one by one, and compliance names them", () => {
  const hub = new Hub(cappedHub());
  const job = hub.run({ ...malleable, nodeCount: 2, nodeCountMin: 2, taskCount: 5 });
  hub.place();
  hub.place();
  hub.place();
  expect(attemptsOf(hub, job).length).toBe(4);
  announce(hub, emergency({ target: watts(36_500) }));
  const stopping = attemptsOf(hub, job).filter((one) => one.phase === "stopping");
  expect(stopping.length).toBe(1);
  expect(known(hub.state.jobs.get(job), "job").pausedTasks).toEqual(
    stopping.map((one) => one.task),
  );
  for (const one of stopping) {
    savedAndGone(hub, one);
  }
  hub.place();
  expect(attemptsOf(hub, job).length).toBe(3);
  const wasPaused = stopping.map((one) => one.task);
  const seen = new Set<number>();
  for (let minute = 0; minute < 6 * 60 - 1; minute += 1) {
    hub.wait(minuteMs);
    for (const one of attemptsOf(hub, job)) {
      if (one.phase === "stopping") {
        savedAndGone(hub, one);
      } else {
        seen.add(one.task);
      }
    }
    hub.place();
    expect(hub.feedWatts()).toBeLessThanOrEqual(36_500);
  }
  for (const task of wasPaused) {
    expect(seen).toContain(task);
  }
  // The fifth task has not slipped in.
  expect(seen).not.toContain(4);
  const { jobs } = known(complianceOf(hub.state, "evening"), "record");
  const tasks = jobs.filter((one) => one.pausedSeconds > 0).map((one) => one.task);
  expect(tasks.length).toBeGreaterThan(1);
  expect(new Set(tasks).size).toBe(tasks.length);
  for (const { lossPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(50.5);
  }
});

import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { reservationOf } from "../../placement/find.ts";
import { explainJob } from "../../read/explain/explain.ts";
import { planJob } from "../../read/explain/plan.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { acknowledge, cappedHub, Hub, hourMs, smallHub, spec } from "../../testing/test-hub.ts";
import { mixedHub } from "../../testing/test-mixed-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import type { Quota } from "../../words/account.ts";
import { fill, stoppingOf } from "../../testing/test-preemption.ts";

const minuteMs = 60_000;

/** An account of four nodes. */
const fourNodes: Quota = {
  guaranteedGpuCount: 32,
  guaranteed: watts(64_000),
  borrowableGpuCount: 0,
};

function setQuota(hub: Hub, quota: Quota = fourNodes): void {
  hub.engine.execute({
    kind: "set-accounts",
    at: instant(hub.nowMs),
    by: "olga",
    accounts: [
      { id: "t", weight: 1, quota },
      { id: "t/p1", weight: 1 },
    ],
  });
}

/** Six nodes run for an hour; the account may hold four. */
function quotaHub(): { readonly hub: Hub; readonly first: number } {
  const hub = new Hub(smallHub());
  setQuota(hub);
  const first = hub.run({ nodeCount: 6, project: "o", walltime: milliseconds(hourMs) }, "bob");
  return { hub, first };
}

/** The same, and the account is promised its four once the hour is over. */
function promisedHub(): { readonly hub: Hub; readonly head: number; readonly first: number } {
  const { hub, first } = quotaHub();
  const head = hub.run({ nodeCount: 4, project: "p1", walltime: milliseconds(hourMs) });
  return { hub, head, first };
}

function isPromised({ state }: Hub, job: number): boolean {
  return reservationOf(state, known(state.jobs.get(job), "the job")) !== undefined;
}

function isRunning(hub: Hub, job: number): boolean {
  return activeAttempts(known(hub.state.jobs.get(job), "the job")).length > 0;
}

test("a promised start is not lost to what its own account begins meanwhile", () => {
  const { hub, head, first } = promisedHub();
  const long = { nodeCount: 1, project: "p1", walltime: milliseconds(5 * hourMs) };
  const filler = hub.run(long, "eve");
  expect(isRunning(hub, filler)).toBe(false);
  const why = explanationSentence(known(explainJob(hub.state, filler), "why it waits"), {
    time: String,
  });
  expect(why).toContain("32 GPUs of it for promised starts");
  hub.finish(first);
  hub.place();
  expect(isRunning(hub, head)).toBe(true);
});

test("a job that is only asked about is told the same", () => {
  const { hub } = promisedHub();
  const asked = spec({ nodeCount: 1, project: "p1", walltime: milliseconds(5 * hourMs) });
  const plan = planJob(hub.state, defaultLimits, asked, "eve");
  const why = plan.kind === "waits" ? explanationSentence(plan.explanation, { time: String }) : "";
  expect(why).toContain("32 GPUs of it for promised starts");
});

test("what is over before the promised start begins at once, and so do others' jobs", () => {
  const { hub } = promisedHub();
  const short = { nodeCount: 1, project: "p1", walltime: milliseconds(hourMs / 2) };
  expect(isRunning(hub, hub.run(short, "eve"))).toBe(true);
  const other = { nodeCount: 1, project: "o", walltime: milliseconds(5 * hourMs) };
  expect(isRunning(hub, hub.run(other, "bob"))).toBe(true);
});

test("no start is promised that its account will be too full for when it is due", () => {
  const { hub, first } = quotaHub();
  const long = { project: "p1", walltime: milliseconds(5 * hourMs) };
  hub.run({ ...long, nodeCount: 2 });
  const bending = hub.run({ ...long, nodeCount: 4, nodeCountMin: 1 });
  expect(isPromised(hub, bending)).toBe(false);
  hub.finish(first);
  hub.place();
  expect(isPromised(hub, bending)).toBe(false);
});

test("one is promised where its account will have room by then", () => {
  const { hub } = quotaHub();
  hub.run({ project: "p1", nodeCount: 2, walltime: milliseconds(hourMs / 2) });
  const long = { project: "p1", walltime: milliseconds(5 * hourMs) };
  expect(isPromised(hub, hub.run({ ...long, nodeCount: 4, nodeCountMin: 1 }))).toBe(true);
});

test("a start stays promised while its account is full of what is over by then", () => {
  const hub = new Hub(smallHub());
  setQuota(hub);
  const first = hub.run({ nodeCount: 5, project: "o", walltime: milliseconds(hourMs) }, "bob");
  const short = { nodeCount: 1, project: "p1", walltime: milliseconds(hourMs / 2) };
  hub.run(short, "eve");
  const head = hub.run({ nodeCount: 3, project: "p1", walltime: milliseconds(5 * hourMs) });
  expect(isPromised(hub, head)).toBe(true);
  const second = hub.run(short, "eve");
  expect(isRunning(hub, second)).toBe(true);
  hub.wait(minuteMs);
  hub.finish(first);
  hub.place();
  expect(isRunning(hub, head)).toBe(false);
  expect(isPromised(hub, head)).toBe(true);
  hub.finish(second);
  hub.place();
  expect(isRunning(hub, head)).toBe(true);
});

test("no cap falls for a gang that its account may not hold whole, though it may a smaller one", () => {
  const isLoweredBeside = (ownCount: number): boolean => {
    const hub = new Hub(cappedHub());
    setQuota(hub, { ...fourNodes, guaranteed: watts(25_600) });
    const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;
    const long = { walltime: milliseconds(20 * hourMs) };
    hub.run({ ...long, nodeCount: ownCount, project: "p1" });
    const other = hub.run({ ...long, ...bending, nodeCount: 5 - ownCount, project: "o" }, "bob");
    hub.budget("feed", "hub", hub.feedWatts(), [hub.nowMs]);
    hub.run({ ...bending, nodeCount: 2, nodeCountMin: 1, project: "p1" });
    const [attempt] = activeAttempts(known(hub.state.jobs.get(other), "the other"));
    return attempt?.capWatts !== 0;
  };
  expect([isLoweredBeside(2), isLoweredBeside(3)]).toEqual([true, false]);
});

test("a promised start that is due comes no larger than promised into what its account is promised beside it", () => {
  const hub = new Hub(mixedHub());
  setQuota(hub);
  // Of the second hall two nodes may run: three never fit.
  hub.budget("ever", "hub/sub-1/hall-2", 24_000, [hub.nowMs]);
  const other = (gpuModel: string, nodeCount: number, hours: number): number => {
    const walltime = milliseconds(hours * hourMs);
    return hub.run({ gpuModel, nodeCount, walltime, project: "o" }, "bob");
  };
  const [short, long, first] = [other("A100", 1, 0.5), other("A100", 1, 20), other("H100", 4, 2)];
  const own = { project: "p1", walltime: milliseconds(5 * hourMs) };
  const head = hub.run({ ...own, gpuModel: "H100", nodeCount: 3 });
  const bending = hub.run({ ...own, gpuModel: "A100", nodeCount: 3, nodeCountMin: 1 });
  expect([isPromised(hub, head), isPromised(hub, bending)]).toEqual([true, true]);
  // Two nodes are free when it is due: one of them by surprise.
  hub.finish(short);
  hub.finish(long);
  hub.wait(40 * minuteMs);
  hub.place();
  const [attempt] = activeAttempts(known(hub.state.jobs.get(bending), "who bends"));
  expect([attempt?.placement.nodes.length, isPromised(hub, head)]).toEqual([1, true]);
  hub.finish(first);
  hub.place();
  expect(isRunning(hub, head)).toBe(true);
});

test("a cap rises though its account is full of what is over before the start that is promised to it", () => {
  const hub = new Hub(cappedHub());
  // Nodes at full power hold 3.2 kW: one that stays beside four that are promised.
  setQuota(hub, { guaranteedGpuCount: 0, guaranteed: watts(0), borrowable: watts(16_000) });
  const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;
  const stays = { ...bending, project: "p1", walltime: milliseconds(20 * hourMs) };
  const staying = hub.run({ ...stays, nodeCount: 1 });
  const short = hub.run({ nodeCount: 1, project: "p1", walltime: milliseconds(hourMs / 2) });
  const first = hub.run({ nodeCount: 6, project: "o", walltime: milliseconds(hourMs) }, "bob");
  const bent = { nodeCount: 4, nodeCountMin: 1, project: "p1" };
  const head = hub.run({ ...bent, walltime: milliseconds(hourMs) });
  expect(isPromised(hub, head)).toBe(true);
  const capOf = (): number | undefined =>
    activeAttempts(known(hub.state.jobs.get(staying), "who stays"))[0]?.capWatts;
  const [fullWatts, endMs] = [hub.feedWatts(), hub.nowMs + 10 * minuteMs];
  hub.budget("noon", "hub", fullWatts - 1_600, [hub.nowMs, endMs]);
  expect(capOf()).toBe(200);
  acknowledge(hub);
  hub.wait(endMs - hub.nowMs);
  hub.place();
  expect([capOf(), isPromised(hub, head)]).toEqual([0, true]);
  hub.finish(short);
  hub.finish(first);
  hub.place();
  const [started] = activeAttempts(known(hub.state.jobs.get(head), "the promised job"));
  expect(started?.placement.nodes.length).toBe(4);
});

/** Hall 2 has smaller nodes of another model, which somebody else holds; on those of hall 1 run jobs that may be stopped. */
function twoModels(mayHoldWatts: number): Hub {
  const text = smallHub()
    .replace(
      "phases:",
      `  l40-8: {gpuModel: L40, gpuCount: 8, idle: 1 kW, peak: 3 kW, partUse: share, source: assumption}\nphases:`,
    )
    .replace(
      "  row-a:",
      `  rack-b: {kind: rack, limit: 50 kW, nodes: 2 × l40-8, source: assumption}\n  row-a:`,
    )
    .replace(
      "feed:",
      `  row-b: {kind: row, limit: 100 kW, racks: 2 × rack-b, source: assumption}\nfeed:`,
    );
  const [start, end] = text.split("name: hall-2");
  const hub = new Hub(`${start}name: hall-2${end?.replace("1 × row-a", "1 × row-b")}`);
  setQuota(hub, { guaranteedGpuCount: 0, guaranteed: watts(0), borrowable: watts(mayHoldWatts) });
  const protectedJobs = {
    nodeCount: 4,
    gpuModel: "L40",
    project: "o",
    priorityClass: "urgent",
  } as const;
  hub.run({ ...protectedJobs, walltime: milliseconds(20 * hourMs) }, "bob");
  fill(hub, { gpuModel: "H100", project: "o" }, 4);
  hub.wait(hourMs);
  return hub;
}

test("nobody is stopped for a start that its account may not hold there, whatever it may elsewhere", () => {
  const stoppedWith = (mayHoldWatts: number): number => {
    const hub = twoModels(mayHoldWatts);
    hub.run({ project: "p1", walltime: milliseconds(hourMs) });
    return stoppingOf(hub).length;
  };
  // 8 kW for a node of hall 1, 2 kW for one of hall 2.
  expect([stoppedWith(8000), stoppedWith(7999)]).toEqual([1, 0]);
});

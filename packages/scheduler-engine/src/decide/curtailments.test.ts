import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { Reply } from "../words/reply.ts";

const minuteMs = 60_000;
const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(2 * minuteMs) };
const bending = { flexibilityTier: 50, workloadClass: "straight", checkpoint } as const;

function curtailment(changes: Partial<Curtailment> = {}): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "emergency",
    target: watts(24_000),
    baseline: watts(0),
    start: instant(startMs),
    end: instant(startMs + 3 * hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
    ...changes,
  };
}

function schedule(hub: Hub, changes: Partial<Curtailment> = {}): Reply {
  const at = instant(hub.nowMs);
  const command = { kind: "schedule-curtailment", at, by: "olga" } as const;
  return hub.engine.execute({ ...command, curtailment: curtailment(changes) }).reply;
}

function attemptOf(hub: Hub, job: number): Attempt {
  return known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "attempt");
}

/** Every node does as it was told, but those named. */
function acknowledge(hub: Hub, ...silent: readonly number[]): void {
  for (const job of hub.state.jobs.after(0)) {
    for (const attempt of activeAttempts(job)) {
      const nodes = attempt.heldNodes.filter((node) => !silent.includes(node));
      if (attempt.capInForce !== undefined && nodes.length > 0) {
        const { job: number, task, attempt: count, capWatts, capOrder: order } = attempt;
        const key = { job: number, task, attempt: count };
        hub.report({ kind: "cap-applied", attempt: key, nodes, capWatts, order });
      }
    }
  }
}

/** Four gangs of two nodes fill the hub: 16 kW idle, 8 × 3.2 kW of GPUs, 1 kW fixed. */
function fullHub(changes: object = bending): Hub {
  const hub = new Hub(cappedHub());
  for (let gang = 0; gang < 4; gang += 1) {
    hub.run({ ...changes, nodeCount: 2, walltime: milliseconds(10 * hourMs) });
  }
  expect(hub.feedWatts()).toBe(8 * 5_200 + 1_000);
  return hub;
}

function code(reply: Reply): string {
  return reply.kind === "rejected" ? reply.code : reply.kind;
}

test.each([
  [{ site: "nowhere" }, "unknown-site"],
  [{ domain: "hub/nowhere" }, "unknown-domain"],
  [{ start: instant(startMs - 10_001) }, "curtailment-in-the-past"],
  [{ end: instant(startMs) }, "curtailment-too-short"],
  [{ ramp: milliseconds(4 * hourMs) }, "curtailment-too-short"],
  [{ end: instant(startMs + 32 * 24 * hourMs) }, "curtailment-beyond-horizon"],
  [{ target: watts(40_000), baseline: watts(40_000) }, "curtailment-above-baseline"],
  [{ target: watts(16_000) }, "curtailment-below-idle"],
  [{ target: watts(20_000) }, "curtailment-breaks-floors"],
])("%o is refused as %s, and nothing is half done", (changes, expected) => {
  const hub = fullHub();
  const before = hub.ledger();
  expect(code(schedule(hub, changes))).toBe(expected);
  expect([hub.ledger(), hub.state.curtailments.records.size]).toEqual([before, 0]);
});

test("what was asked to begin at once begins when it is decided, however long the call took", () => {
  const hub = fullHub();
  const late = { target: watts(36_000), start: instant(hub.nowMs - 7) };
  expect(code(schedule(hub, late))).toBe("done");
  const [record] = hub.state.curtailments.records.values();
  expect(record?.curtailment.start).toBe(instant(hub.nowMs));
});

test("an id is taken once", () => {
  const hub = fullHub();
  expect(code(schedule(hub, { target: watts(36_000) }))).toBe("done");
  expect(code(schedule(hub, { target: watts(35_000) }))).toBe("curtailment-overlaps-itself");
});

test("a refusal names the smallest target, and that one is accepted", () => {
  const hub = fullHub();
  const reply = schedule(hub, { target: watts(20_000) });
  const message = reply.kind === "rejected" ? reply.message : "";
  expect(message).toMatch(/the smallest target of hub that keeps every floor is .*; giving up/);
  const kilowatts = Number(/every floor is ([\d.]+) kW/.exec(message)?.[1]);
  expect(code(schedule(hub, { target: watts(Math.ceil(kilowatts * 1_000) + 100) }))).toBe("done");
});

test("a refusal names the job whose promised start keeps idle nodes on, and without it there is no refusal", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  for (let gang = 0; gang < 2; gang += 1) {
    hub.run({ ...bending, nodeCount: 2, walltime });
  }
  // All eight nodes, once the first four are free.
  const head = hub.run({ nodeCount: 8, walltime });
  const end = instant(startMs + hourMs);
  const changes = { target: watts(22_000), end };
  const reply = schedule(hub, changes);
  const message = reply.kind === "rejected" ? reply.message : "";
  expect(message).toContain(
    `4 idle nodes stay on with 8.00 kW for job ${head}, which is promised a start in 10 h 1 min: hold or cancel it`,
  );
  hub.change("hold-jobs", [head]);
  expect(code(schedule(hub, changes))).toBe("done");
});

test("an emergency caps at once, and bounds fall as nodes acknowledge", () => {
  const hub = fullHub();
  expect(code(schedule(hub, { target: watts(32_000) }))).toBe("done");
  expect(hub.feedWatts()).toBe(42_600);
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(32_000);
  // The whole target is used: to within a step of the caps.
  expect(hub.feedWatts()).toBeGreaterThan(31_500);
});

test("nobody sheds for a curtailment that is yet to come", () => {
  const hub = fullHub();
  expect(code(schedule(hub, { target: watts(32_000), start: instant(startMs + hourMs) }))).toBe(
    "done",
  );
  expect(attemptOf(hub, 1).capWatts).toBe(0);
  hub.wait(hourMs);
  expect(attemptOf(hub, 1).capWatts).toBeGreaterThan(0);
});

test("a node that does not acknowledge counts as before, and others shed more for it", () => {
  const hub = fullHub();
  schedule(hub, { target: watts(36_000) });
  acknowledge(hub, 0);
  expect(hub.feedWatts()).toBeGreaterThan(36_000);
  hub.wait(5_000);
  acknowledge(hub, 0);
  expect(hub.feedWatts()).toBeLessThanOrEqual(36_000);
});

test("where caps do not reach, jobs pause in turn and come back", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  schedule(hub, { target: watts(33_000), end: instant(startMs + 5 * hourMs) });
  acknowledge(hub);
  const { paused } = hub.state.curtailments;
  expect(paused.size).toBeGreaterThan(0);
  const first = [...paused.values()][0]?.job ?? 0;
  expect(attemptOf(hub, first)).toMatchObject({ phase: "stopping", stopReason: "preemption" });
  hub.report({ kind: "checkpointed", attempt: { job: first, task: 0, attempt: 1 } });
  hub.finish(first, 0, 143);
  acknowledge(hub);
  hub.place();
  expect(known(hub.state.jobs.get(first), "job").runningCount).toBe(0);
  expect(hub.feedWatts()).toBeLessThanOrEqual(33_000);
  let isBack = false;
  for (let minute = 0; minute < 5 * 60 && !isBack; minute += 1) {
    hub.wait(minuteMs);
    for (const job of hub.state.jobs.after(0)) {
      for (const attempt of activeAttempts(job)) {
        if (attempt.phase === "stopping" && attempt.stopReason === "preemption") {
          const key = { job: attempt.job, task: 0, attempt: attempt.attempt };
          hub.report(
            { kind: "checkpointed", attempt: key },
            {
              kind: "attempt-exited",
              attempt: key,
              outcome: { kind: "failed", category: "application", exitCode: 143 },
            },
            { kind: "stop-confirmed", attempt: key, nodes: [] },
          );
        }
      }
    }
    acknowledge(hub);
    hub.place();
    expect(hub.feedWatts()).toBeLessThanOrEqual(33_000);
    isBack = known(hub.state.jobs.get(first), "job").attemptCount > 1;
  }
  expect(isBack).toBe(true);
});

test("after the end watts come back step by step, over the ramp", () => {
  const hub = fullHub();
  const ramp = milliseconds(10 * minuteMs);
  schedule(hub, { target: watts(32_000), ramp, end: instant(startMs + hourMs) });
  acknowledge(hub);
  hub.wait(hourMs);
  const loads: number[] = [];
  for (let minute = 0; minute <= 11; minute += 1) {
    hub.wait(minuteMs);
    hub.place();
    loads.push(hub.feedWatts());
  }
  expect(loads.at(-1)).toBe(42_600);
  expect(loads[3]).toBeLessThan(200_000);
  const steps = loads.slice(1).map((load, at) => load - (loads[at] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(0.6 * (42_600 - 32_000));
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
});

test("a cancelled one gives its watts back step by step, and its record says by whom", () => {
  const hub = fullHub();
  schedule(hub, { target: watts(32_000), baseline: watts(42_600) });
  acknowledge(hub);
  hub.wait(minuteMs);
  const at = instant(hub.nowMs);
  const cancel = {
    kind: "cancel-curtailment",
    at,
    by: "olga",
    reason: "over",
    id: "evening",
  } as const;
  expect(code(hub.engine.execute(cancel).reply)).toBe("done");
  // Without a ramp, too: a tenth of the way with every six seconds.
  const loads: number[] = [];
  for (let second = 0; second < 60; second += 3) {
    hub.place();
    loads.push(hub.feedWatts());
    hub.wait(3_000);
  }
  hub.place();
  expect(hub.feedWatts()).toBe(42_600);
  const steps = loads.slice(1).map((load, before) => load - (loads[before] ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(0.21 * (42_600 - 32_000));
  expect(steps.filter((step) => step > 0).length).toBeGreaterThanOrEqual(5);
  expect(hub.state.curtailments.records.get("evening")?.cancelled).toMatchObject({ by: "olga" });
  const again = { ...cancel, at: instant(hub.nowMs) };
  expect(code(hub.engine.execute(again).reply)).toBe("unknown-curtailment");
});

test("of two that overlap the lower target holds, and when it ends the other one", () => {
  const hub = fullHub();
  schedule(hub, { id: "wide", target: watts(38_000) });
  acknowledge(hub);
  hub.wait(minuteMs);
  const end = instant(hub.nowMs + hourMs);
  schedule(hub, { id: "deep", target: watts(31_000), start: instant(hub.nowMs), end });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(31_000);
  hub.wait(hourMs);
  hub.wait(2_000);
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(38_000);
  expect(hub.feedWatts()).toBeGreaterThan(37_000);
});

test("a nested one sheds below its own domain only", () => {
  const hub = fullHub();
  schedule(hub, { id: "wide", target: watts(40_000) });
  acknowledge(hub);
  const site = known(hub.state.sites.get("hub"), "hub");
  const hall = known(
    site.site.domains.find((one) => one.id.endsWith("hall-1")),
    "hall",
  );
  schedule(hub, { id: "hall", domain: hall.id, target: watts(15_000) });
  acknowledge(hub);
  expect(site.horizons[0]?.load[hall.index]).toBeLessThanOrEqual(15_000 * hall.loadScale);
  expect(hub.feedWatts()).toBeLessThanOrEqual(40_000);
});

test("a lost feed is shed for at once, whatever tiers say, and its return lets all rise again", () => {
  const hub = fullHub();
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(34_000) });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(34_000);
  hub.report({ kind: "supply-back", domain: 0 });
  hub.place();
  expect(hub.feedWatts()).toBe(42_600);
});

test("where even the lowest caps are too much, the latest starts stop, those of tier 0 last", () => {
  const hub = new Hub(cappedHub());
  const walltime = milliseconds(10 * hourMs);
  hub.run({ nodeCount: 2, walltime });
  hub.run({ ...bending, nodeCount: 4, walltime });
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(24_000) });
  expect(attemptOf(hub, 2).phase).toBe("stopping");
  expect(attemptOf(hub, 1).phase).toBe("starting");
});

test("a budget lowered below what runs is shed for as far as floors allow, and no job is stopped", () => {
  const hub = fullHub();
  hub.budget("low", "hub", 20_000, [startMs]);
  acknowledge(hub);
  expect(attemptOf(hub, 1)).toMatchObject({ capWatts: 200, phase: "starting" });
});

test("one that begins while another still gives its watts back sheds from where things are", () => {
  const hub = fullHub();
  const ramp = milliseconds(10 * minuteMs);
  schedule(hub, { target: watts(32_000), ramp, end: instant(startMs + hourMs) });
  acknowledge(hub);
  hub.wait(hourMs + 4 * minuteMs);
  acknowledge(hub);
  const between = hub.feedWatts();
  expect(between).toBeGreaterThan(32_000);
  const start = instant(hub.nowMs);
  const end = instant(hub.nowMs + hourMs);
  expect(code(schedule(hub, { id: "second", target: watts(30_500), start, end }))).toBe("done");
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(30_500);
  // The rest of the first one's ramp lets nothing rise above the second one's target.
  for (let minute = 0; minute < 20; minute += 1) {
    hub.wait(minuteMs);
    acknowledge(hub);
    hub.place();
    expect(hub.feedWatts()).toBeLessThanOrEqual(30_500);
  }
});

test("a feed lost in a curtailment lowers what holds, and floors give way to it", () => {
  const hub = fullHub({ ...bending, flexibilityTier: 25 });
  schedule(hub, { target: watts(38_000) });
  acknowledge(hub);
  expect(attemptOf(hub, 1).floorCapWatts).toBe(300);
  hub.wait(minuteMs);
  hub.report({ kind: "supply-lost", domain: 0, remaining: watts(32_000) });
  acknowledge(hub);
  expect(hub.feedWatts()).toBeLessThanOrEqual(32_000);
  hub.report({ kind: "supply-back", domain: 0 });
  hub.wait(2_000);
  acknowledge(hub);
  hub.wait(2_000);
  // The curtailment goes on.
  expect(hub.feedWatts()).toBeLessThanOrEqual(38_000);
  expect(hub.feedWatts()).toBeGreaterThan(37_000);
});

test("a planned one writes its checkpoints before it begins, and lets its jobs back after it", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  const start = instant(startMs + hourMs);
  const end = instant(startMs + 5 * hourMs);
  const planned = { mode: "planned", target: watts(33_000), start, end } as const;
  expect(code(schedule(hub, planned))).toBe("done");
  hub.wait(hourMs - 2 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
  hub.wait(minuteMs);
  const first = [...hub.state.curtailments.paused.values()][0]?.job ?? 0;
  expect(attemptOf(hub, first)).toMatchObject({ phase: "stopping", stopReason: "preemption" });
  hub.report({ kind: "checkpointed", attempt: { job: first, task: 0, attempt: 1 } });
  hub.finish(first, 0, 143);
  hub.place();
  expect(known(hub.state.jobs.get(first), "job")).toMatchObject({
    pausedTasks: [0],
    runningCount: 0,
  });
  const at = instant(hub.nowMs);
  const cancel = {
    kind: "cancel-curtailment",
    at,
    by: "olga",
    reason: "rain",
    id: "evening",
  } as const;
  hub.engine.execute(cancel);
  hub.wait(minuteMs);
  hub.place();
  expect(known(hub.state.jobs.get(first), "job")).toMatchObject({
    pausedTasks: [],
    runningCount: 1,
  });
});

test("while a paused job is to come back, nobody else takes its watts", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  schedule(hub, { target: watts(33_000), end: instant(startMs + 5 * hourMs) });
  acknowledge(hub);
  const first = [...hub.state.curtailments.paused.values()][0]?.job ?? 0;
  hub.finish(first, 0, 143);
  const younger = hub.run({
    nodeCount: 1,
    priorityClass: "high",
    walltime: milliseconds(minuteMs),
  });
  expect(known(hub.state.jobs.get(younger), "job").runningCount).toBe(0);
});

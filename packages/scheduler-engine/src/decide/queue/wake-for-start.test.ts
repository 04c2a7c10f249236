import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { pausedMember } from "../../power/shedding/shed-jobs.ts";
import { nodesForReturn } from "../../power/shedding/sleepers.ts";
import { steerInput } from "../../power/shedding/steer-input.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { cappedHub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { nodeOff } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { rampedHub } from "../../testing/test-ramped-hub.ts";
import { SleepingHub } from "../../testing/test-sleeping-hub.ts";

const begin = startMs + 15 * minuteMs;
const hours = (count: number): Partial<JobSpec> => ({ walltime: milliseconds(count * hourMs) });

function offOf({ site }: MeteredHub): readonly number[] {
  return [...site.nodeFlags.keys()].filter((node) => ((site.nodeFlags[node] ?? 0) & nodeOff) !== 0);
}

function nodesOf(hub: MeteredHub, job: number): readonly number[] {
  const [attempt] = activeAttempts(known(hub.state.jobs.get(job), "job"));
  return attempt?.phase === "stopping" ? [] : (attempt?.heldNodes ?? []);
}

function minutesOver(hub: MeteredHub, id = "evening"): number {
  return known(complianceOf(hub.state, id), "compliance").minutesOverCount;
}

interface Evening {
  readonly endMs?: number;
  readonly kind?: Partial<JobSpec>;
  readonly targetWatts?: number;
  readonly text?: string;
}

/** Four jobs run on four nodes, and all others are off for a target that all four fit. */
function sleeping({
  endMs = begin + 2 * hourMs,
  kind = bending,
  targetWatts = 22_000,
  text,
}: Evening = {}): MeteredHub {
  const hub = new MeteredHub(text);
  for (let job = 0; job < 4; job += 1) {
    hub.run(kind);
  }
  const [start, end] = [instant(begin), instant(endMs)];
  const ramp = milliseconds(0);
  const curtailed = hub.curtail("evening", { target: watts(targetWatts), start, end, ramp });
  expect(curtailed.kind).toBe("done");
  hub.playUntil(begin + 10 * minuteMs);
  expect(offOf(hub)).toEqual([...hub.site.nodeFlags.keys()].slice(4));
  return hub;
}

test("where others have ended, nodes that are off are woken for a job that has no room on those that are on", () => {
  const hub = sleeping();
  const gang = hub.run({ ...bending, ...hours(1), nodeCount: 4 });
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  expect(nodesOf(hub, gang)).toEqual([]);
  [1, 2, 3].forEach((job) => hub.finish(job));
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  expect(nodesOf(hub, gang)).toHaveLength(4);
  // One only: the three that are free are on.
  expect(offOf(hub)).toHaveLength(3);
  hub.playUntil(begin + 2.5 * hourMs);
  expect(minutesOver(hub)).toBe(0);
  expect(offOf(hub)).toEqual([]);
});

test.each([
  // At half its speed it works twelve minutes, three of which its node boots.
  { what: "for a job that is soon over", hoursWanted: 0.1, atMs: begin + 10 * minuteMs },
  { what: "shortly before they come back anyway", hoursWanted: 1, atMs: begin + 110 * minuteMs },
  { what: "shortly before another one", hoursWanted: 1, atMs: begin + 99 * minuteMs },
])("they are not woken $what", ({ what, hoursWanted, atMs }) => {
  const hub = sleeping();
  const start = instant(begin + 110 * minuteMs);
  const end = instant(begin + 2 * hourMs);
  const isNext = what === "shortly before another one";
  const planned = { target: watts(21_900), start, end, ramp: milliseconds(0) };
  const next = isNext && hub.curtail("next", planned);
  expect(next === false || next.kind === "done").toBe(true);
  hub.playUntil(atMs);
  const gang = hub.run({ ...bending, ...hours(hoursWanted), nodeCount: 4 });
  [1, 2, 3].forEach((job) => hub.finish(job));
  hub.playUntil(Math.min(begin + 2 * hourMs, hub.nowMs + 20 * minuteMs));
  expect(known(hub.state.jobs.get(gang), "gang").attemptCount).toBe(0);
  hub.playUntil(begin + 2 * hourMs + 10 * minuteMs);
  expect(known(hub.state.jobs.get(gang), "gang").attemptCount).toBe(1);
});

test.each([
  { targetWatts: 20_620, isWoken: false },
  { targetWatts: 20_900, isWoken: true },
])("of $targetWatts W the steering's margin is left free: $isWoken", ({ targetWatts, isWoken }) => {
  const hub = sleeping({ targetWatts });
  // What is fixed and four idle nodes draw 9 kW; two of them and one that is woken take 11.6 kW more.
  hub.cordon(0, 1);
  const gang = hub.run({ ...hours(1), nodeCount: 3 });
  [1, 2, 3, 4].forEach((job) => hub.finish(job));
  hub.playUntil(hub.nowMs + 4 * minuteMs);
  expect(nodesOf(hub, gang)).toHaveLength(isWoken ? 3 : 0);
  expect(minutesOver(hub)).toBe(0);
});

test.each([
  // Its lowest cap has room, and what the node draws has not.
  { endedCount: 1, nodesThen: [] },
  { endedCount: 2, nodesThen: [4] },
])(
  "a paused job whose nodes are gone comes back on one that is woken, and its watts count ($endedCount have ended)",
  ({ endedCount, nodesThen }) => {
    const hub = sleeping({ endMs: begin + 5 * hourMs, kind: { ...pausing, ...hours(4) } });
    hub.curtail("deeper", {
      target: watts(17_500),
      start: instant(hub.nowMs + 15 * minuteMs),
      end: instant(begin + 5 * hourMs),
      ramp: milliseconds(0),
    });
    hub.playUntil(hub.nowMs + 20 * minuteMs);
    const [paused] = [...hub.state.curtailments.paused.values()];
    const { job, nodes } = known(paused, "paused");
    const others = hub.attempts.filter(({ phase }) => phase !== "stopping").slice(0, endedCount);
    hub.cordon(...nodes, ...others.flatMap((one) => one.heldNodes));
    others.forEach((one) => hub.finish(one.job));
    hub.playUntil(hub.nowMs + 10 * minuteMs);
    expect(nodesOf(hub, job)).toEqual(nodesThen);
    expect(minutesOver(hub, "deeper")).toBe(0);
  },
);

test("what the steering grants a job that comes back on woken nodes is what they draw, too", () => {
  const hub = sleeping({ endMs: begin + 5 * hourMs, kind: { ...pausing, ...hours(4) } });
  const { state, site } = hub;
  const record = known(state.curtailments.records.get("evening"), "record");
  const { job, task } = known(hub.attempts[0], "attempt");
  const paused = { job, task, site: "hub", nodes: [0], gpusPerNode: 8, fromMs: 0, untilMs: 0 };
  hub.cordon(0);
  hub.finish(job);
  state.curtailments.paused.set(taskIdOf(paused), {
    ...paused,
    isReturning: true,
    isShrinking: false,
  });
  const measured = {
    wattsOf: new Map(),
    gone: { goneWatts: 0, restGoneWatts: 0 },
    fromMs: hub.nowMs - 10_000,
    domainWatts: 0,
    dippedWatts: 0,
    promisedWatts: 0,
    allowance: "even",
  } as const;
  const returning = (): unknown =>
    steerInput(state, site, record, measured).jobs.find((one) => one.presence === "returning");
  expect(returning()).toMatchObject({ besideWatts: 2_000, isWoken: true });
  hub.finish(known(hub.attempts[0], "another").job);
  expect(returning()).toMatchObject({ besideWatts: 0, isWoken: false });
});

test("a gang that may do with fewer nodes gets those for which there is room, however many ways there are to have all", () => {
  // Ten racks of two nodes sleep.
  const text = cappedHub().replaceAll("rows: 1 ×", "rows: 3 ×");
  const hub = sleeping({ text });
  // What is fixed, two nodes that work and two idle ones draw 15.1 kW; one that is woken takes 5.2 kW.
  hub.cordon(0, 1);
  const gang = hub.run({ ...hours(1), nodeCount: 2, nodeCountMin: 1 });
  [1, 2].forEach((job) => hub.finish(job));
  hub.playUntil(hub.nowMs + 4 * minuteMs);
  expect(nodesOf(hub, gang)).toHaveLength(1);
  expect(minutesOver(hub)).toBe(0);
});

test("nodes that sleep for a promised start are woken for it, and for nobody else", () => {
  const hub = new MeteredHub();
  const running = [1, 2].map(() => hub.run({ ...bending, ...hours(5), nodeCount: 2 }));
  hub.cordon(5, 6, 7);
  const head = hub.run({ ...bending, ...hours(4), nodeCount: 5 });
  const [start, end] = [instant(begin), instant(begin + 2 * hourMs)];
  hub.curtail("evening", { target: watts(23_000), start, end, ramp: milliseconds(0) });
  hub.playUntil(begin + 10 * minuteMs);
  expect(offOf(hub)).toContain(4);
  expect(hub.site.reservationOfNode[4]?.job).toBe(head);
  hub.finish(running[0] ?? 0);
  const other = hub.run({ ...bending, ...hours(0.5), nodeCount: 3 });
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  expect(nodesOf(hub, other)).toEqual([]);
  hub.change("cancel-jobs", [other]);
  hub.finish(running[1] ?? 0);
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  expect(nodesOf(hub, head)).toHaveLength(5);
  expect(minutesOver(hub)).toBe(0);
});

test("nor while a supply is lost", () => {
  const hub = sleeping();
  const domain = hub.site.domainIndexById.get(hub.hall("hall-2")) ?? -1;
  hub.report({ kind: "supply-lost", domain, remaining: watts(60_000) });
  const gang = hub.run({ ...bending, ...hours(1), nodeCount: 3 });
  [1, 2].forEach((job) => hub.finish(job));
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  expect(nodesOf(hub, gang)).toEqual([]);
  hub.report({ kind: "supply-back", domain });
  hub.playUntil(hub.nowMs + 2 * minuteMs);
  expect(nodesOf(hub, gang)).toHaveLength(3);
});

test("an idle node on which a paused job comes back by a plan does not go off in it", () => {
  const hub = new MeteredHub();
  for (let job = 0; job < 4; job += 1) {
    hub.run({ ...pausing, ...hours(4) });
  }
  const last = hub.run(hours(4));
  hub.cordon(5, 6, 7);
  const [start, end] = [instant(begin), instant(begin + 5 * hourMs)];
  hub.curtail("evening", { target: watts(23_200), start, end, ramp: milliseconds(0) });
  hub.playUntil(begin + 10 * minuteMs);
  expect(nodesOf(hub, last)).toEqual([4]);
  const [paused] = [...hub.state.curtailments.paused.values()];
  const back = known(paused, "paused");
  const { job, nodes } = back;
  const record = known(hub.state.curtailments.records.get("evening"), "record");
  const context = { state: hub.state, site: hub.site, record };
  const idleWatts = (): number =>
    pausedMember(context, known(hub.state.jobs.get(job), "job"), back)?.shed.idleWatts ?? 0;
  const before = idleWatts();
  hub.cordon(...nodes);
  hub.finish(last);
  // The plan counts what the node draws as part of what the job takes: 2 kW for eight GPUs.
  expect(nodesForReturn(hub.state, hub.site, back)).toEqual([4]);
  expect(idleWatts()).toBe(before - 250);
  let wasOff = false;
  hub.playUntil(hub.nowMs + 20 * minuteMs, () => {
    wasOff ||= offOf(hub).includes(4);
  });
  expect(nodesOf(hub, job)).toEqual([4]);
  expect(wasOff).toBe(false);
  expect(minutesOver(hub)).toBe(0);
});

test.each([
  { ramp: "8 kW/min over 60 s", isWoken: true },
  // At its lowest cap the gang, and the node that is woken for it, take 6.8 kW.
  { ramp: "6 kW/min over 60 s", isWoken: false },
])("below a ramp of $ramp nodes and what starts on them step together", ({ ramp, isWoken }) => {
  const hub = new SleepingHub(rampedHub(ramp));
  const running = [1, 2].map(() => hub.submit({ ...bending, nodeCount: 2 }));
  hub.pass(300);
  const start = instant(hub.nowMs + 30 * minuteMs);
  const end = instant(Number(start) + 2 * hourMs);
  const asked = hub.less(8_000, { start, end, target: watts(23_500) });
  expect(hub.schedule(asked)).toEqual({ kind: "done" });
  hub.pass(40 * 60);
  expect(hub.offCount).toBe(4);
  hub.steps.length = 0;
  const gang = hub.submit({ ...bending, ...hours(1), nodeCount: 3 });
  hub.finish(running[0] ?? 0);
  hub.pass(15 * 60);
  expect(known(hub.state.jobs.get(gang), "gang").runningCount).toBe(isWoken ? 1 : 0);
  expect(hub.offCount).toBe(isWoken ? 3 : 4);
  expect(hub.feedWatts()).toBeLessThanOrEqual(23_500);
  const limit = { watts: isWoken ? 8_000 : 6_000, perMs: minuteMs, windowMs: minuteMs };
  expect(reportRamp(limit, hub.steps).overSecondCount).toBe(0);
});

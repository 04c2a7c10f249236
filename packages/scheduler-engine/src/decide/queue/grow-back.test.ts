import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { attemptsOf, cappedHub, explained, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import {
  announce,
  longWalltime,
  malleable,
  oneNodeLess,
  saved,
} from "../../testing/test-malleable-gang.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobSpec } from "../../words/job-spec.ts";

const minuteMs = 60_000;
function schedule(hub: Hub, changes: Partial<Curtailment>): void {
  announce(hub, oneNodeLess(hub.nowMs, changes));
}

function attemptOf(hub: Hub, job: number): Attempt | undefined {
  return attemptsOf(hub).find((one) => one.job === job);
}

function sizeOf(hub: Hub, job: number): number {
  return attemptOf(hub, job)?.placement.nodes.length ?? 0;
}

function told(hub: Hub, job: number): string {
  return explanationSentence(explained(hub, job), { time: String });
}

/** Minute by minute: what starts runs, what is told to stop is gone with the next one, nodes that sleep go off and wake. */
function pass(hub: Hub, minutes: number, each?: () => void): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    const before = attemptsOf(hub).map((one) => ({ ...one }));
    hub.wait(minuteMs);
    for (const { job, task, attempt, phase } of before) {
      const key = { job, task, attempt };
      if (phase === "starting") {
        hub.report({ kind: "attempt-running", attempt: key });
      } else if (phase === "stopping") {
        saved(hub, key);
        hub.report({ kind: "stop-confirmed", attempt: key, nodes: [] });
      }
    }
    for (let round = 0; round < 10 && hub.engine.needsPass; round += 1) {
      hub.place();
    }
    each?.();
  }
}

/** Twenty minutes in which the hub has no watts for any gang that gives them. */
function pausesAll(hub: Hub): Partial<Curtailment> {
  const end = instant(hub.nowMs + 20 * minuteMs);
  return { id: "deep", target: watts(31_000), end, giveUp: [50] };
}

/** A fixed gang and others fill the hub; an emergency has taken a node from the first of the others. */
function shrunkHub(
  gangs: readonly Partial<JobSpec>[] = [malleable],
  changes: Partial<Curtailment> = {},
): { readonly hub: Hub; readonly jobs: readonly number[] } {
  const hub = new Hub(cappedHub());
  const nodeCount = 8 - gangs.reduce((sum, gang) => sum + (gang.nodeCount ?? 0), 0);
  hub.run({ nodeCount, walltime: longWalltime });
  const jobs = gangs.map((gang) => hub.run(gang));
  pass(hub, 1);
  expect(hub.feedWatts()).toBe(42_600);
  schedule(hub, changes);
  pass(hub, 5);
  return { hub, jobs };
}

test("a gang that gave nodes back has them again after the curtailment, its work kept, before anybody starts", () => {
  const { hub, jobs } = shrunkHub();
  const [gang = 0] = jobs;
  expect(sizeOf(hub, gang)).toBe(3);
  const waiting = hub.submit({
    nodeCount: 1,
    walltime: milliseconds(hourMs),
    priorityClass: "high",
  });
  pass(hub, 53);
  expect(sizeOf(hub, gang)).toBe(3);
  pass(hub, 7, () => expect(attemptOf(hub, waiting)).toBeUndefined());
  const after = known(attemptOf(hub, gang), "gang");
  expect(after).toMatchObject({ phase: "running", attempt: 3 });
  expect(after.placement.nodes).toHaveLength(4);
  // Of an hour nine tenths at three nodes of four, twice a minute to read back.
  expect(after.workMs).toBeGreaterThan(19.2 * hourMs);
  expect(after.workMs).toBeLessThan(19.4 * hourMs);
  expect(hub.state.curtailments.shrunk.size).toBe(0);
});

test("not where what is left of it is done sooner without", () => {
  // The loss is three minutes: save, stop, restore. A quarter of the rest is the gain.
  for (const [hours, size] of [
    [51 / 60, 3],
    [2, 4],
  ] as const) {
    const { hub, jobs } = shrunkHub([{ ...malleable, walltime: milliseconds(hours * hourMs) }]);
    pass(hub, 60);
    expect(sizeOf(hub, jobs[0] ?? 0), `${hours} hours`).toBe(size);
  }
});

test("not while another curtailment is on or begins too soon, and then after that", () => {
  const { hub, jobs } = shrunkHub();
  const [gang = 0] = jobs;
  const start = instant(hub.nowMs + hourMs);
  schedule(hub, { id: "night", start, end: instant(hub.nowMs + 2 * hourMs) });
  pass(hub, 119, () => expect(sizeOf(hub, gang)).toBe(3));
  pass(hub, 15);
  expect(sizeOf(hub, gang)).toBe(4);
});

test("each once, and the next one only when the one before it runs again", () => {
  const three = { ...malleable, nodeCount: 3 };
  const { hub, jobs } = shrunkHub([three, three], { target: watts(36_500) });
  expect(jobs.map((job) => sizeOf(hub, job))).toEqual([2, 2]);
  pass(hub, 70, () => {
    const moving = jobs.filter((job) => attemptOf(hub, job)?.phase !== "running");
    expect(moving.length).toBeLessThanOrEqual(1);
  });
  expect(jobs.map((job) => attemptOf(hub, job)?.attempt)).toEqual([3, 3]);
  expect(jobs.map((job) => sizeOf(hub, job))).toEqual([3, 3]);
});

test("also when a planned one is cancelled before its start", () => {
  const { hub, jobs } = shrunkHub([malleable], {
    mode: "planned",
    target: watts(39_000),
    start: instant(startMs + 10 * minuteMs),
    end: instant(startMs + hourMs),
  });
  const [gang = 0] = jobs;
  pass(hub, 4);
  expect(sizeOf(hub, gang)).toBeLessThan(4);
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "cancel-curtailment", at, by: "olga", id: "evening", reason: "no" });
  pass(hub, 4);
  expect(sizeOf(hub, gang)).toBe(4);
});

test("where watts are gone by then, it goes on with as many nodes as there are watts for", () => {
  const { hub, jobs } = shrunkHub();
  const [gang = 0] = jobs;
  while (attemptOf(hub, gang)?.phase !== "stopping") {
    pass(hub, 1);
  }
  hub.budget("b1", "hub", 39_500, [hub.nowMs]);
  pass(hub, 2);
  expect(sizeOf(hub, gang)).toBe(3);
});

test("who waits for it, and who grows, outlives a restart", () => {
  const { hub, jobs } = shrunkHub();
  const restored = (): EngineState => {
    const reader = new SnapshotReader();
    for (const chunk of encodeSnapshot(hub.state)) {
      reader.add(chunk);
    }
    return reader.finish();
  };
  expect(stateDigest(restored())).toBe(stateDigest(hub.state));
  expect(restored().curtailments.shrunk).toEqual(hub.state.curtailments.shrunk);
  expect(hub.state.curtailments.shrunk.size).toBe(1);
  while (attemptOf(hub, jobs[0] ?? 0)?.phase !== "stopping") {
    pass(hub, 1);
  }
  expect(restored().curtailments.paused).toEqual(hub.state.curtailments.paused);
  expect(restored().sites.get("hub")?.returnNodes).toEqual(hub.state.sites.get("hub")?.returnNodes);
  expect(hub.state.sites.get("hub")?.returnNodes.size).toBe(4);
  saved(hub, known(attemptOf(hub, jobs[0] ?? 0), "gang"));
  expect(hub.state.sites.get("hub")?.returnNodes.size).toBe(4);
  expect(restored().sites.get("hub")?.returnNodes).toEqual(hub.state.sites.get("hub")?.returnNodes);
});

test("also when another one has paused it whole meanwhile, and it came back on as few as it had", () => {
  const { hub, jobs } = shrunkHub();
  const [gang = 0] = jobs;
  const evening = startMs + 61 * minuteMs;
  schedule(hub, pausesAll(hub));
  pass(hub, 5);
  expect(attemptOf(hub, gang)).toBeUndefined();
  expect(told(hub, gang)).toMatch(/^is paused for curtailment "deep" until about /);
  pass(hub, 30);
  expect(sizeOf(hub, gang)).toBe(3);
  expect(told(hub, gang)).toBe(
    `runs on 3 of its 4 nodes, at about 75 % of full speed; it came back on fewer nodes after curtailment "deep" had stopped it, and has 4 again after curtailment "evening" (${evening}), once nodes and watts for them are there, where that is worth a checkpoint`,
  );
  pass(hub, 30);
  expect(sizeOf(hub, gang)).toBe(4);
  expect(hub.state.curtailments.shrunk.size).toBe(0);
});

test("also when it was paused with all it had, and fewer nodes had room when it came back", () => {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 4, walltime: longWalltime });
  const gang = hub.run(malleable);
  pass(hub, 1);
  schedule(hub, pausesAll(hub));
  pass(hub, 5);
  expect(attemptOf(hub, gang)).toBeUndefined();
  hub.cordon(7);
  pass(hub, 30);
  expect(sizeOf(hub, gang)).toBe(3);
  const common = { at: instant(hub.nowMs), by: "olga", site: "hub", nodes: [7], reason: "" };
  hub.engine.execute({ kind: "uncordon-nodes", ...common });
  pass(hub, 30);
  expect(sizeOf(hub, gang)).toBe(4);
});

test("who is cancelled while it is away is forgotten", () => {
  const { hub, jobs } = shrunkHub();
  const [gang = 0] = jobs;
  schedule(hub, pausesAll(hub));
  pass(hub, 5);
  expect(hub.state.curtailments.shrunk.size).toBe(1);
  hub.change("cancel-jobs", [gang]);
  expect(hub.state.curtailments.shrunk.size).toBe(0);
});

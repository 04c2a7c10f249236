import type { RandomStream } from "@ertis/simulator";
import type { Feed, Gang } from "./feed.ts";
import { paceOf } from "./pace.ts";
import { evenCaps, pool, type PoolState, type PoolStep, startPool } from "./pool.ts";
import { defaultPoolSettings, type PoolMeasurement, type PoolNode } from "./pool-node.ts";
import type { NodeCap } from "./share-caps.ts";

/**
 * `moving`: the pool, once a second. `fixed`: its first caps, by the known peak of each node. `even`: one
 * cap for all. `foresight`: a bound, caps that know what every node wants in the second to come.
 */
export type CapRule = "moving" | "fixed" | "even" | "foresight";

export interface FeedScore {
  /** Work of all nodes ÷ that of as many nodes at full speed. */
  readonly workShare: number;
  /** Seconds in which the caps in force, or the draw, exceeded the limit. */
  readonly overSecondCount: number;
  readonly usedShare: number;
  readonly capChangesPerSecond: number;
}

export interface DrivePlan {
  readonly rule: CapRule;
  readonly secondCount: number;
  readonly random: RandomStream;
}

/** Part of the commands that a node takes, and acknowledges, a second later than the others. */
const lateShare = 0.01;

interface Run {
  readonly feed: Feed;
  readonly nodes: PoolNode[];
  /** What each node obeys; `capInForceWatts` beside it is what counts. */
  readonly obeyedWatts: Float64Array;
  readonly drawnWatts: Float64Array;
  /** Progress of each gang in its job, seconds at full speed. */
  readonly doneSeconds: Float64Array;
  late: readonly NodeCap[];
}

export function driveFeed(feed: Feed, plan: DrivePlan): FeedScore {
  const run = startRun(feed);
  let state = startPool(run.nodes, peaksOf(feed), 0);
  if (plan.rule === "even") {
    takeAll(run, evenCaps(run.nodes, feed.limitWatts));
  } else {
    const first = stepOf(run, state, { atMs: 0, nodeWatts: new Map() });
    takeAll(run, first.caps);
  }
  let overSecondCount = 0;
  let usedWatts = 0;
  let changeCount = 0;
  for (let second = 0; second < plan.secondCount; second += 1) {
    if (plan.rule === "foresight") {
      foresee(run);
    }
    feed.gangs.forEach((gang, at) => runGang(run, gang, at));
    overSecondCount += isOver(run) ? 1 : 0;
    usedWatts += sumOf(run.drawnWatts);
    if (plan.rule === "moving") {
      const nodeWatts = new Map(run.drawnWatts.entries());
      const step = stepOf(run, state, { atMs: (second + 1) * 1_000, nodeWatts });
      state = step.state;
      changeCount += step.caps.length;
      send(run, step.caps, plan.random);
    }
  }
  const work = feed.gangs.reduce((sum, gang, at) => {
    return sum + gang.nodes.length * (run.doneSeconds[at] ?? 0);
  }, 0);
  return {
    workShare: work / plan.secondCount / feed.nodeCount,
    overSecondCount,
    usedShare: usedWatts / plan.secondCount / feed.limitWatts,
    capChangesPerSecond: changeCount / plan.secondCount,
  };
}

function startRun(feed: Feed): Run {
  return {
    feed,
    nodes: feed.gangs.flatMap(({ nodes }, gang) =>
      nodes.map((id) => ({
        id,
        gang,
        boundWatts: feed.boundWatts,
        floorCapWatts: feed.floorCapWatts,
        capInForceWatts: feed.floorCapWatts,
      })),
    ),
    obeyedWatts: new Float64Array(feed.nodeCount).fill(feed.floorCapWatts),
    drawnWatts: new Float64Array(feed.nodeCount),
    doneSeconds: new Float64Array(feed.gangs.length),
    late: [],
  };
}

/** Each node's highest draw under this job, as a run of it on the node has shown. */
function peaksOf(feed: Feed): ReadonlyMap<number, number> {
  return new Map(
    feed.gangs.flatMap(({ nodes, traces }) =>
      nodes.map((node, at) => [node, Math.max(...(traces[at] ?? [0]))] as const),
    ),
  );
}

function stepOf(run: Run, state: PoolState, measurement: PoolMeasurement): PoolStep {
  const { limitWatts } = run.feed;
  const settings = defaultPoolSettings;
  return pool(state, { nodes: run.nodes, limitWatts, measurement, settings });
}

/** A second of a gang: the slowest node sets the pace of all. */
function runGang(run: Run, gang: Gang, at: number): void {
  const done = run.doneSeconds[at] ?? 0;
  const second = secondOf(gang, done);
  let pace = 1;
  for (const [member, node] of gang.nodes.entries()) {
    const wanted = gang.traces[member]?.[second] ?? 0;
    const cap = run.obeyedWatts[node] ?? 0;
    run.drawnWatts[node] = Math.min(wanted, cap);
    if (wanted > cap) {
      pace = Math.min(pace, paceOf(run.feed, wanted, cap));
    }
  }
  run.doneSeconds[at] = done + pace;
}

/** Every node what it wants, or all the same part of the way from idle to that. */
function foresee(run: Run): void {
  const { limitWatts, idleWatts, nodeCount } = run.feed;
  const wanted = new Float64Array(nodeCount);
  run.feed.gangs.forEach((gang, at) => {
    const second = secondOf(gang, run.doneSeconds[at] ?? 0);
    for (const [member, node] of gang.nodes.entries()) {
      wanted[node] = gang.traces[member]?.[second] ?? 0;
    }
  });
  const idle = nodeCount * idleWatts;
  const share = Math.min(1, (limitWatts - idle) / (sumOf(wanted) - idle));
  for (const [id, watts] of wanted.entries()) {
    const capWatts = idleWatts + share * (watts - idleWatts);
    takeAll(run, [{ id, capWatts }]);
  }
}

function secondOf(gang: Gang, doneSeconds: number): number {
  return Math.floor(gang.offsetSeconds + doneSeconds) % gang.secondCount;
}

function isOver(run: Run): boolean {
  const counted = run.nodes.reduce((sum, { capInForceWatts }) => sum + capInForceWatts, 0);
  const limit = run.feed.limitWatts + 1e-6;
  return counted > limit || sumOf(run.obeyedWatts) > limit || sumOf(run.drawnWatts) > limit;
}

function takeAll(run: Run, caps: readonly NodeCap[]): void {
  for (const { id, capWatts } of caps) {
    count(run, id, capWatts);
    run.obeyedWatts[id] = capWatts;
  }
}

/** Late commands of the second before arrive; most new ones at once. A raise counts as soon as it is sent, a lowering when it is obeyed. */
function send(run: Run, caps: readonly NodeCap[], random: RandomStream): void {
  const renewed = new Set(caps.map(({ id }) => id));
  takeAll(
    run,
    run.late.filter(({ id }) => !renewed.has(id)),
  );
  const late = new Set(caps.filter(() => random.happens(lateShare)));
  takeAll(
    run,
    caps.filter((cap) => !late.has(cap)),
  );
  for (const { id, capWatts } of late) {
    count(run, id, Math.max(capWatts, run.nodes[id]?.capInForceWatts ?? 0));
  }
  run.late = [...late];
}

function count(run: Run, id: number, capInForceWatts: number): void {
  const node = run.nodes[id];
  if (node !== undefined) {
    run.nodes[id] = { ...node, capInForceWatts };
  }
}

function sumOf(watts: Float64Array): number {
  return watts.reduce((sum, one) => sum + one, 0);
}

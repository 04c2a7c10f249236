import type { Benchmark, Line } from "../benchmark.ts";
import { atLeast, atMost } from "../goals.ts";
import { forkStream } from "@ertis/simulator";
import { driveFeed, type FeedScore } from "./b9/drive-feed.ts";
import { createFeed } from "./b9/feed.ts";
import { scenes, type Scene, type SceneCase } from "./b9/scenes.ts";
import { loadTraces, type NodeTraces } from "./b9/traces.ts";
import { meanOf, percent } from "./statistics.ts";

export const b9: Benchmark = {
  name: "B9",
  what: "more nodes behind a feed of 200 rated ones, by hard caps that follow measured draw",
  goal: "immersion +35 %; air +18 % in one gang at 0.1 % lost, +25 % in 16 gangs at +22 % work; never over",
  run: ({ seed }) => Promise.resolve(scenes.flatMap((scene) => measure(scene, seed))),
};

const seedCount = 5;
const nameplateCount = 200;

function measure(scene: Scene, firstSeed: number): readonly Line[] {
  const loaded = loadTraces(scene.file, scene.sha256);
  if (loaded.kind === "absent") {
    return [{ name: `SKIPPED ${scene.name}`, text: [loaded.message], figures: {} }];
  }
  const { traces } = loaded;
  const facts: Line = {
    name: scene.name,
    text: [
      `${traces.nodes.length} different nodes, ${traces.secondCount} s; watts a node: peak ${traces.peakWatts}, highest coincident ${traces.coincidentWatts.toFixed(0)}, mean ${traces.meanWatts.toFixed(0)}; rated ${scene.ratedWatts}`,
      `no cap ever met up to ${percent(scene.ratedWatts / traces.ownPeaksWatts - 1)} more nodes with caps at each node's own peak; beyond ${percent(scene.ratedWatts / traces.coincidentWatts - 1)} one gang exceeds the limit whatever the caps do`,
    ],
    figures: { ...traces, nodes: traces.nodes.length },
  };
  return [facts, ...scene.cases.map((one) => lineOf(scene, traces, { ...one, firstSeed }))];
}

interface Asked extends SceneCase {
  readonly firstSeed: number;
}

function lineOf(scene: Scene, traces: NodeTraces, asked: Asked): Line {
  const scores = Array.from({ length: seedCount }, (_, at) =>
    scoreOf(scene, traces, asked, asked.firstSeed + at),
  );
  const lost = meanOf(scores.map(({ workShare }) => 1 - workShare));
  const total = meanOf(scores.map(({ workShare }) => workShare * (1 + asked.extraShare) - 1));
  const used = meanOf(scores.map(({ usedShare }) => usedShare));
  const over = scores.reduce((sum, { overSecondCount }) => sum + overSecondCount, 0);
  const { lostMost, moreWorkLeast } = asked.goal ?? {};
  const gangs = gangsText(asked.gangCount);
  return {
    name: `  +${Math.round(asked.extraShare * 100)} % nodes, ${gangs}, caps ${asked.rule}, pace ${asked.pace}`,
    text: [
      `work lost ${percent(lost.mean)} ± ${percent(lost.halfWidth)}; total work +${percent(total.mean)}; seconds over ${over}; feed used ${percent(used.mean)}`,
    ],
    figures: { ...asked, seedCount, lost, total, used, overSecondCount: over },
    // Rules beside ours may pass the limit or lose more: they are there to be compared with.
    goals: [
      ...(asked.rule === "moving" ? [atMost("seconds over", over, 0)] : []),
      ...(lostMost === undefined
        ? []
        : [atMost("work lost", 100 * lost.mean, 100 * lostMost, "%")]),
      ...(moreWorkLeast === undefined
        ? []
        : [atLeast("more work", 100 * total.mean, 100 * moreWorkLeast, "%")]),
    ],
  };
}

function gangsText(gangCount: Asked["gangCount"]): string {
  if (gangCount === "each node") {
    return "each node by itself";
  }
  return gangCount === 1 ? "one gang" : `${gangCount} gangs`;
}

function scoreOf(scene: Scene, traces: NodeTraces, asked: Asked, seed: number): FeedScore {
  const random = forkStream(seed, scene.name);
  const nodeCount = Math.floor(nameplateCount * (1 + asked.extraShare) + 1e-9);
  const feed = createFeed(
    {
      traces,
      nameplateCount,
      ratedWatts: scene.ratedWatts,
      extraShare: asked.extraShare,
      gangCount: asked.gangCount === "each node" ? nodeCount : asked.gangCount,
      idleWatts: scene.idleWatts,
      floorCapWatts: scene.floorCapWatts,
      paceModel: asked.pace,
    },
    random,
  );
  return driveFeed(feed, { rule: asked.rule, secondCount: scene.secondCount, random });
}

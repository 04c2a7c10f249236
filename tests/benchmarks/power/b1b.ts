import type { Benchmark, Line } from "../benchmark.ts";
import { atLeast } from "../goals.ts";
import { loadSweep } from "../phoenix/sweep.ts";
import {
  fedBackWithoutReserve,
  steered,
  uniformCap,
  uniformFedBack,
  type Controller,
} from "./b1b/controller.ts";
import { drive, type Score } from "./b1b/drive.ts";
import { optimumOf } from "./b1b/optimum.ts";
import { phoenixMix, type MixJob } from "./b1b/phoenix-mix.ts";
import { createPlant, type NoiseShape, type Plant } from "./b1b/plant.ts";
import { meanOf, shareInterval, percent } from "./statistics.ts";

export const b1b: Benchmark = {
  name: "B1b",
  what: "the mix of the Phoenix field trial with noise, steered by measurement, 200 seeds",
  goal: "0 minutes over in 95 % of seeds, 98.5 % used outside dips, 99 % of the plant's optimum",
  run: ({ seed }) => Promise.resolve(measure(seed)),
};

const seedCount = 200;

/** The margin of the plain feedbacks: about what the steering learns. */
const marginShare = 0.0057;

interface Case {
  readonly name: string;
  readonly shape: NoiseShape;
  readonly lateSeconds: number;
  make(jobs: readonly MixJob[]): Controller;
}

const cases: readonly Case[] = [
  { name: "steered", shape: "ten-seconds", lateSeconds: 0, make: steered },
  { name: "uniform cap", shape: "ten-seconds", lateSeconds: 0, make: uniformCap },
  {
    name: "uniform cap, fed back",
    shape: "ten-seconds",
    lateSeconds: 0,
    make: (jobs) => uniformFedBack(jobs, marginShare),
  },
  {
    name: "fed back without reserve",
    shape: "ten-seconds",
    lateSeconds: 0,
    make: (jobs) => fedBackWithoutReserve(jobs, marginShare),
  },
  { name: "steered, noise of whole minutes", shape: "minute", lateSeconds: 0, make: steered },
  { name: "steered, caps act 5 s late", shape: "ten-seconds", lateSeconds: 5, make: steered },
];

function measure(firstSeed: number): readonly Line[] {
  const loaded = loadSweep();
  if (loaded.kind === "absent") {
    return [{ name: "SKIPPED", text: [loaded.message], figures: { skipped: loaded.message } }];
  }
  const jobs = phoenixMix(loaded.sweep);
  const optima = new Map<number, number>();
  const seeds = Array.from({ length: seedCount }, (_, at) => firstSeed + at);
  const lines = cases.map((one) => {
    const scored = seeds.map((seed) => {
      const plant = createPlant(jobs, seed, one.shape);
      return {
        score: drive(plant, one.make(jobs), { lateSeconds: one.lateSeconds }),
        optimum: remembered(optima, seed, plant),
      };
    });
    const line = lineOf(one.name, scored);
    return one.make === steered ? line : { ...line, goals: [] };
  });
  return [...lines, trialLine];
}

/** The optimum knows the ratios and needs no noise, so all cases of a seed share it. */
function remembered(optima: Map<number, number>, seed: number, plant: Plant): number {
  const known = optima.get(seed) ?? optimumOf(plant);
  optima.set(seed, known);
  return known;
}

interface Scored {
  readonly score: Score;
  readonly optimum: number;
}

function lineOf(name: string, scored: readonly Scored[]): Line {
  const count = scored.length;
  const cleanCount = scored.filter(({ score }) => score.overMinuteCount === 0).length;
  const clean = shareInterval(cleanCount, count);
  const over = meanOf(scored.map(({ score }) => score.overMinuteCount));
  const used = meanOf(scored.map(({ score }) => score.usedShare));
  const throughput = meanOf(scored.map(({ score }) => score.throughput));
  const ofOptimum = meanOf(scored.map(({ score, optimum }) => score.throughput / optimum));
  const sliding = meanOf(scored.map(({ score }) => score.overSlidingShare));
  const worst = Math.max(...scored.map(({ score }) => score.worstShare));
  const floorSlack = Math.min(...scored.map(({ score }) => score.floorSlack));
  const changes = meanOf(scored.map(({ score }) => score.capChangeCount / 185));
  return {
    name,
    text: [
      `seeds without a minute over ${cleanCount} of ${count} (95 % interval ${percent(clean.low)} to ${percent(clean.high)}), minutes over a seed ${over.mean.toFixed(2)}, worst minute ${percent(worst)} of the target; stretches of 60 s that begin at any ten seconds: ${percent(sliding.mean)} over`,
      `used outside dips ${percent(used.mean)} ± ${percent(used.halfWidth)}, least ${percent(used.min)}`,
      `throughput ${throughput.mean.toFixed(4)} ± ${throughput.halfWidth.toFixed(4)}; of the optimum ${percent(ofOptimum.mean)} ± ${percent(ofOptimum.halfWidth)}, least ${percent(ofOptimum.min)}`,
      `least distance from a floor ${floorSlack.toFixed(4)}; caps changed ${changes.mean.toFixed(1)} a minute, of six jobs`,
    ],
    figures: {
      cleanCount,
      count,
      clean,
      over,
      sliding,
      used,
      throughput,
      ofOptimum,
      worst,
      floorSlack,
    },
    goals: [
      atLeast("seeds without a minute over", (100 * cleanCount) / count, 95, "%"),
      atLeast("used outside dips", 100 * used.mean, 98.5, "%"),
      atLeast("of the optimum", 100 * ofOptimum.mean, 99, "%"),
      atLeast("least distance from a floor", floorSlack, 0),
    ],
  };
}

const trialLine: Line = {
  name: "the trial itself, as published (one run, stamps 16:14 to 19:34)",
  text: ["minutes over 2 of 201; used 91.6 %"],
  figures: { overMinuteCount: 2, usedShare: 0.916 },
};

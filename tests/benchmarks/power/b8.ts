import type { Benchmark, BenchmarkOptions, Line } from "../benchmark.ts";
import { atMost } from "../goals.ts";
import { drawRounds, type RoundEnd } from "../ramps/gangs.ts";
import { measureRamp, type Steepness } from "../ramps/measure-ramp.ts";
import { type RampRun, runGangs } from "../ramps/run.ts";
import { peakWatts } from "../ramps/site.ts";
import { createRandom } from "./random.ts";
import { percent } from "./statistics.ts";

export const b8: Benchmark = {
  name: "B8",
  what: "ramps: 16 gangs of 64 nodes (7.2 MW), ten rounds of 57 min ± 50 %, 60 s means",
  goal: "planned ramps never above 0.72 MW/min, makespan at most 2 % longer",
  run: (options) => Promise.resolve(measure(options)),
};

const seedCount = 20;

interface Case {
  readonly name: string;
  /** Of the peak, a minute. */
  readonly share: number;
  readonly end: RoundEnd;
}

const cases: readonly Case[] = [
  { name: "10 %/min, ends unannounced", share: 0.1, end: "work-done" },
  { name: "10 %/min, ends planned", share: 0.1, end: "walltime" },
  { name: "5 %/min, ends planned (stretch)", share: 0.05, end: "walltime" },
];

function measure({ seed }: BenchmarkOptions): readonly Line[] {
  const seeds = Array.from({ length: seedCount }, (_, at) => seed + at);
  const free = new Map(
    (["work-done", "walltime"] as const).map((end) => [
      end,
      seeds.map((one) => runGangs(drawRounds(createRandom(one), end), undefined, one)),
    ]),
  );
  return cases.map((one) => measureCase(one, seeds, free.get(one.end) ?? []));
}

interface Outcome {
  readonly free: Steepness;
  readonly kept: Steepness;
  readonly run: RampRun;
  readonly longerShare: number;
}

function measureCase(one: Case, seeds: readonly number[], freeRuns: readonly RampRun[]): Line {
  const limitWatts = one.share * peakWatts;
  const outcomes = freeRuns.map((free, at): Outcome => {
    const seed = seeds[at] ?? 0;
    const run = runGangs(drawRounds(createRandom(seed), one.end), limitWatts, seed);
    return {
      free: measureRamp(free.watts, limitWatts),
      kept: measureRamp(run.watts, limitWatts),
      run,
      longerShare: run.makespanMs / free.makespanMs - 1,
    };
  });
  const figures = figuresOf(outcomes, limitWatts);
  const megawatts = (watts: number): string => (watts / 1e6).toFixed(3);
  const text = [
    `limit ${megawatts(limitWatts)} MW/min; ${seeds.length} seeds from ${seeds[0]}`,
    `no ramp control: up to ${megawatts(figures.withoutUpWatts)} up, ${megawatts(figures.withoutDownWatts)} down MW/min, ${figures.withoutOverSeconds} s over`,
    `kept: up to ${megawatts(figures.upWatts)} up, ${megawatts(figures.downWatts)} down MW/min; over: ${figures.upOverSeconds} s up, ${figures.downOverSeconds} s down`,
    `planned steps of the bounds over: ${figures.brokenCount}; ends counted as unplanned: ${figures.unplannedCount}, ${figures.unplannedOverCount} of them over`,
    `makespan ${percent(figures.longerMeanShare)} longer in the mean, ${percent(figures.longerMostShare)} at most`,
  ];
  return {
    name: one.name,
    text,
    figures: { ...figures, seeds: [seeds[0], seeds.at(-1)] },
    goals: [
      atMost("planned steps of the bounds over", figures.brokenCount, 0),
      atMost("makespan longer in the mean", 100 * figures.longerMeanShare, 2, "%"),
    ],
  };
}

function figuresOf(outcomes: readonly Outcome[], limitWatts: number) {
  const most = (value: (outcome: Outcome) => number): number => Math.max(...outcomes.map(value));
  const sum = (value: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + value(outcome), 0);
  return {
    limitWatts,
    withoutUpWatts: most(({ free }) => free.upWatts),
    withoutDownWatts: most(({ free }) => free.downWatts),
    withoutOverSeconds: sum(({ free }) => free.upOverSeconds + free.downOverSeconds),
    upWatts: most(({ kept }) => kept.upWatts),
    downWatts: most(({ kept }) => kept.downWatts),
    upOverSeconds: sum(({ kept }) => kept.upOverSeconds),
    downOverSeconds: sum(({ kept }) => kept.downOverSeconds),
    brokenCount: sum(({ run }) => run.violations.length),
    unplannedCount: sum(({ run }) => run.unplannedCount),
    unplannedOverCount: sum(({ run }) => run.unplannedOverCount),
    endedCount: sum(({ run }) => run.endedCount),
    longerMeanShare: sum(({ longerShare }) => longerShare) / outcomes.length,
    longerMostShare: most(({ longerShare }) => longerShare),
  };
}

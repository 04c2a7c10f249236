import { type RampLimit, reportRamp } from "@ertis/power-planning";
import type { Benchmark, BenchmarkOptions, Line } from "../benchmark.ts";
import { drawRounds, gangLevels } from "../ramps/gangs.ts";
import { measureRamp, Play, type PlayRules } from "../ramps/play.ts";
import { loadStartShape, type StartShape } from "../ramps/start-shape.ts";
import { createRandom } from "./random.ts";
import { percent } from "./statistics.ts";

export const b8: Benchmark = {
  name: "B8",
  what: "ramps: 16 gangs of 64 nodes (7.2 MW), ten rounds of 57 min ± 50 %, 60 s means",
  goal: "planned ramps never above 0.72 MW/min, makespan at most 2 % longer",
  run: (options) => Promise.resolve(measure(options)),
};

const seedCount = 20;
const peakWatts = 7_200_000;
const limitOf = (share: number): RampLimit => ({
  watts: share * peakWatts,
  perMs: 60_000,
  windowMs: 60_000,
});

interface Case {
  readonly name: string;
  readonly share: number;
  readonly areEndsPlanned: boolean;
  readonly isInStep: boolean;
}

const cases: readonly Case[] = [
  { name: "10 %/min, ends unannounced", share: 0.1, areEndsPlanned: false, isInStep: false },
  { name: "10 %/min, ends planned", share: 0.1, areEndsPlanned: true, isInStep: false },
  { name: "5 %/min, ends planned (stretch)", share: 0.05, areEndsPlanned: true, isInStep: false },
  { name: "10 %/min, rounds in step (harder)", share: 0.1, areEndsPlanned: true, isInStep: true },
];

function measure({ seed }: BenchmarkOptions): readonly Line[] {
  const shape = loadStartShape();
  const seeds = Array.from({ length: seedCount }, (_, at) => seed + at);
  return [
    { name: "start shape", text: [shape.source], figures: { source: shape.source } },
    ...cases.map((one) => measureCase(one, seeds, shape)),
  ];
}

interface Outcome {
  readonly free: ReturnType<typeof measureRamp>;
  readonly kept: ReturnType<typeof measureRamp>;
  readonly longerShare: number;
  readonly plannedOverCount: number;
  readonly unplannedCount: number;
}

function measureCase(one: Case, seeds: readonly number[], shape: StartShape): Line {
  const outcomes = seeds.map((seed) => play(one, seed, shape));
  const most = (value: (outcome: Outcome) => number): number => Math.max(...outcomes.map(value));
  const sum = (value: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + value(outcome), 0);
  const megawatts = (watts: number): string => (watts / 1e6).toFixed(3);
  const figures = {
    seeds: [seeds[0], seeds.at(-1)],
    limitWatts: limitOf(one.share).watts,
    withoutUpWatts: most(({ free }) => free.upWatts),
    withoutDownWatts: most(({ free }) => free.downWatts),
    withoutOverSeconds: sum(({ free }) => free.upOverSeconds + free.downOverSeconds),
    upWatts: most(({ kept }) => kept.upWatts),
    downWatts: most(({ kept }) => kept.downWatts),
    upOverSeconds: sum(({ kept }) => kept.upOverSeconds),
    downOverSeconds: sum(({ kept }) => kept.downOverSeconds),
    plannedOverCount: sum(({ plannedOverCount }) => plannedOverCount),
    unplannedCount: sum(({ unplannedCount }) => unplannedCount),
    longerMeanShare: sum(({ longerShare }) => longerShare) / outcomes.length,
    longerMostShare: most(({ longerShare }) => longerShare),
  };
  const text = [
    `limit ${megawatts(figures.limitWatts)} MW/min; ${seeds.length} seeds from ${seeds[0]}`,
    `no ramp control: up to ${megawatts(figures.withoutUpWatts)} up, ${megawatts(figures.withoutDownWatts)} down MW/min, ${figures.withoutOverSeconds} s over`,
    `kept: up to ${megawatts(figures.upWatts)} up, ${megawatts(figures.downWatts)} down MW/min; over: ${figures.upOverSeconds} s up, ${figures.downOverSeconds} s down (${figures.unplannedCount} unannounced ends); planned steps over: ${figures.plannedOverCount}`,
    `makespan ${percent(figures.longerMeanShare)} longer in the mean, ${percent(figures.longerMostShare)} at most`,
  ];
  return { name: one.name, text, figures };
}

function play(one: Case, seed: number, shape: StartShape): Outcome {
  const limit = limitOf(one.share);
  const levels = gangLevels(limit);
  const rounds = drawRounds(createRandom(seed));
  const run = (rules: PlayRules): ReturnType<Play["run"]> =>
    new Play(rounds, levels, shape, rules).run();
  const { isInStep, areEndsPlanned } = one;
  const free = run({ limit: undefined, areEndsPlanned: false, isInStep });
  const kept = run({ limit, areEndsPlanned, isInStep });
  const report = reportRamp(limit, kept.steps);
  return {
    free: measureRamp(free.watts, limit),
    kept: measureRamp(kept.watts, limit),
    longerShare: kept.makespanSeconds / free.makespanSeconds - 1,
    plannedOverCount: report.plannedOverCount,
    unplannedCount: report.unplannedCount,
  };
}

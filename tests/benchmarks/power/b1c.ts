import type { Benchmark, Line } from "../benchmark.ts";
import { atLeast, atMost } from "../goals.ts";
import { type DayScore, playDay } from "./b1c/play-day.ts";
import { sumOf } from "./b1c/one-cap.ts";
import { meanOf, percent, shareInterval } from "./statistics.ts";

export const b1c: Benchmark = {
  name: "B1c",
  what: "the whole scheduler through a planned curtailment: the simulator's built-in day at 98 kW for 3 h, 24 seeds",
  goal: "0 minutes over in 95 % of seeds, floors kept, 98.5 % used outside dips while somebody is held, no less done than under bounds",
  run: ({ seed }) => Promise.resolve(measure(seed)),
};

const seedCount = 24;

function measure(firstSeed: number): readonly Line[] {
  const seeds = Array.from({ length: seedCount }, (_, at) => firstSeed + at);
  const played = seeds.map((seed) => ({ seed, steered: playDay(seed, "target") }));
  const accepted = played.filter(({ steered }) => !steered.isRefused);
  const refused = played.filter(({ steered }) => steered.isRefused).map(({ seed }) => seed);
  const steered = accepted.map((one) => one.steered);
  const bounded = accepted.map(({ seed }) => playDay(seed, "budget"));
  const line = lineOf("steered", steered);
  const ofOneCap = meanOf(steered.map((one) => one.speedGpus / one.oneCapGpus));
  const ofBounded = meanOf(
    steered.map(({ speedGpus }, at) => speedGpus / (bounded[at]?.speedGpus ?? Number.NaN)),
  );
  const brokenCount = sumOf(steered, (one) => one.floorsBrokenCount + one.violationCount);
  return [
    {
      ...line,
      text: [
        ...line.text,
        `done beside one cap for the same jobs and watts ${percent(ofOneCap.mean)} ± ${percent(ofOneCap.halfWidth)}, least ${percent(ofOneCap.min)}; beside the same budget held by bounds ${percent(ofBounded.mean)} ± ${percent(ofBounded.halfWidth)}, least ${percent(ofBounded.min)}`,
        `refused, as floors would not be kept: ${refused.length} of ${seedCount}, seeds ${refused.join(", ") || "none"}`,
      ],
      figures: { ...line.figures, ofOneCap, ofBounded, refused },
      goals: [
        atLeast(
          "seeds without a minute over",
          (100 * cleanCountOf(steered)) / steered.length,
          95,
          "%",
        ),
        atLeast(
          "used outside dips while somebody is held",
          100 * meanOf(steered.map((one) => one.usedWhereHeld)).mean,
          98.5,
          "%",
        ),
        atMost("floors and promises broken", brokenCount, 0),
        atLeast("done beside the budget held by bounds", 100 * ofBounded.mean, 100, "%"),
      ],
    },
    lineOf("the same budget held by bounds", bounded),
  ];
}

function cleanCountOf(scores: readonly DayScore[]): number {
  return scores.filter(({ overCount }) => overCount === 0).length;
}

function lineOf(name: string, scores: readonly DayScore[]): Line {
  const cleanCount = cleanCountOf(scores);
  const clean = shareInterval(cleanCount, scores.length);
  const mean = (value: (score: DayScore) => number) => meanOf(scores.map(value));
  const over = mean(({ overCount }) => overCount);
  const used = mean((one) => one.used);
  const usedOutsideDips = mean((one) => one.usedOutsideDips);
  const usedWhereHeld = mean((one) => one.usedWhereHeld);
  const held = mean(({ heldShare }) => heldShare);
  const speed = mean(({ speedGpus }) => speedGpus);
  const worst = Math.max(...scores.map(({ worstShare }) => worstShare));
  const curtailedCount = sumOf(scores, (one) => one.curtailedCount);
  const brokenCount = sumOf(scores, (one) => one.floorsBrokenCount);
  return {
    name,
    text: [
      `seeds without a minute over ${cleanCount} of ${scores.length} (95 % interval ${percent(clean.low)} to ${percent(clean.high)}), minutes over a seed ${over.mean.toFixed(2)} of 170, worst minute ${percent(worst)} of the target`,
      `used ${percent(used.mean)}; outside dips ${percent(usedOutsideDips.mean)}, least ${percent(usedOutsideDips.min)}; of that while somebody is held (${percent(held.mean)} of the time) ${percent(usedWhereHeld.mean)}, least ${percent(usedWhereHeld.min)}`,
      `GPUs at full speed ${speed.mean.toFixed(1)} ± ${speed.halfWidth.toFixed(1)} in the mean; jobs that lost speed to it ${curtailedCount}, below their tier ${brokenCount}`,
    ],
    figures: {
      cleanCount,
      count: scores.length,
      clean,
      over,
      worst,
      used,
      usedOutsideDips,
      usedWhereHeld,
      held,
      speed,
      curtailedCount,
      brokenCount,
    },
  };
}

import type { Benchmark, BenchmarkOptions, Line } from "../benchmarks/benchmark.ts";
import { atLeast, atMost } from "../benchmarks/goals.ts";
import { randomRun, type RandomRun, replayCommand } from "./random-run.ts";

const jobCount = 150;
const eventsWanted = 10_000_000;

/**
 * Random runs over many seeds until the time given is over, or until ten million events were checked:
 * 16 nodes in a tree of 14 domains, with every kind of trouble.
 */
function run({ seed, seconds }: BenchmarkOptions): Promise<readonly Line[]> {
  const beganMs = performance.now();
  const broken: RandomRun[] = [];
  let eventCount = 0;
  let runCount = 0;
  let capCount = 0;
  while (eventCount < eventsWanted && performance.now() - beganMs < seconds * 1_000) {
    const one = randomRun(seed + runCount, jobCount);
    runCount += 1;
    eventCount += one.eventCount;
    capCount += one.capCount;
    if (one.violationCount > 0) {
      broken.push(one);
    }
  }
  return Promise.resolve([
    {
      name: `${runCount} seeds of ${jobCount} jobs`,
      text: [
        `${eventCount} events, ${capCount} caps: ${broken.length} seeds with a broken promise`,
        ...broken.map(
          (one) => `${replayCommand(one.seed, jobCount)}: ${one.violations[0]?.message ?? ""}`,
        ),
      ],
      figures: { runCount, eventCount, capCount, broken: broken.map((one) => one.seed) },
      goals: [
        atMost("seeds with a broken promise", broken.length, 0),
        atLeast("events checked", eventCount, eventsWanted),
      ],
    },
  ]);
}

export const b7: Benchmark = {
  name: "B7",
  what: "random events with failures, lost feeds, lost answers, stale telemetry, clock steps; --seconds 86400 for all ten million",
  goal: "10,000,000 events, 0 breaks",
  run,
};

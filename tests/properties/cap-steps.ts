import * as fc from "fast-check";
import { measureStep, submitOf } from "./random-steps.ts";
import type { Step, SubmitWish } from "./step.ts";

const pick = fc.nat({ max: 1000 });

/** Jobs that bend, so many that watts run out long before GPUs do. */
export const wish: fc.Arbitrary<SubmitWish> = fc.record({
  nodeCount: fc.constantFrom(1, 1, 1, 2, 3),
  gpusPerNode: fc.constantFrom(2, 4, 4, 8),
  gpuModel: fc.constantFrom("", "alpha", "alpha", "gamma"),
  sitePick: fc.constant(0),
  walltimeMinutes: fc.constantFrom(10, 30, 60, 240),
  priorityClass: fc.constantFrom("normal", "normal", "low", "high"),
  beginInMinutes: fc.constant(undefined),
  dependencies: fc.constant([]),
  taskCount: fc.constantFrom(1, 1, 3),
  taskThrottle: fc.constant(0),
  maxRetries: fc.constant(0),
  isHeld: fc.constant(false),
  flexibilityTier: fc.constantFrom(0 as const, 25 as const, 50 as const, 50 as const),
  workloadClass: fc.constantFrom("straight", "bent", "bent"),
  capMinWatts: fc.constantFrom(0, 0, 150),
  nodesLess: fc.constantFrom(0, 0, 1),
  walltimePercent: fc.constantFrom(100, 100, 30),
  hasCheckpoint: fc.boolean(),
  repeat: fc.constant(undefined),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: submitOf(wish) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("caps" as const),
      picks: fc.array(pick, { minLength: 1, maxLength: 8 }),
      orderShift: fc.constantFrom(0, 0, 0, 0, -1, 1),
      answers: fc.constantFrom("all" as const, "all" as const, "some" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("progress" as const),
      picks: fc.array(pick, { minLength: 1, maxLength: 3 }),
      outcome: fc.constantFrom("succeeded" as const, "succeeded" as const, "node" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      minutes: fc.constantFrom(0, 1, 5, 20),
      isExact: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("node" as const),
      what: fc.constantFrom(
        "node-lost" as const,
        "node-powered-off" as const,
        "node-ready" as const,
      ),
      sitePick: fc.constantFrom(0, 1),
      pick,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("budget" as const),
      id: fc.nat({ max: 2 }),
      sitePick: fc.constantFrom(0, 1),
      domainPick: fc.nat({ max: 4 }),
      percent: fc.integer({ min: 60, max: 105 }),
      fromMinutes: fc.constantFrom(0, 5, 30),
      lastsMinutes: fc.constantFrom(15, 60, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("edit-site" as const), pick }) },
  { weight: 2, arbitrary: measureStep },
  { weight: 8, arbitrary: fc.constant({ kind: "place" as const }) },
);

/** Histories in which caps move all the time, and some nodes never answer. */
export const capSteps: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  minLength: 25,
  maxLength: 80,
  size: "max",
});

import * as fc from "fast-check";
import { gpuModels } from "./random-site.ts";
import type { Step, SubmitWish } from "./step.ts";

const pick = fc.nat({ max: 1000 });
const picks = fc.array(pick, { minLength: 1, maxLength: 3 });

function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** Somebody submits a few jobs. */
export function submitOf(wish: fc.Arbitrary<SubmitWish>): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant("submit" as const),
    owner: fc.constantFrom("aliya", "bolat"),
    wishes: fc.array(wish, { minLength: 1, maxLength: 4 }),
  });
}

const anyWish: fc.Arbitrary<SubmitWish> = fc.record({
  nodeCount: fc.constantFrom(1, 1, 1, 1, 1, 2, 2, 3, 5),
  gpusPerNode: fc.constantFrom(1, 1, 1, 2, 2, 4, 8),
  gpuModel: fc.constantFrom("", "", "", "", "alpha", ...gpuModels),
  sitePick: fc.constantFrom(0, 0, 0, 0, 1, 2, 1, 2, 3),
  walltimeMinutes: fc.constantFrom(1, 3, 10, 30, 31, 60, 240),
  priorityClass: fc.constantFrom("normal", "normal", "low", "high", "urgent"),
  beginInMinutes: rarely(fc.integer({ min: -5, max: 60 })),
  dependencies: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.record({
          pick,
          condition: fc.constantFrom(
            "after-ok" as const,
            "after-any" as const,
            "after-not-ok" as const,
          ),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    },
  ),
  taskCount: fc.constantFrom(1, 1, 1, 2, 6),
  taskThrottle: fc.constantFrom(0, 0, 1, 2),
  maxRetries: fc.constantFrom(0, 0, 1, 3),
  isHeld: fc.constantFrom(false, false, false, true),
  flexibilityTier: fc.constantFrom(0 as const, 10 as const, 25 as const, 50 as const, 50 as const),
  workloadClass: fc.constantFrom("", "straight", "bent"),
  capMinWatts: fc.constantFrom(0, 0, 0, 0, 0, 150, 300),
  nodesLess: fc.constantFrom(0, 0, 0, 1, 2),
  walltimePercent: fc.constantFrom(100, 100, 100, 50, 10),
  hasCheckpoint: fc.boolean(),
  repeat: rarely(fc.record({ pick, isSameBody: fc.boolean() })),
});

/** 0 and 1: the two sites; 2: none. */
const sitePick = fc.constantFrom(0, 0, 0, 1, 1, 1, 2);

export const measureStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("measure" as const),
  sitePick,
  minutes: fc.constantFrom(1, 3, 21, 21),
  capPart: fc.constantFrom(0.5, 0.5, 0.7, 0.97),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: submitOf(anyWish) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      what: fc.constantFrom("cancel-jobs" as const, "hold-jobs" as const, "release-jobs" as const),
      picks,
      by: fc.constantFrom(
        "owner" as const,
        "owner" as const,
        "operator" as const,
        "other" as const,
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      minutes: fc.constantFrom(0, 1, 1, 5, 20, 61, 300),
      isExact: fc.boolean(),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant("progress" as const),
      picks: fc.array(pick, { minLength: 1, maxLength: 5 }),
      outcome: fc.constantFrom(
        "succeeded" as const,
        "succeeded" as const,
        "succeeded" as const,
        "application" as const,
        "start" as const,
        "node" as const,
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("caps" as const),
      picks: fc.array(pick, { minLength: 1, maxLength: 5 }),
      orderShift: fc.constantFrom(0, 0, 0, 0, 0, -1, 1),
      answers: fc.constantFrom("all" as const, "some" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wild" as const),
      what: fc.constantFrom(
        "attempt-running" as const,
        "attempt-exited" as const,
        "stop-confirmed" as const,
        "checkpointed" as const,
      ),
      pick,
      attemptShift: fc.constantFrom(0, 0, -1, 1),
      nodes: fc.oneof(fc.constant([]), fc.array(fc.nat({ max: 12 }), { maxLength: 3 })),
      sitePick,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("node" as const),
      what: fc.constantFrom(
        "node-lost" as const,
        "node-powered-off" as const,
        "node-ready" as const,
        "node-ready" as const,
      ),
      sitePick,
      pick,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("operate" as const),
      what: fc.constantFrom(
        "cordon-nodes" as const,
        "uncordon-nodes" as const,
        "uncordon-nodes" as const,
        "confirm-power-off" as const,
      ),
      sitePick,
      picks,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("drain" as const),
      sitePick,
      picks,
      inMinutes: fc.constantFrom(-1, 0, 2, 30),
      thenDo: fc.constantFrom("requeue" as const, "cancel" as const, "wait" as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("budget" as const),
      id: fc.nat({ max: 4 }),
      sitePick,
      domainPick: fc.nat({ max: 20 }),
      percent: fc.integer({ min: 30, max: 105 }),
      fromMinutes: fc.constantFrom(-10, 0, 0, 5, 30, 90),
      lastsMinutes: fc.constantFrom(1, 15, 60, 60, 500, undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("remove-budget" as const),
      id: fc.nat({ max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("edit-site" as const), pick }) },
  { weight: 2, arbitrary: fc.constant({ kind: "tick" as const }) },
  { weight: 1, arbitrary: measureStep },
  { weight: 8, arbitrary: fc.constant({ kind: "place" as const }) },
);

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  minLength: 25,
  maxLength: 80,
  size: "max",
});

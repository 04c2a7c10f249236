import type { JobSpec as ApiJobSpec } from "@ertis/api";
import { expect, test } from "vitest";
import { specWith } from "../testing/hub.ts";
import { mappedSpec, specRules } from "../testing/mapped-spec.ts";
import { bodyHash } from "./body-hash.ts";
import { flexibilityToApi } from "./spec-flexibility.ts";
import { specFromApi } from "./spec-from-api.ts";
import type { Violation } from "./violation.ts";

const bending = {
  nodeCount: 8,
  walltimeMs: 7_200_000,
  deadlineTimeMs: 1_800_000_000_000,
  walltimeMinMs: 3_600_000,
  flexibilityTierPercent: 25,
  workloadClass: "pt_mpt_13b_lg",
  capMinWatts: 300,
  checkpoint: { saveMs: 30_000, restoreMs: 60_000 },
  nodeCountMin: 4,
} satisfies Partial<ApiJobSpec>;

function violationsOf(changes: Partial<ApiJobSpec>): readonly Violation[] {
  const violations: Violation[] = [];
  specFromApi(specWith({ ...bending, ...changes }), specRules, violations);
  return violations;
}

test("what a job says about bending arrives, and is shown again as it was said", () => {
  const spec = mappedSpec(bending);
  expect(spec).toMatchObject({
    nodeCountMin: 4,
    walltimeMin: 3_600_000,
    flexibilityTier: 25,
    workloadClass: "pt_mpt_13b_lg",
    capMin: 300,
    deadline: 1_800_000_000_000,
    checkpoint: { save: 30_000, restore: 60_000 },
  });
  expect({ ...bending, ...flexibilityToApi(spec) }).toEqual(bending);
});

test("a job that says nothing of it does not bend", () => {
  const spec = mappedSpec({ nodeCount: 8, walltimeMs: 7_200_000 });
  expect(spec).toMatchObject({
    nodeCountMin: 8,
    walltimeMin: 7_200_000,
    flexibilityTier: 0,
    workloadClass: "",
    capMin: 0,
  });
  expect(spec).not.toHaveProperty("deadline");
  expect(spec).not.toHaveProperty("checkpoint");
  expect(flexibilityToApi(spec)).toMatchObject({ nodeCountMin: 0, walltimeMinMs: 0 });
});

test.each([
  [{ nodeCountMin: 9 }, "spec.node_count_min", "found 9, but 1 to 8 (spec.node_count) is allowed"],
  [{ walltimeMinMs: 7_200_001 }, "spec.walltime_min_ms", "to spec.walltime_ms, 2 h, is allowed"],
  [{ walltimeMinMs: 1 }, "spec.walltime_min_ms", "but 1 s to"],
  [{ flexibilityTierPercent: 20 }, "spec.flexibility_tier_percent", "but 0, 10, 25 or 50"],
  [{ workloadClass: "Pre Train" }, "spec.workload_class", "for example pre-train"],
  [{ workloadClass: "a".repeat(64) }, "spec.workload_class", "1 to 63"],
  [{ capMinWatts: 10_001 }, "spec.cap_min_watts", "but 0 to 10000 is allowed"],
  [{ deadlineTimeMs: -1 }, "spec.deadline_time_ms", "found -1"],
  [{ beginTimeMs: 1_800_000_000_000 }, "spec.deadline_time_ms", "not after spec.begin_time_ms"],
  [
    { checkpoint: { saveMs: 0, restoreMs: 0 } },
    "spec.checkpoint.save_ms",
    "found 0 s, but 1 s to 1 h is",
  ],
  [
    { checkpoint: { saveMs: 1_000, restoreMs: 3_600_001 } },
    "spec.checkpoint.restore_ms",
    "found 1 h (3600001 ms), but 0 s to 1 h",
  ],
] as const)("%j is refused at %s", (changes, field, words) => {
  const violations = violationsOf(changes);
  expect(violations.map((one) => one.field)).toEqual([field]);
  expect(violations[0]?.description).toContain(words);
});

test("jobs that bend differently are different jobs; one that does not bend keeps its number", () => {
  const plain = { nodeCount: 8, walltimeMs: 7_200_000 };
  const numbers = [
    {},
    { nodeCountMin: 4 },
    { walltimeMinMs: 3_600_000 },
    { flexibilityTierPercent: 25 },
    { workloadClass: "inference" },
    { capMinWatts: 300 },
    { deadlineTimeMs: 1_800_000_000_000 },
    { checkpoint: { saveMs: 1_000, restoreMs: 0 } },
    { checkpoint: { saveMs: 1_000, restoreMs: 1_000 } },
  ].map((changes) => bodyHash("aigerim", mappedSpec({ ...plain, ...changes })));
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(
    bodyHash("aigerim", mappedSpec({ ...plain, nodeCountMin: 8, walltimeMinMs: 7_200_000 })),
  ).toBe(numbers[0]);
  expect(numbers[0]).toBe(3231278349704971);
});

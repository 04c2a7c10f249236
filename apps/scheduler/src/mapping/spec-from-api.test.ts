import type { JobSpec as ApiJobSpec } from "@ertis/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { specWith } from "../testing/hub.ts";
import { mappedSpec, specRules } from "../testing/mapped-spec.ts";
import { bodyHash } from "./body-hash.ts";
import { specFromApi } from "./spec-from-api.ts";
import type { Violation } from "./violation.ts";

test("whatever comes is either mapped or named, never thrown", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const count = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, Number.NaN));
  const entries = fc.array(fc.tuple(text, text), { maxLength: 4 });
  const anySpec = fc.record({
    project: text,
    name: text,
    nodeCount: count,
    gpusPerNode: count,
    walltimeMs: count,
    image: text,
    script: text,
    beginTimeMs: count,
    priorityClass: count,
    deadlineTimeMs: count,
    walltimeMinMs: count,
    flexibilityTierPercent: count,
    workloadClass: text,
    capMinWatts: count,
    nodeCountMin: count,
    checkpoint: fc.option(fc.record({ saveMs: count, restoreMs: count }), { nil: undefined }),
    labels: entries,
    env: entries,
  });
  fc.assert(
    fc.property(anySpec, ({ labels, env, ...rest }) => {
      const violations: Violation[] = [];
      const api = {
        ...specWith(),
        ...rest,
        labels: new Map(labels),
        env: new Map(env),
      } as ApiJobSpec;
      const spec = specFromApi(api, specRules, violations);
      expect(spec === undefined).toBe(violations.length > 0);
      expect(violations.every(({ field }) => field.startsWith("spec."))).toBe(true);
    }),
    { numRuns: 200, seed: 7 },
  );
});

test("equal parts of different jobs are one object", () => {
  const parts = { labels: new Map([["team", "kk"]]), command: ["python", "a.py"] };
  const a = mappedSpec({ name: "a", ...parts });
  const b = mappedSpec({ name: "b", labels: new Map(parts.labels), command: [...parts.command] });
  expect(a.labels).toBe(b.labels);
  expect(a.workload).toBe(b.workload);
  expect(a.retry).toBe(b.retry);
  expect(mappedSpec({}).labels).toBe(mappedSpec({}).labels);
});

test("the hash is the same for the same body, whatever the order of a map", () => {
  const one = mappedSpec({
    labels: new Map([
      ["a", "1"],
      ["b", "2"],
    ]),
  });
  const two = mappedSpec({
    labels: new Map([
      ["b", "2"],
      ["a", "1"],
    ]),
  });
  expect(bodyHash("aigerim", one)).toBe(bodyHash("aigerim", two));
  expect(bodyHash("aigerim", one)).not.toBe(bodyHash("bolat", one));
});

test("the hash of a known body never changes: logs hold it", () => {
  const spec = mappedSpec({ labels: new Map([["team", "kk"]]), script: "#!/bin/sh\necho қуат" });
  expect(bodyHash("aigerim", spec)).toBe(2_744_734_065_108_894);
});

test.each<[string, Partial<ApiJobSpec>]>([
  ["name", { name: "other" }],
  ["nodes", { nodeCount: 2 }],
  ["GPUs", { gpusPerNode: 4 }],
  ["walltime", { walltimeMs: 1_000_000 }],
  ["held", { held: true }],
  ["preemptible", { preemptible: true }],
  ["a moved character", { image: "registry.local/trai", script: "#!n" }],
  ["env", { env: new Map([["A", "b"]]) }],
  ["args", { args: ["x"] }],
  ["array", { array: { taskCount: 2, throttle: 0 } }],
  ["dependencies", { dependencies: [{ jobId: "7", condition: 2 }] }],
  ["begin time", { beginTimeMs: 5 }],
])("another %s gives another hash", (_what, changes) => {
  expect(bodyHash("aigerim", mappedSpec(changes))).not.toBe(bodyHash("aigerim", mappedSpec({})));
});

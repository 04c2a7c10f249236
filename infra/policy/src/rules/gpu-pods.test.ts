import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { gpuPods } from "./gpu-pods.ts";

const queued = { "kueue.x-k8s.io/queue-name": "default" };
const tolerant = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];

interface Changes {
  readonly labels?: unknown;
  readonly podLabels?: Fields;
  readonly tolerations?: unknown;
  readonly limits?: Fields;
}

function job(changes: Changes) {
  const limits = changes.limits ?? { "nvidia.com/h100-sxm-80gb": "8" };
  const spec = {
    tolerations: changes.tolerations,
    containers: [{ name: "a", resources: { limits } }],
  };
  return kubernetesObject({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "burn-in", namespace: "node-health", labels: changes.labels },
    spec: { template: { metadata: { labels: changes.podLabels }, spec } },
  });
}

test.each<[string, Changes]>([
  ["queued and tolerant", { labels: queued, tolerations: tolerant }],
  ["queued by its pods", { podLabels: queued, tolerations: tolerant }],
  ["tolerates everything", { labels: queued, tolerations: [{ operator: "Exists" }] }],
  ["no GPUs", { limits: { cpu: "1" } }],
  ["not known yet", { labels: unknownValue, tolerations: unknownValue }],
])("good: %s", (_, changes) => {
  expect(gpuPods.check(job(changes), smallFacts())).toEqual([]);
});

test.each<[string, Changes, string]>([
  ["no queue", { tolerations: tolerant }, "outside any queue"],
  ["no toleration", { labels: queued }, "does not tolerate the taint nvidia.com/gpu"],
  [
    "another toleration",
    { labels: queued, tolerations: [{ key: "x", operator: "Exists" }] },
    "does not tolerate",
  ],
])("bad: %s", (_, changes, says) => {
  expect(gpuPods.check(job(changes), smallFacts())).toEqual([expect.stringContaining(says)]);
});

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
  ["queued; the flavor tolerates", { labels: queued }],
  ["queued by its pods", { podLabels: queued, tolerations: tolerant }],
  ["no GPUs", { limits: { cpu: "1" } }],
  ["not known yet", { labels: unknownValue, tolerations: unknownValue }],
])("good: %s", (_, changes) => {
  expect(gpuPods.check(job(changes), smallFacts())).toEqual([]);
});

test.each<[string, Changes]>([
  ["tolerant, but in no queue", { tolerations: tolerant }],
  ["tolerates everything", { tolerations: [{ operator: "Exists" }] }],
])("bad: %s", (_, changes) => {
  expect(gpuPods.check(job(changes), smallFacts())).toEqual([
    expect.stringContaining("outside any queue"),
  ]);
});

test.each<[string, Changes]>([
  ["neither", {}],
  ["tolerates something else", { tolerations: [{ key: "x", operator: "Exists" }] }],
])("bad: %s", (_, changes) => {
  expect(gpuPods.check(job(changes), smallFacts())).toEqual([
    expect.stringContaining("outside any queue"),
    expect.stringContaining("does not tolerate the taint nvidia.com/gpu"),
  ]);
});

function cronJob(own: Fields, ofJobs: Fields) {
  const resources = { limits: { "nvidia.com/gpu": "8" } };
  const template = { spec: { tolerations: tolerant, containers: [{ name: "a", resources }] } };
  return kubernetesObject({
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "burn-in", namespace: "node-health", labels: own },
    spec: { jobTemplate: { metadata: { labels: ofJobs }, spec: { template } } },
  });
}

test("a CronJob: good where its Jobs are queued, bad where only it has the label", () => {
  expect(gpuPods.check(cronJob({}, queued), smallFacts())).toEqual([]);
  expect(gpuPods.check(cronJob(queued, {}), smallFacts())).toEqual([
    expect.stringContaining("under spec.jobTemplate.metadata"),
  ]);
});

test.each(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])(
  "a %s: its own label queues nothing, that of its pods does",
  (kind) => {
    const make = (own: Fields, ofPods: Fields) =>
      kubernetesObject({
        apiVersion: "apps/v1",
        kind,
        metadata: { name: "inference", namespace: "default", labels: own },
        spec: {
          template: {
            metadata: { labels: ofPods },
            spec: {
              tolerations: tolerant,
              containers: [{ name: "a", resources: { limits: { "nvidia.com/gpu": "8" } } }],
            },
          },
        },
      });
    expect(gpuPods.check(make(queued, {}), smallFacts())).toEqual([
      expect.stringContaining("under spec.template.metadata"),
    ]);
    expect(gpuPods.check(make({}, queued), smallFacts())).toEqual([]);
  },
);

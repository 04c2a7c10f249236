import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { podResources } from "./pod-resources.ts";

function pod(resources: unknown) {
  return kubernetesObject({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", resources }] },
  });
}

// A pod is its own template, so the examples lie where its spec is.
test.each([
  ["all set", { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } }],
  ["not known yet", unknownValue],
  [
    "one value not known yet",
    { requests: { cpu: unknownValue, memory: "1Gi" }, limits: { memory: "1Gi" } },
  ],
])("good: %s", (_, resources) => {
  expect(podResources.check(pod(resources), smallFacts())).toEqual([]);
});

test.each([
  ["nothing", undefined, "requests.cpu, requests.memory, limits.memory"],
  ["no limit", { requests: { cpu: "1", memory: "1Gi" } }, "limits.memory"],
  ["no request", { limits: { memory: "1Gi" } }, "requests.cpu, requests.memory"],
])("bad: %s", (_, resources, missing) => {
  expect(podResources.check(pod(resources), smallFacts())).toEqual([
    expect.stringContaining(`container c has no ${missing}.`),
  ]);
});

import { addonsOf } from "@ertis/charts";
import { expect, test } from "vitest";
import type { KubernetesObject, ObjectReference } from "../kubernetes/api-client.ts";
import type { StackState, StateResource } from "../recovery/state-export.ts";
import { addonHealth } from "./addon-health.ts";
import { workloadHealth } from "./workload-health.ts";

const addons = addonsOf("queues");

function release(name: string): StateResource {
  return {
    urn: `urn:pulumi:hall::queues::kubernetes:helm.sh/v3:Release::${name}/release`,
    type: "kubernetes:helm.sh/v3:Release",
    custom: true,
    id: name,
    provider: undefined,
    protect: false,
    retainOnDelete: false,
    inputs: { name },
    outputs: {},
  };
}

function workload(status: Readonly<Record<string, unknown>>, replicas = 2): KubernetesObject {
  return { metadata: { name: "one", generation: 3 }, spec: { replicas }, status };
}

const ready = { observedGeneration: 3, readyReplicas: 2, updatedReplicas: 2 };
const all: StackState = {
  resources: addons.map(({ name }) => release(name)),
  pendingOperations: [],
};

test("an add-on is as healthy as its own workload, which is read from its own cluster", async () => {
  const asked: ObjectReference[] = [];
  const found = await addonHealth(addons, {
    state: all,
    isLocal: false,
    read: async (resource, reference) => {
      asked.push(reference);
      expect(all.resources).toContain(resource);
      return reference.name.startsWith("kueue") ? workload(ready) : undefined;
    },
  });
  expect(asked).toEqual(
    addons.map(({ namespace, healthCheck }) => ({ ...healthCheck, namespace })),
  );
  expect(found.find(({ addon }) => addon === "kueue")).toEqual({
    addon: "kueue",
    workload: expect.stringMatching(/^Deployment \S+\/kueue-controller-manager$/u),
    result: "healthy",
    seen: "2 of 2 ready",
  });
  expect(found.filter(({ addon }) => addon !== "kueue").map(({ result }) => result)).toEqual(
    addons.slice(1).map(() => "unhealthy"),
  );
});

test("what the local profile only wrote down is neither healthy nor a failure", async () => {
  const found = await addonHealth(addons, {
    state: all,
    isLocal: true,
    read: async () => undefined,
  });
  expect(new Set(found.map(({ result, seen }) => `${result}: ${seen}`))).toEqual(
    new Set(["recorded: not installed"]),
  );
});

test("an add-on that its stack does not have is said to be missing", async () => {
  const found = await addonHealth(addons, {
    state: { resources: [], pendingOperations: [] },
    isLocal: true,
    read: async () => workload(ready),
  });
  expect(found.every(({ result, seen }) => result === "unhealthy" && /run up/u.test(seen))).toBe(
    true,
  );
});

test.each([
  ["Deployment", ready, true, "2 of 2 ready"],
  ["StatefulSet", { ...ready, readyReplicas: 1 }, false, "1 of 2 ready"],
  ["Deployment", { ...ready, updatedReplicas: 1 }, false, "2 of 2 ready, 1 up to date"],
  ["Deployment", { ...ready, observedGeneration: 2 }, false, "has not seen the last change"],
  ["Deployment", {}, false, "has not seen the last change"],
  [
    "DaemonSet",
    { observedGeneration: 3, desiredNumberScheduled: 5, numberReady: 5, updatedNumberScheduled: 5 },
    true,
    "5 of 5 ready",
  ],
  [
    "DaemonSet",
    { observedGeneration: 3, desiredNumberScheduled: 5, numberReady: 4, updatedNumberScheduled: 5 },
    false,
    "4 of 5 ready",
  ],
] as const)("a %s with status %j", (kind, status, isHealthy, seen) => {
  const health = workloadHealth(kind, workload(status));
  expect(health.isHealthy).toBe(isHealthy);
  expect(health.seen).toContain(seen);
});

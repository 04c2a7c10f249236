import { expect, test } from "vitest";
import { parseJsonPath, selectByPath } from "./json-path.ts";
import type { JsonObject } from "./json.ts";
import { builtInWait, checkService, needsEndpoints } from "./readiness.ts";
import { parseWaitFor } from "./wait-for.ts";
import type { Readiness } from "./wait-for.ts";
import { timeoutSecondsFor } from "./wait.ts";

function check(text: string, live: JsonObject): readonly Readiness[] {
  const parsed = parseWaitFor(text);
  if (parsed.kind === "invalid") {
    throw new Error(parsed.message);
  }
  return parsed.conditions.map((condition) => condition.check(live));
}

function builtIn(apiVersion: string, kind: string, live: JsonObject): Readiness | undefined {
  return builtInWait({ apiVersion, kind, isPatch: false })?.check(live);
}

const conditions = (...list: JsonObject[]): JsonObject => ({ status: { conditions: list } });

test.each([
  ["condition=Ready", conditions({ type: "Ready", status: "True" }), true],
  ["condition=Ready", conditions({ type: "Ready", status: "Unknown" }), false],
  ["condition=Ready=False", conditions({ type: "Ready", status: "False" }), true],
  ["condition=Ready", {}, false],
  ["jsonpath={.status.phase}=Running", { status: { phase: "Running" } }, true],
  ["jsonpath={.status.phase}=Running", { status: { phase: "Pending" } }, false],
  ["jsonpath={.status.phase}", { status: { phase: "Pending" } }, true],
  ["jsonpath={.status.phase}", { status: {} }, false],
  ["jsonpath={.status.ready}=true", { status: { ready: true } }, true],
  ["jsonpath={.status.nodes}=3", { status: { nodes: 3 } }, true],
  [
    'jsonpath={.status.conditions[?(@.type=="Up")].status}=True',
    conditions({ type: "Up", status: "True" }),
    true,
  ],
  [
    'jsonpath={.status.conditions[?(@.type=="Up")].status}=True',
    conditions({ type: "Down", status: "True" }),
    false,
  ],
])("%s on %j is %s", (text, live, isReady) => {
  expect(check(text, live).every((readiness) => readiness.isReady)).toBe(isReady);
});

test.each([
  "",
  "Ready",
  "condition=",
  "jsonpath={status}",
  "jsonpath={.a[?(@.b>1)]}=2",
  "[]",
  '["condition=Ready", 1]',
  "[broken",
])("%j is refused with what is allowed", (text) => {
  expect(parseWaitFor(text)).toMatchObject({
    kind: "invalid",
    message: expect.stringContaining("allowed are"),
  });
});

test("a path selects by name, index, wildcard and equality", () => {
  const root = {
    a: [
      { n: "x", v: 1 },
      { n: "y", v: 2 },
    ],
    "b.c": { d: true },
  };
  const select = (text: string) => selectByPath(root, parseJsonPath(text) ?? []);
  expect(select(".a[*].v")).toEqual([1, 2]);
  expect(select(".a[-1].v")).toEqual([2]);
  expect(select("$.a[?(@.v==2)].n")).toEqual(["y"]);
  expect(select("['b.c'].d")).toEqual([true]);
  expect(select(".missing.x")).toEqual([]);
});

test("a Deployment is ready when its newest version is, and no earlier", () => {
  const spec = { replicas: 2 };
  const status = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  const at = (generation: number, more: JsonObject = {}) =>
    builtIn("apps/v1", "Deployment", {
      metadata: { generation },
      spec,
      status: { ...status, ...more },
    });
  expect(at(2)?.isReady).toBe(true);
  expect(at(3)?.isReady).toBe(false);
  expect(at(2, { replicas: 3 })?.isReady).toBe(false);
  const stuck = {
    conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }],
  };
  expect(at(2, { ...stuck, availableReplicas: 1 })?.hasFailed).toBe(true);
});

test("StatefulSets, DaemonSets, Jobs and definitions have their own signs", () => {
  const generation = { metadata: { generation: 1 } };
  const set = {
    observedGeneration: 1,
    readyReplicas: 1,
    currentRevision: "a",
    updateRevision: "b",
  };
  expect(builtIn("apps/v1", "StatefulSet", { ...generation, spec: {}, status: set })?.isReady).toBe(
    false,
  );
  expect(
    builtIn("apps/v1", "StatefulSet", {
      ...generation,
      spec: {},
      status: { ...set, updateRevision: "a" },
    })?.isReady,
  ).toBe(true);
  const daemons = {
    observedGeneration: 1,
    desiredNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 1,
  };
  expect(builtIn("apps/v1", "DaemonSet", { ...generation, status: daemons })?.isReady).toBe(false);
  expect(
    builtIn("batch/v1", "Job", conditions({ type: "Complete", status: "True" }))?.isReady,
  ).toBe(true);
  expect(
    builtIn("batch/v1", "Job", conditions({ type: "Failed", status: "True" }))?.hasFailed,
  ).toBe(true);
  const definition = (list: JsonObject[]) =>
    builtIn("apiextensions.k8s.io/v1", "CustomResourceDefinition", conditions(...list));
  expect(definition([{ type: "Established", status: "True" }])?.isReady).toBe(true);
  expect(definition([{ type: "NamesAccepted", status: "False" }])?.hasFailed).toBe(true);
  expect(builtIn("v1", "PersistentVolumeClaim", {})).toBeUndefined();
});

test("a Service needs an endpoint only where it chooses pods", () => {
  const selector = { app: "a" };
  expect(needsEndpoints({ spec: { selector } })).toBe(true);
  expect(needsEndpoints({ spec: { selector, clusterIP: "None" } })).toBe(false);
  expect(needsEndpoints({ spec: { selector, type: "ExternalName" } })).toBe(false);
  expect(needsEndpoints({ spec: {} })).toBe(false);
  const slice = { endpoints: [{ conditions: { ready: false } }] };
  expect(checkService({ spec: { selector } }, [slice]).isReady).toBe(false);
  expect(
    checkService({ spec: { selector } }, [{ endpoints: [{ conditions: { ready: true } }] }])
      .isReady,
  ).toBe(true);
  expect(checkService({ spec: { type: "LoadBalancer" } }, []).isReady).toBe(false);
});

test("the engine's timeout beats the annotation, which beats ten minutes", () => {
  const annotated = { metadata: { annotations: { "pulumi.com/timeoutSeconds": "30" } } };
  expect(timeoutSecondsFor(annotated, 5)).toBe(5);
  expect(timeoutSecondsFor(annotated, 0)).toBe(30);
  expect(timeoutSecondsFor({}, 0)).toBe(600);
});

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { stringAt, toPropertyPath, valueAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { addressFor, applyAs, createDriver, startTestCluster } from "./testing/real-provider.ts";
import type { Driver, TestCluster } from "./testing/real-provider.ts";

const configMap = "kubernetes:core/v1:ConfigMap";
const namespace = "owned";
const head = { apiVersion: "v1", kind: "ConfigMap" };

let found: TestCluster;
let driver: Driver;

function running(): TestCluster & { readonly kind: "cluster" } {
  if (found.kind === "missing") {
    throw new Error(found.reason);
  }
  return found;
}

async function liveData(name: string): Promise<JsonObject> {
  const live = await running().cluster.get(addressFor("v1", "ConfigMap", { name, namespace }));
  // A ConfigMap's data are an object.
  return (live?.["data"] ?? {}) as JsonObject;
}

const map = (name: string, data: JsonObject, annotations?: JsonObject): JsonObject => ({
  metadata: { name, namespace, ...(annotations === undefined ? {} : { annotations }) },
  data,
});

beforeAll(async () => {
  found = await startTestCluster("ownership");
  if (found.kind === "cluster") {
    driver = createDriver(found.kubeconfigPath);
    await driver.create("kubernetes:core/v1:Namespace", "owned", { metadata: { name: namespace } });
  }
});

beforeEach((context) => {
  if (found.kind === "missing") {
    context.skip(found.reason);
  }
});

afterAll(async () => {
  if (found.kind === "cluster") {
    await found.stop();
  }
});

test("an object that exists is not adopted, and the message says how to import it", async () => {
  await applyAs(running().cluster, "someone", {
    ...head,
    ...map("theirs", { a: "1" }),
    metadata: { name: "theirs", namespace },
  });
  await expect(driver.create(configMap, "theirs", map("theirs", { a: "2" }))).rejects.toThrow(
    /owned\/theirs .*exists already.*pulumi import kubernetes:core\/v1:ConfigMap theirs owned\/theirs/,
  );
  expect(await liveData("theirs")).toEqual({ a: "1" });
});

test("fields that leave the program leave the object, others' fields stay", async () => {
  const made = await driver.create(configMap, "shared", map("shared", { a: "1", b: "1" }));
  await applyAs(running().cluster, "controller", {
    ...head,
    metadata: { name: "shared", namespace },
    data: { c: "3" },
  });
  expect((await driver.read(made))?.inputs).toEqual(made.inputs);
  await driver.update(made, map("shared", { a: "2" }));
  expect(await liveData("shared")).toEqual({ a: "2", c: "3" });
});

test("a field that another controller took is a conflict that names it, in preview and in update", async () => {
  const made = await driver.create(configMap, "fought", map("fought", { a: "1" }));
  await applyAs(running().cluster, "other-controller", {
    ...head,
    metadata: { name: "fought", namespace },
    data: { a: "9" },
  });
  const wanted = map("fought", { a: "2" });
  const refusal = /data\.a: conflict with "other-controller".*pulumi\.com\/patchForce/;
  await expect(driver.previewUpdate(made, wanted)).rejects.toThrow(refusal);
  await expect(driver.update(made, wanted)).rejects.toThrow(refusal);
  // A refresh reports it as drift instead of failing.
  const refreshed = await driver.read(made);
  expect(valueAt(refreshed?.inputs, "data", "a")).toBe("9");
  const forced = await driver.update(
    made,
    map("fought", { a: "2" }, { "pulumi.com/patchForce": "true" }),
  );
  expect(forced.result.kind).toBe("done");
  expect(await liveData("fought")).toEqual({ a: "2" });
});

test("a field of ignoreChanges is left to the controller that owns it", async () => {
  const made = await driver.create(configMap, "ignored", map("ignored", { a: "1", b: "1" }));
  await applyAs(running().cluster, "scaler", {
    ...head,
    metadata: { name: "ignored", namespace },
    data: { a: "7" },
  });
  // The engine puts the old value in place of an ignored one, and tells its path.
  const updated = await driver.update(made, map("ignored", { a: "1", b: "2" }), ["data.a"]);
  expect(updated.result.kind).toBe("done");
  expect(await liveData("ignored")).toEqual({ a: "7", b: "2" });
});

test("an edit by kubectl is drift, and the next update mends it", async () => {
  const made = await driver.create(configMap, "edited", map("edited", { a: "1" }));
  await applyAs(running().cluster, "kubectl-edit", {
    ...head,
    metadata: { name: "edited", namespace },
    data: { a: "8", extra: "x" },
  });
  expect(valueAt((await driver.read(made))?.inputs, "data")).toEqual({ a: "8" });
  await driver.previewUpdate(made, map("edited", { a: "2" }));
  await driver.update(made, map("edited", { a: "2" }));
  expect(await liveData("edited")).toEqual({ a: "2" });
});

test("an immutable field needs a new object, the old one first when the name is fixed", async () => {
  const role = (name: string): JsonObject => ({
    apiGroup: "rbac.authorization.k8s.io",
    kind: "Role",
    name,
  });
  const binding = (to: string, metadata: JsonObject): JsonObject => ({
    metadata,
    roleRef: role(to),
    subjects: [],
  });
  const token = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";
  const fixed = await driver.create(token, "bound", binding("a", { name: "bound", namespace }));
  const diff = await driver.diff(fixed, binding("b", { name: "bound", namespace }));
  expect(diff.replaces.map((change) => toPropertyPath(change.path))).toEqual(["roleRef.name"]);
  expect(diff.isDeletedFirst).toBe(true);
  const auto = await driver.create(token, "auto", binding("a", { namespace }));
  expect(auto.result.id).toMatch(/^owned\/auto-[0-9a-f]{8}$/);
});

test("the server's own word on an immutable field counts too", async () => {
  const token = "kubernetes:core/v1:ConfigMap";
  const made = await driver.create(token, "frozen", {
    ...map("frozen", { a: "1" }),
    immutable: true,
  });
  const diff = await driver.diff(made, { ...map("frozen", { a: "2" }), immutable: true });
  expect(diff.replaces.map((change) => toPropertyPath(change.path))).toEqual(["data.a"]);
});

test("without enableConfigMapMutable new contents are a new object", async () => {
  const strict = createDriver(running().kubeconfigPath, { enableConfigMapMutable: "false" });
  const made = await strict.create(configMap, "strict", map("strict", { a: "1" }));
  const diff = await strict.diff(made, map("strict", { a: "2" }));
  expect(diff.replaces).toHaveLength(1);
  expect(diff.isDeletedFirst).toBe(true);
});

test("a Secret's contents are secret in inputs, outputs and messages", async () => {
  const token = "kubernetes:core/v1:Secret";
  const inputs = {
    metadata: { name: "hidden", namespace },
    stringData: { password: "correct horse" },
  };
  const made = await driver.create(token, "hidden", inputs);
  expect(JSON.stringify(made.result.outputs)).toContain("1b47061264138c4ac30d75fd1eb44270");
  expect((await driver.read(made))?.inputs).toEqual(made.inputs);
  await running().cluster.apply(
    addressFor("v1", "Secret", { name: "hidden", namespace }),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "hidden", namespace },
      data: { password: "bmV3" },
    },
    { fieldManager: "kubectl-edit", isForced: true, isDryRun: false },
  );
  const drifted = await driver.read(made);
  expect(JSON.stringify(drifted?.inputs)).toContain('"password":"new"');
  const mended = await driver.update(made, inputs);
  expect(mended.result.kind).toBe("done");
  const invalid = driver.create(token, "bad name", {
    ...inputs,
    metadata: { name: "correct horse", namespace },
  });
  await expect(invalid).rejects.toThrow(/invalid/i);
  await expect(invalid).rejects.not.toThrow("correct horse");
});

test("a patch sets fields of an object that is there, and lets go of them", async () => {
  await applyAs(running().cluster, "someone", {
    ...head,
    metadata: { name: "patched", namespace },
    data: { a: "1" },
  });
  const token = "kubernetes:core/v1:ConfigMapPatch";
  await expect(driver.create(token, "none", map("none", { b: "2" }))).rejects.toThrow(
    /does not exist/,
  );
  const made = await driver.create(token, "patched", map("patched", { b: "2" }));
  expect(await liveData("patched")).toEqual({ a: "1", b: "2" });
  await driver.remove(made);
  expect(await liveData("patched")).toEqual({ a: "1" });
});

test("a missing namespace is asked for five times, then said", async () => {
  await expect(
    driver.create(configMap, "lost", {
      metadata: { name: "lost", namespace: "nowhere" },
      data: {},
    }),
  ).rejects.toThrow(/nowhere.*asked 5 times/);
});

test("an unreachable server, and one that forbids, are one clear message", async () => {
  const away = createDriver(running().kubeconfigPath, {
    kubeconfig: JSON.stringify({
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:9" } }],
      users: [{ name: "u", user: { token: "no" } }],
    }),
  });
  await expect(away.create(configMap, "away", map("away", {}))).rejects.toThrow(
    /the API server https:\/\/127\.0\.0\.1:9 cannot be reached/,
  );
  const made = await driver.create(configMap, "kept", map("kept", { a: "1" }));
  // A preview says nothing about a server that is not there.
  expect((await away.diff(made, map("kept", { a: "2" }))).replaces).toEqual([]);
  await expect(away.remove(made)).rejects.toThrow(/deleteUnreachable/);
  expect(stringAt(made.result.outputs, "metadata", "name")).toBe("kept");
});

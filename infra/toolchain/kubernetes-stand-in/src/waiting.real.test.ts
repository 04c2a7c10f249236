import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { stringAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import {
  addressFor,
  createDriver,
  openDefinition,
  startTestCluster,
} from "./testing/real-provider.ts";
import type { Driver, TestCluster } from "./testing/real-provider.ts";

const machine = "kubernetes:test.ertis.kz/v1:Machine";
const namespace = "waiting";

let found: TestCluster;
let driver: Driver;

function running(): TestCluster & { readonly kind: "cluster" } {
  if (found.kind === "missing") {
    throw new Error(found.reason);
  }
  return found;
}

beforeAll(async () => {
  found = await startTestCluster("waiting");
  if (found.kind === "cluster") {
    driver = createDriver(found.kubeconfigPath);
    await driver.create("kubernetes:core/v1:Namespace", "waiting", {
      metadata: { name: namespace },
    });
    const definition = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
    await driver.create(definition, "machine", openDefinition("Machine"));
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

const waitingFor = (name: string, waitFor: string, more: JsonObject = {}): JsonObject => ({
  metadata: {
    name,
    namespace,
    annotations: { "pulumi.com/waitFor": waitFor, "pulumi.com/timeoutSeconds": "30", ...more },
  },
  spec: { watts: 100 },
});

/** Plays the controller: writes a status as soon as the object is there. */
async function setStatus(name: string, status: JsonObject): Promise<void> {
  const { cluster } = running();
  const address = addressFor("test.ertis.kz/v1", "Machine", { name, namespace });
  await expect.poll(async () => cluster.get(address), { timeout: 10_000 }).toBeDefined();
  await cluster.patchJson({ ...address, name: `${name}/status` }, [
    { op: "add", path: "/status", value: status },
  ]);
}

test("waits for a condition, and takes no condition of an older generation", async () => {
  const creating = driver.create(machine, "one", waitingFor("one", "condition=Ready"));
  const ready = { type: "Ready", status: "True", observedGeneration: 0 };
  await setStatus("one", { conditions: [ready] });
  await expect
    .poll(() => driver.logged.map((entry) => entry.message).join("\n"), { timeout: 10_000 })
    .toContain("is of generation 0, the object is at 1");
  await setStatus("one", { conditions: [{ ...ready, observedGeneration: 1 }] });
  expect((await creating).result.kind).toBe("done");
});

test("waits until all of several expressions hold", async () => {
  const text = '["jsonpath={.status.phase}=Running", "condition=Ready=False"]';
  const creating = driver.create(machine, "two", waitingFor("two", text));
  await setStatus("two", { phase: "Running", conditions: [{ type: "Ready", status: "False" }] });
  expect((await creating).result.kind).toBe("done");
});

test("a timeout names the unmet condition and what was last seen, and keeps the object", async () => {
  const inputs = waitingFor("late", "condition=Ready", { "pulumi.com/timeoutSeconds": "1" });
  const creating = driver.create(machine, "late", inputs);
  await setStatus("late", {
    conditions: [{ type: "Ready", status: "False", reason: "NoPower", message: "the feed is off" }],
  });
  const { result } = await creating;
  expect(result).toMatchObject({ kind: "not-ready", id: "waiting/late" });
  expect(result.kind === "not-ready" ? result.reason : "").toMatch(
    /timed out after 1 s waiting for condition Ready=True of Machine waiting\/late .*last seen: condition Ready=False \(NoPower: the feed is off\)/,
  );
});

test("cancelling ends a wait at once and keeps the object", async () => {
  const own = createDriver(running().kubeconfigPath);
  const creating = own.create(machine, "cut", waitingFor("cut", "condition=Ready"));
  await expect
    .poll(() => own.logged.map((entry) => entry.message).join("\n"), { timeout: 10_000 })
    .toContain("waiting for condition Ready=True");
  const startMs = performance.now();
  own.provider.cancel();
  const { result } = await creating;
  expect(performance.now() - startMs).toBeLessThan(1000);
  expect(result.kind === "not-ready" ? result.reason : "").toMatch(/^cancelled while waiting/);
});

test("skipAwait waits for nothing; a wrong waitFor is refused before anything is made", async () => {
  const skipped = waitingFor("skipped", "condition=Ready", { "pulumi.com/skipAwait": "true" });
  expect((await driver.create(machine, "skipped", skipped)).result.kind).toBe("done");
  await expect(
    driver.create(machine, "wrong", waitingFor("wrong", "ready please")),
  ).rejects.toThrow(/"ready please".*allowed are condition=/);
  const address = addressFor("test.ertis.kz/v1", "Machine", { name: "wrong", namespace });
  expect(await running().cluster.get(address)).toBeUndefined();
});

test("a kind whose definition comes later is asked for until it is there", async () => {
  const definition = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
  const early = driver.create("kubernetes:test.ertis.kz/v1:Latecomer", "early", {
    metadata: { name: "early", namespace },
  });
  await driver.create(definition, "latecomer", openDefinition("Latecomer"));
  expect((await early).result.kind).toBe("done");
});

test("a failed Job ends the wait before its time", async () => {
  const { cluster } = running();
  const job = driver.create("kubernetes:batch/v1:Job", "doomed", {
    metadata: { name: "doomed", namespace },
    spec: {
      activeDeadlineSeconds: 1,
      template: {
        spec: {
          restartPolicy: "Never",
          nodeSelector: { nowhere: "true" },
          containers: [{ name: "main", image: "registry.test/main:1" }],
        },
      },
    },
  });
  const { result } = await job;
  expect(result.kind === "not-ready" ? result.reason : "").toMatch(
    /gave up waiting.*DeadlineExceeded/,
  );
  expect(
    await cluster.get(addressFor("batch/v1", "Job", { name: "doomed", namespace })),
  ).toBeDefined();
});

test("a Service with a selector waits for an endpoint, one of type ExternalName does not", async () => {
  const labels = { app: "served" };
  const service = driver.create("kubernetes:core/v1:Service", "served", {
    metadata: { name: "served", namespace },
    spec: { selector: labels, ports: [{ port: 80 }] },
  });
  await expect
    .poll(() => driver.logged.map((entry) => entry.message).join("\n"), { timeout: 10_000 })
    .toContain("waiting for a ready endpoint of Service waiting/served");
  await driver.create("kubernetes:apps/v1:Deployment", "served", {
    metadata: { name: "served", namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "registry.test/main:1" }] },
      },
    },
  });
  expect((await service).result.kind).toBe("done");
  const elsewhere = await driver.create("kubernetes:core/v1:Service", "elsewhere", {
    metadata: { name: "elsewhere", namespace },
    spec: { type: "ExternalName", externalName: "localhost" },
  });
  expect(elsewhere.result.kind).toBe("done");
});

test("a deletion waits until the object is gone, and names the finalizers that hold it", async () => {
  const inputs = {
    metadata: { name: "held", namespace, finalizers: ["test.ertis.kz/held"] },
    data: {},
  };
  const made = await driver.create("kubernetes:core/v1:ConfigMap", "held", inputs);
  await expect(driver.remove(made, 1)).rejects.toThrow(
    /timed out after 1 s while deleting ConfigMap waiting\/held.*finalizers test\.ertis\.kz\/held/,
  );
  const address = addressFor("v1", "ConfigMap", { name: "held", namespace });
  await running().cluster.patchJson(address, [{ op: "remove", path: "/metadata/finalizers" }]);
  await driver.remove(made);
  expect(await driver.read(made)).toBeUndefined();
});

test("Helm releases are refused, or by wish recorded and not installed", async () => {
  const token = "kubernetes:helm.sh/v3:Release";
  const inputs = {
    name: "operator",
    namespace,
    chart: "oci://registry.test/charts/operator",
    version: "1.2.3",
    values: { password: "hush hush" },
  };
  await expect(driver.create(token, "operator", inputs)).rejects.toThrow(
    /cannot install Helm releases.*ERTIS_STAND_IN_HELM=record/,
  );
  const variables = process.env;
  variables["ERTIS_STAND_IN_HELM"] = "record";
  try {
    const made = await driver.create(token, "operator", inputs);
    expect(driver.logged.at(-1)?.message).toMatch(/recorded, not installed/);
    const address = addressFor("v1", "Secret", {
      name: "sh.helm.release.v1.operator.v1",
      namespace,
    });
    const record = await running().cluster.get(address);
    expect(record).toMatchObject({
      type: "helm.sh/release.v1",
      metadata: { labels: { owner: "helm", name: "operator", status: "deployed" } },
    });
    const kept = Buffer.from(stringAt(record, "data", "release") ?? "", "base64").toString();
    const { gunzipSync } = await import("node:zlib");
    const content = gunzipSync(Buffer.from(kept, "base64")).toString();
    expect(content).toContain('"version":"1.2.3"');
    expect(content).not.toContain("hush");
    expect((await driver.diff(made, { ...inputs, version: "1.2.4" })).replaces).toEqual([]);
    await driver.remove(made);
    expect(await running().cluster.get(address)).toBeUndefined();
  } finally {
    delete variables["ERTIS_STAND_IN_HELM"];
  }
});

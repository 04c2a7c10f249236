import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { missingParts } from "@ertis/infra-toolchain";
import type { JsonObject } from "./json.ts";
import {
  addressFor,
  applyAs,
  createDriver,
  openDefinition,
  startTestCluster,
} from "./testing/real-provider.ts";
import type { TestCluster } from "./testing/real-provider.ts";
import { createStack } from "./testing/stack.ts";
import type { EngineResult, StackState, TestStack } from "./testing/stack.ts";

const namespace = "engine";
const program = `
import * as k8s from "@pulumi/kubernetes";
const kubeconfig = process.env["KUBECONFIG"];
const provider = new k8s.Provider("cluster", {
  kubeconfig, clusterIdentifier: "test", enableServerSideApply: true, enableConfigMapMutable: true, enableSecretMutable: true,
});
const ns = new k8s.core.v1.Namespace("ns", { metadata: { name: "${namespace}" } }, { provider });
const metadata = (name) => ({ name, namespace: ns.metadata.name });
new k8s.core.v1.Secret("secret", { metadata: metadata("secret"), stringData: { key: "correct horse" } }, { provider });
const count = Number(process.env["TEST_COUNT"]);
for (let index = 0; index < count; index += 1) {
  const data = { value: index === 0 ? process.env["TEST_VALUE"] : "same" };
  new k8s.core.v1.ConfigMap("map-" + index, { metadata: metadata("map-" + index), data }, { provider });
}
// In the background, for the garbage collector hears of a new kind only after a while.
const machine = { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/deletionPropagationPolicy": "background" };
if (process.env["TEST_MACHINE"] === "yes") {
  const annotations = { ...machine, "pulumi.com/timeoutSeconds": "1" };
  new k8s.apiextensions.CustomResource("machine", {
    apiVersion: "test.ertis.kz/v1", kind: "Machine", metadata: { ...metadata("machine"), annotations }, spec: {},
  }, { provider });
}
if (process.env["TEST_SLOW"] === "yes") {
  const annotations = machine;
  new k8s.apiextensions.CustomResource("slow", {
    apiVersion: "test.ertis.kz/v1", kind: "Machine", metadata: { ...metadata("slow"), annotations }, spec: {},
  }, { provider });
}
if (process.env["TEST_ADOPTED"] === "yes") {
  const options = { provider, import: "${namespace}/adopted" };
  new k8s.core.v1.ConfigMap("adopted", { metadata: metadata("adopted"), data: { a: "1" } }, options);
  const read = k8s.core.v1.Secret.get("read", "${namespace}/secret", { provider });
  read.data.apply((data) => {
    if (Buffer.from(data["key"], "base64").toString() !== "correct horse") throw new Error("read something else");
  });
}
`;

let found: TestCluster;
let stack: TestStack | undefined;
let reason: string | undefined;

beforeAll(async () => {
  found = await startTestCluster("engine");
  if (found.kind === "missing") {
    reason = found.reason;
    return;
  }
  const { toolchain, directory, kubeconfigPath } = found;
  reason = missingParts(toolchain, [
    "pulumi",
    "pulumi-language-nodejs",
    "pulumi-resource-kubernetes",
  ]);
  const isReal = toolchain.parts.some(
    (part) => part.name === "pulumi-resource-kubernetes" && part.kind === "real",
  );
  reason ??= isReal
    ? "the real kubernetes plugin is installed, and the stand-in is not used beside it"
    : undefined;
  reason ??= process.platform === "linux" ? undefined : "looks for processes in /proc";
  if (reason === undefined) {
    const driver = createDriver(kubeconfigPath);
    const definition = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
    await driver.create(definition, "machine", openDefinition("Machine"));
    const variables = { KUBECONFIG: kubeconfigPath, TEST_COUNT: "3", TEST_VALUE: "1" };
    stack = await createStack({ toolchain, directory, program, variables });
  }
});

beforeEach((context) => {
  if (reason !== undefined) {
    context.skip(reason);
  }
});

afterAll(async () => {
  if (found.kind === "cluster") {
    await found.stop();
  }
});

function parts(): {
  readonly stack: TestStack;
  readonly cluster: TestCluster & { readonly kind: "cluster" };
} {
  if (stack === undefined || found.kind === "missing") {
    throw new Error("the tests before should have been skipped");
  }
  return { stack, cluster: found };
}

async function liveData(name: string): Promise<unknown> {
  const address = addressFor("v1", "ConfigMap", { name, namespace });
  return (await parts().cluster.cluster.get(address))?.["data"];
}

/** A run that failed shows what the engine said. */
function expectDone(result: EngineResult): void {
  expect(result.exitCode === 0 ? "done" : result.text).toBe("done");
}

const up = ["up", "--yes", "--skip-preview"];

test("a first preview needs no server, and says that this is a stand-in", async () => {
  const kubeconfig = JSON.stringify({
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "c" } }],
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:9" } }],
  });
  const preview = await parts().stack.run(["preview"], { KUBECONFIG: kubeconfig });
  expect(preview.text).toContain("+ 7 to create");
  expect(preview.text).toContain("stand-in for pulumi-resource-kubernetes");
  expect(preview.exitCode).toBe(0);
});

test("up creates, a second preview finds nothing, a change is exactly itself", async () => {
  const { stack: own } = parts();
  expectDone(await own.run(up));
  expectDone(await own.run(["preview", "--expect-no-changes"]));
  const changed = await own.run(["preview", "--diff"], { TEST_VALUE: "2" });
  expect(changed.text).toMatch(/~ value: "1" => "2"/);
  expect(changed.text).toContain("~ 1 to update");
  expectDone(await own.run(up, { TEST_VALUE: "2" }));
  expect(await liveData("map-0")).toEqual({ value: "2" });
  const state = JSON.stringify(await own.exportState());
  expect(state).not.toContain("correct horse");
  expect(state).not.toContain(Buffer.from("correct horse").toString("base64"));
});

test("drift on what the stack sets is found and mended, what others add is not reported", async () => {
  const { stack: own, cluster } = parts();
  const variables = { TEST_VALUE: "2" };
  const object = (name: string): JsonObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
  });
  const place = { name: "map-1", namespace };
  await applyAs(cluster.cluster, "controller", {
    ...object("map-1"),
    metadata: { ...place, labels: { added: "yes" } },
  });
  const quiet = await own.run(["preview", "--refresh", "--expect-no-changes"], variables);
  expect(quiet.exitCode).toBe(0);
  await applyAs(cluster.cluster, "kubectl-edit", {
    ...object("map-1"),
    metadata: place,
    data: { value: "edited" },
  });
  const drift = await own.run(["preview", "--refresh", "--expect-no-changes"], variables);
  expect(drift.exitCode).not.toBe(0);
  expectDone(await own.run([...up, "--refresh"], variables));
  expect(await liveData("map-1")).toEqual({ value: "same" });
});

test("an object that does not get ready is in the state with the reason, and the next up waits again", async () => {
  const { stack: own, cluster } = parts();
  const variables = { TEST_VALUE: "2", TEST_MACHINE: "yes" };
  const failed = await own.run(up, variables);
  expect(failed.exitCode).not.toBe(0);
  expect(failed.text).toMatch(
    /timed out after 1 s waiting for condition Ready=True of Machine engine\/machine/,
  );
  const kept = (await own.exportState()).deployment.resources?.find(({ urn }) =>
    urn.endsWith("::machine"),
  );
  expect(kept).toMatchObject({
    id: "engine/machine",
    initErrors: [expect.stringContaining("Ready=True")],
  });
  const address = addressFor("test.ertis.kz/v1", "Machine", { name: "machine/status", namespace });
  const status = { conditions: [{ type: "Ready", status: "True" }] };
  await cluster.cluster.patchJson(address, [{ op: "add", path: "/status", value: status }]);
  expectDone(await own.run(up, variables));
  expectDone(await own.run(["preview", "--expect-no-changes"], variables));
});

test("an interrupted engine ends a wait at once, and keeps what is there", async () => {
  const { stack: own, cluster } = parts();
  const engine = own.start(up, { TEST_VALUE: "2", TEST_SLOW: "yes" });
  const ended = once(engine, "exit");
  const address = addressFor("test.ertis.kz/v1", "Machine", { name: "slow", namespace });
  await expect
    .poll(async () => cluster.cluster.get(address), { timeout: 60_000, interval: 50 })
    .toBeDefined();
  engine.kill("SIGINT");
  await ended;
  const state = await own.exportState();
  const kept = state.deployment.resources?.find(({ urn }) => urn.endsWith("::slow"));
  expect(kept?.initErrors?.[0]).toMatch(/^cancelled while waiting for condition Ready=True/);
  expect(state.deployment.pending_operations ?? []).toEqual([]);
});

test("an object of somebody else is imported by wish, and a Secret is read", async () => {
  const { stack: own, cluster } = parts();
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "adopted", namespace } };
  await applyAs(cluster.cluster, "someone", { ...object, data: { a: "1" } });
  const variables = { TEST_VALUE: "2", TEST_ADOPTED: "yes" };
  const imported = await own.run(up, variables);
  expect(imported.text).toContain("1 imported");
  expectDone(imported);
  const again = await own.run(["preview", "--expect-no-changes"], variables);
  expectDone(again);
});

test("ends with a killed engine, and what that engine left is taken into the state", async () => {
  const { stack: own } = parts();
  const variables = { TEST_VALUE: "2", TEST_COUNT: "60" };
  const engine = own.start(up, variables);
  const ended = once(engine, "exit");
  await expect
    .poll(async () => liveData("map-12"), { timeout: 60_000, interval: 20 })
    .toBeDefined();
  engine.kill("SIGKILL");
  await ended;
  await expect
    .poll(() => own.processes("kubernetes-stand-in/src/main.ts"), { timeout: 1_500, interval: 50 })
    .toEqual([]);
  for (const pid of own.processes("pulumi-language-nodejs")) {
    process.kill(pid);
  }
  await own.run(["cancel", "--yes"]);
  await own.importState(withPendingCreated(await own.exportState()));
  expectDone(await own.run(["refresh", "--yes", "--skip-preview"]));
  const finished = await own.run(up, variables);
  expect(finished.text).not.toContain("exists already");
  expect(finished.exitCode).toBe(0);
  const state = await own.exportState();
  expect(state.deployment.pending_operations ?? []).toEqual([]);
  expect(state.deployment.resources).toHaveLength(64);
  expectDone(await own.run(["preview", "--expect-no-changes"], variables));
});

/** Objects whose creation was cut off, as if it had succeeded: a refresh drops those that are not there. */
function withPendingCreated(state: StackState): StackState {
  const { resources = [], pending_operations: pending = [], ...rest } = state.deployment;
  const known = new Set(resources.map(({ urn }) => urn));
  const created = pending
    .filter(({ type, resource }) => type === "creating" && !known.has(resource.urn))
    .map(({ resource }) => {
      const { name = "", namespace: place } = resource.inputs?.metadata ?? {};
      return { ...resource, id: place === undefined ? name : `${place}/${name}`, outputs: {} };
    });
  return { ...state, deployment: { ...rest, resources: [...resources, ...created] } };
}

test("destroy leaves nothing", async () => {
  const { stack: own, cluster } = parts();
  expectDone(await own.run(["destroy", "--yes", "--skip-preview"]));
  expect((await own.exportState()).deployment.resources ?? []).toEqual([]);
  const address = { ...addressFor("v1", "Namespace", { name: namespace }), namespace: undefined };
  expect(await cluster.cluster.get(address)).toBeUndefined();
});

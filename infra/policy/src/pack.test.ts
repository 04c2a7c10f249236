import { spawn } from "node:child_process";
import { once } from "node:events";
import { isAbsolute, relative } from "node:path";
import { defaultSitesDirectory } from "@ertis/provisioning-model/load";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kubernetesProviderType, rootType } from "./resource.ts";
import { rules } from "./rules/index.ts";
import { packPath, secret, startPack, unknownText } from "./testing/start-pack.ts";
import type { RunningPack, Shown } from "./testing/start-pack.ts";

// The pack's own process and protocol, with this file in the place of the engine.

const stack = { project: "clusters", stack: "pavlodar-hub-s1-h1" };
let pack: RunningPack;

beforeAll(async () => {
  pack = await startPack({ ...stack, environment: process.env });
});
afterAll(async () => {
  await pack.stop();
});

const root: Shown = { type: rootType, name: "clusters-pavlodar-hub-s1-h1", inputs: {} };

function objectOf(kind: string, name: string, rest: Shown["inputs"] = {}): Shown {
  const metadata = { name };
  return {
    type: `kubernetes:core/v1:${kind}`,
    name,
    inputs: { apiVersion: "v1", kind, metadata, ...rest },
  };
}

test("it offers every rule by its name", async () => {
  expect(await pack.policyNames()).toEqual(["observe", ...rules.map(({ name }) => name)]);
});

test("the site files of the repository pass", async () => {
  expect(await pack.judge(root)).toEqual([]);
});

test("without a configuration the profile is production", async () => {
  expect(await pack.judge(objectOf("Namespace", "pavlodar-hub-s1-h1"))).toEqual([
    { policy: "protection", message: expect.stringContaining("is not protected") },
  ]);
  const guarded = { ...objectOf("Namespace", "guarded"), isProtected: true };
  expect(await pack.judge(guarded)).toEqual([]);
});

test("a value that is not known yet raises nothing", async () => {
  expect(
    await pack.judge(objectOf("Service", unknownText, { spec: { type: unknownText } })),
  ).toEqual([]);
  expect(
    await pack.judge({
      type: kubernetesProviderType,
      name: "hall",
      inputs: { kubeconfig: secret(unknownText), clusterIdentifier: unknownText },
    }),
  ).toEqual([]);
});

test("marked secrets pass, plain ones do not", async () => {
  const data = { token: "aGVsbG8=" };
  expect(await pack.judge(objectOf("Secret", "marked", { data: secret(data) }))).toEqual([]);
  expect(await pack.judge(objectOf("Secret", "plain", { data }))).toEqual([
    { policy: "plain-secrets", message: expect.stringContaining("data.token: a secret's value") },
  ]);
});

test("stack rules judge the inputs, whatever the outputs became", async () => {
  const shown: Shown = {
    type: "kubernetes:cluster.x-k8s.io/v1beta2:Cluster",
    name: "cluster",
    isProtected: true,
    inputs: {
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "Cluster",
      metadata: { name: "pavlodar-hub-s1-h1" },
      spec: { topology: { controlPlane: { replicas: 2 }, version: "v1.35.6" } },
    },
  };
  expect(await pack.judge(shown)).toEqual([]);
  expect(await pack.judgeStack([root, { ...shown, inputs: {} }])).toEqual([
    { policy: "control-plane", message: expect.stringContaining("has 2 control plane nodes") },
  ]);
});

test("Kubernetes outside the tested matrix is stopped with the reason", async () => {
  const spec = { topology: { version: "v1.36.0" } };
  const metadata = { name: "pavlodar-hub-s1-h1" };
  const inputs = { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "Cluster", metadata, spec };
  const shown = { type: "kubernetes:cluster.x-k8s.io/v1beta2:Cluster", name: "c", inputs };
  expect(await pack.judge({ ...shown, isProtected: true })).toEqual([
    { policy: "tested-versions", message: expect.stringContaining("Network Operator") },
  ]);
});

test("the local profile is taken from the stack's configuration", async () => {
  const local = await startPack({ ...stack, environment: process.env });
  try {
    await local.configure({ "ertis:profile": "local", "ertis:hostsPerSite": "32" });
    expect(await local.judge(objectOf("Namespace", "pavlodar-hub-s1-h1"))).toEqual([]);
  } finally {
    await local.stop();
  }
});

test("site files that cannot be read are a violation with the way out, not a crash", async () => {
  const environment = { ...process.env, ERTIS_SITES_DIR: "/nowhere/sites" };
  const lost = await startPack({ ...stack, environment });
  try {
    expect(await lost.judge(root)).toEqual([
      { policy: "site-files", message: expect.stringContaining("ERTIS_SITES_DIR") },
    ]);
  } finally {
    await lost.stop();
  }
});

test("a relative directory of site files is meant from where the engine runs", async () => {
  const directory = relative(process.cwd(), defaultSitesDirectory);
  const environment = { ...process.env, ERTIS_SITES_DIR: directory };
  const started = await startPack({ ...stack, environment });
  try {
    expect(isAbsolute(directory)).toBe(false);
    expect(await started.judge(root)).toEqual([]);
  } finally {
    await started.stop();
  }
});

test("it ends when its engine is killed", async () => {
  const engine = spawn(
    process.execPath,
    [
      "-e",
      `require("node:child_process").spawn(${JSON.stringify(packPath)}, ["x"], {stdio: "inherit"})`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [port] = await once(engine.stdout, "data");
  expect(String(port)).toMatch(/^\d+\n$/);
  const packEnded = once(engine.stdout, "close");
  engine.kill("SIGKILL");
  // The pack holds the other end of this pipe, so it closes when the pack is gone.
  await packEnded;
});

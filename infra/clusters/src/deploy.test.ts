import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stackNeeds } from "@ertis/provisioning-model";
import { recordStack, type RecordedResource, runStack } from "@ertis/pulumi-kit/testing";
import { expect, onTestFinished, test } from "vitest";
import { deploy } from "./deploy.ts";

const hall = "pavlodar-hub-s1-h1";

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

function find(resources: readonly RecordedResource[], kind: string): RecordedResource {
  const found = resources.find(({ type }) => type.endsWith(`:${kind}`));
  if (found === undefined) {
    throw new Error(`no ${kind} among ${resources.map(({ name }) => name).join(", ")}`);
  }
  return found;
}

test("the Cluster depends on all it needs in its own deletion, and waits for its control plane", async () => {
  const resources = await runStack(deploy, { project: "clusters", stack: hall });
  const cluster = find(resources, "Cluster");
  const others = resources
    .filter(({ name }) => name.startsWith("cluster/") && name !== cluster.name)
    .map(({ name }) => name);
  expect(cluster.dependsOn.map(nameOf).toSorted()).toEqual(others.toSorted());
  expect(cluster.customTimeouts).toEqual({ create: "2h", update: "2h", delete: "2h" });
  expect(cluster.inputs["metadata"]).toMatchObject({
    annotations: {
      // Cluster API takes machines down before what they stand on; the garbage collector would not.
      "pulumi.com/deletionPropagationPolicy": "background",
      "pulumi.com/waitFor": "jsonpath={.status.initialization.controlPlaneInitialized}=true",
    },
  });
});

test("the class comes after its templates, so that a new one is there before it is named", async () => {
  const resources = await runStack(deploy, { project: "clusters", stack: hall });
  const templates = resources
    .filter(({ type }) => /:(?:Metal3(?:Cluster|Machine)|Kubeadm\w+)Template$/.test(type))
    .map(({ name }) => name);
  expect(templates.length).toBeGreaterThan(5);
  expect(find(resources, "ClusterClass").dependsOn.map(nameOf)).toEqual(
    expect.arrayContaining(templates),
  );
});

test("a hall that cannot be a cluster is refused with all reasons, before any resource", async () => {
  const sitesDirectory = mkdtempSync(join(tmpdir(), "ertis-clusters-"));
  onTestFinished(() => rmSync(sitesDirectory, { recursive: true }));
  cpSync(resolve(import.meta.dirname, "../../sites"), sitesDirectory, { recursive: true });
  const file = join(sitesDirectory, "provisioning/pavlodar-hub.yaml");
  writeFileSync(file, `${readFileSync(file, "utf8")}\nhostStates: {${hall}-m1: repair}\n`);
  const refusal = runStack(deploy, {
    project: "clusters",
    stack: hall,
    sitesDirectory,
    // An update whose predecessor is not up: the files are judged before anything else is asked for.
    isPreview: false,
    kubeconfig: import.meta.filename,
  });
  await expect(refusal).rejects.toThrow(
    /cannot be a cluster.*2 control plane hosts in production and needs 3.*in 2 power feeds/s,
  );
});

test("in production Cluster and class are protected, templates are free to rotate", async () => {
  const resources = await runStack(deploy, { project: "clusters", stack: hall });
  const guarded = resources.filter(({ protect }) => protect).map(({ type }) => type);
  expect(new Set(guarded.map((type) => type.split(":").at(-1)))).toEqual(
    new Set(["Cluster", "ClusterClass"]),
  );
  const local = await runStack(deploy, {
    project: "clusters",
    stack: hall,
    config: { "ertis:profile": "local" },
  });
  expect(local.filter(({ protect }) => protect)).toEqual([]);
});

test("the fact is where Cluster API keeps the kubeconfig", async () => {
  const { outputs } = await recordStack(deploy, {
    project: "clusters",
    stack: hall,
    isPreview: false,
    kubeconfig: import.meta.filename,
    outputsOfOtherStacks: { [`inventory/${hall}`]: { namespace: hall } },
  });
  expect(outputs).toEqual({ kubeconfigSecret: `${hall}/${hall}-kubeconfig` });
});

test("machines in memory are written over the same class", async () => {
  const resources = await runStack(deploy, {
    project: "clusters",
    stack: hall,
    config: { "ertis:profile": "local", "ertis:infrastructure": "in-memory" },
  });
  expect(resources.some(({ type }) => type.endsWith(":DevMachineTemplate"))).toBe(true);
  expect(resources.some(({ type }) => type.includes("Metal3"))).toBe(false);
});

test("a registered cluster is a reference to its kubeconfig under the same name", async () => {
  const { resources, outputs } = await recordStack(deploy, {
    project: "clusters",
    stack: "national-supercomputer",
    isPreview: false,
    kubeconfig: import.meta.filename,
    outputsOfOtherStacks: { "management/main": { addons: {} } },
  });
  expect(outputs).toEqual({
    kubeconfigSecret: "national-supercomputer/national-supercomputer-kubeconfig",
  });
  expect(find(resources, "Namespace").protect).toBe(true);
  expect(resources.some(({ type }) => type.endsWith(":Cluster"))).toBe(false);
});

test.each([
  ["pavlodar-hub-s1-h1", "provisioned"],
  ["national-supercomputer", "registered"],
] as const)("%s reads the stacks that an up waits for", async (stack, mode) => {
  const { readStacks } = await recordStack(deploy, { project: "clusters", stack });
  const needs = stackNeeds({ project: "clusters", stack }, mode);
  expect(readStacks).toEqual(needs.map((need) => `${need.project}/${need.stack}`));
});

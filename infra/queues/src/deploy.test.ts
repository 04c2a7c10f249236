import { stackNeeds } from "@ertis/provisioning-model";
import { recordStack, type RecordedResource, type StackRecord } from "@ertis/pulumi-kit/testing";
import { expect, test } from "vitest";
import { deploy } from "./deploy.ts";

const hall = "pavlodar-hub-s1-h1";
const clusters = (stack: string): Readonly<Record<string, unknown>> => ({
  kubeconfigSecret: `${stack}/${stack}-kubeconfig`,
});

async function record(
  stack: string,
  outputsOfOtherStacks: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<StackRecord> {
  const update = { isPreview: false, kubeconfig: import.meta.filename } as const;
  return recordStack(deploy, { project: "queues", stack, ...update, outputsOfOtherStacks });
}

const needs = (resources: readonly RecordedResource[], kind: string): readonly string[] =>
  resources
    .filter(({ type }) => type.endsWith(`:${kind}`))
    .flatMap(({ dependsOn }) => dependsOn.map((urn) => urn.split("::").at(-1) ?? ""));

test("queues come after their flavors and go before them, all after Kueue", async () => {
  const { resources, outputs } = await record(hall, {
    [`clusters/${hall}`]: clusters(hall),
    [`platform/${hall}`]: { addons: {} },
  });
  expect(needs(resources, "ClusterQueue")).toEqual(
    expect.arrayContaining([
      "queues/ResourceFlavor/hall-power",
      "queues/ResourceFlavor/site-power",
      "kueue/release",
    ]),
  );
  expect(needs(resources, "LocalQueue")).toContain("queues/ClusterQueue/research");
  expect(outputs).toEqual({ clusterQueues: expect.arrayContaining(["research"]) as unknown });
});

test("a hall's queues need its platform, a registered site's do not", async () => {
  await expect(record(hall, { [`clusters/${hall}`]: clusters(hall) })).rejects.toThrow(
    /needs platform\/pavlodar-hub-s1-h1/,
  );
  const site = "national-supercomputer";
  const { outputs } = await record(site, { [`clusters/${site}`]: clusters(site) });
  expect(outputs["clusterQueues"]).not.toEqual([]);
});

test("first previews raise nothing", async () => {
  for (const stack of [hall, "national-supercomputer"]) {
    const { resources } = await recordStack(deploy, { project: "queues", stack });
    expect(resources.length).toBeGreaterThan(20);
  }
});

test.each([
  ["pavlodar-hub-s1-h1", "provisioned"],
  ["national-supercomputer", "registered"],
] as const)("%s reads the stacks that an up waits for", async (stack, mode) => {
  const { readStacks } = await recordStack(deploy, { project: "queues", stack });
  const named = stackNeeds({ project: "queues", stack }, mode);
  expect(readStacks).toEqual(named.map((need) => `${need.project}/${need.stack}`));
});

import { stackNeeds } from "@ertis/provisioning-model";
import {
  recordStack,
  type RecordedResource,
  runStack,
  type RunStackOptions,
} from "@ertis/pulumi-kit/testing";
import { expect, test } from "vitest";
import { deploy } from "./deploy.ts";

const hall = "pavlodar-hub-s1-h1";
const local = { "ertis:profile": "local", "ertis:hostsPerSite": "4" } as const;
const managementUp = { "management/main": { addons: {} } } as const;

async function record(
  options: Partial<RunStackOptions> = {},
): Promise<readonly RecordedResource[]> {
  return runStack(deploy, { project: "inventory", stack: hall, config: local, ...options });
}

const ofKind = (
  resources: readonly RecordedResource[],
  kind: string,
): readonly RecordedResource[] => resources.filter(({ type }) => type.endsWith(`:${kind}`));

test("each host comes after the reference to its credentials, and after nothing else", async () => {
  const resources = await record();
  const hosts = ofKind(resources, "BareMetalHost");
  expect(hosts.length).toBeGreaterThan(4);
  for (const host of hosts) {
    const [need, ...others] = host.dependsOn;
    expect(others).toEqual([]);
    expect(need).toMatch(new RegExp(`ExternalSecret/${hall}/${host.name.split("/").at(-1)}-bmc$`));
  }
});

test("what Metal3 writes into hosts is left to it after the create", async () => {
  const hosts = ofKind(await record(), "BareMetalHost");
  for (const { ignoreChanges, inputs } of hosts) {
    expect(ignoreChanges).toEqual(["spec.online", "spec.automatedCleaningMode"]);
    for (const field of ["image", "userData", "metaData", "networkData", "consumerRef"]) {
      expect(inputs).not.toHaveProperty(["spec", field]);
    }
  }
});

test("no credential is in the state: Secrets are references", async () => {
  expect(ofKind(await record(), "Secret")).toEqual([]);
});

test("nothing is protected on clusters of one machine", async () => {
  const guarded = (await record()).filter((one) => one.protect || one.retainOnDelete);
  expect(guarded).toEqual([]);
});

test("in production hosts are let go, not deleted, and their namespace stays", async () => {
  const resources = await record({ config: {} });
  const hosts = ofKind(resources, "BareMetalHost");
  expect(hosts.length).toBeGreaterThan(400);
  expect(hosts.every(({ protect, retainOnDelete }) => protect && retainOnDelete)).toBe(true);
  expect(ofKind(resources, "ExternalSecret").every((one) => one.retainOnDelete)).toBe(true);
  expect(ofKind(resources, "Namespace").every(({ protect }) => protect)).toBe(true);
});

test("an update with planned MACs is refused in production, naming the file to write", async () => {
  await expect(
    record({
      config: {},
      isPreview: false,
      kubeconfig: import.meta.filename,
      outputsOfOtherStacks: managementUp,
    }),
  ).rejects.toThrow(/no boot MAC from a delivery list.*deliveries\/pavlodar-hub-s1-h1\.yaml/s);
});

test("an update before management is refused; after it the namespace is the fact", async () => {
  const update = { isPreview: false, kubeconfig: import.meta.filename } as const;
  await expect(record(update)).rejects.toThrow(/needs management\/main/);
  const resources = await record({ ...update, outputsOfOtherStacks: managementUp });
  expect(ofKind(resources, "Namespace")).toHaveLength(1);
});

test.each([["pavlodar-hub-s1-h1", "provisioned"]] as const)(
  "%s reads the stacks that an up waits for",
  async (stack, mode) => {
    const { readStacks } = await recordStack(deploy, { project: "inventory", stack });
    const needs = stackNeeds({ project: "inventory", stack }, mode);
    expect(readStacks).toEqual(needs.map((need) => `${need.project}/${need.stack}`));
  },
);

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackNeeds } from "@ertis/provisioning-model";
import { provisioningBase, siteText } from "@ertis/provisioning-model/testing";
import {
  recordStack,
  type RecordedResource,
  runStack,
  type RunStackOptions,
} from "@ertis/pulumi-kit/testing";
import { expect, onTestFinished, test } from "vitest";
import { deploy } from "./deploy.ts";

const hall = "pavlodar-hub-s1-h1";
const local = { "ertis:profile": "local", "ertis:hostsPerSite": "4" } as const;
const managementUp = { "management/main": { addons: {} } } as const;

async function record(
  options: Partial<RunStackOptions> = {},
): Promise<readonly RecordedResource[]> {
  return runStack(deploy, { project: "inventory", stack: hall, config: local, ...options });
}

/** A hall of 17 hosts with the production profile, which takes all hosts of a hall. */
function smallProduction(): Partial<RunStackOptions> {
  const sitesDirectory = mkdtempSync(join(tmpdir(), "ertis-inventory-"));
  onTestFinished(() => rmSync(sitesDirectory, { recursive: true }));
  mkdirSync(join(sitesDirectory, "provisioning"));
  writeFileSync(join(sitesDirectory, "small.yaml"), siteText);
  writeFileSync(join(sitesDirectory, "provisioning/small.yaml"), provisioningBase);
  return { config: {}, stack: "small-s1-h1", sitesDirectory };
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
  const resources = await record(smallProduction());
  const hosts = ofKind(resources, "BareMetalHost");
  expect(hosts).toHaveLength(17);
  expect(hosts.every(({ protect, retainOnDelete }) => protect && retainOnDelete)).toBe(true);
  expect(ofKind(resources, "ExternalSecret").every((one) => one.retainOnDelete)).toBe(true);
  expect(ofKind(resources, "Namespace").every(({ protect }) => protect)).toBe(true);
});

test("an update with planned MACs is refused in production, naming the file to write", async () => {
  await expect(
    record({
      ...smallProduction(),
      isPreview: false,
      kubeconfig: import.meta.filename,
      outputsOfOtherStacks: managementUp,
    }),
  ).rejects.toThrow(/no boot MAC from a delivery list.*deliveries\/small-s1-h1\.yaml/s);
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
    const { readStacks } = await recordStack(deploy, {
      project: "inventory",
      stack,
      config: local,
    });
    const needs = stackNeeds({ project: "inventory", stack }, mode);
    expect(readStacks).toEqual(needs.map((need) => `${need.project}/${need.stack}`));
  },
);

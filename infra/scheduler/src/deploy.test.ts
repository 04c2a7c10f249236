import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { stackNeeds } from "@ertis/provisioning-model";
import { recordStack } from "@ertis/pulumi-kit/testing";
import { expect, test } from "vitest";
import { deploy } from "./deploy.ts";

test("the server comes after its account and configuration, on the management cluster", async () => {
  const { resources, outputs } = await recordStack(deploy, {
    project: "scheduler",
    stack: "main",
    isPreview: false,
    kubeconfig: import.meta.filename,
    outputsOfOtherStacks: { "management/main": { addons: {} } },
  });
  const server = resources.find(({ type }) => /:(?:Deployment|StatefulSet)$/.test(type));
  const needs = server?.dependsOn.map((urn) => urn.split("::").at(-1)?.split("/")[1]);
  expect(needs).toEqual(expect.arrayContaining(["ServiceAccount", "ConfigMap"]));
  expect(server?.provider).toContain("::management::");
  expect(outputs["deployment"]).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+$/);
});

test("the server gets the site files as they are written", async () => {
  const { resources } = await recordStack(deploy, { project: "scheduler", stack: "main" });
  const siteMap = resources.find(({ name }) => name.endsWith("-site-pavlodar-hub"));
  const file = resolve(import.meta.dirname, "../../sites/pavlodar-hub.yaml");
  expect(siteMap?.inputs["data"]).toEqual({ "pavlodar-hub.yaml": readFileSync(file, "utf8") });
});

test("in production its memory is protected, and a first preview raises nothing", async () => {
  const { resources } = await recordStack(deploy, { project: "scheduler", stack: "main" });
  const guarded = resources.filter(({ protect }) => protect).map(({ type }) => type);
  expect(guarded).toContain("kubernetes:core/v1:PersistentVolumeClaim");
  expect(guarded).toContain("kubernetes:core/v1:Namespace");
});

test.each([["main", "provisioned"]] as const)(
  "%s reads the stacks that an up waits for",
  async (stack, mode) => {
    const { readStacks } = await recordStack(deploy, { project: "scheduler", stack });
    const needs = stackNeeds({ project: "scheduler", stack }, mode);
    expect(readStacks).toEqual(needs.map((need) => `${need.project}/${need.stack}`));
  },
);

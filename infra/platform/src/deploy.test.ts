import { stackNeeds } from "@ertis/provisioning-model";
import { recordStack } from "@ertis/pulumi-kit/testing";
import { expect, test } from "vitest";
import { deploy } from "./deploy.ts";

const hall = "pavlodar-hub-s1-h1";

test("all objects go to the hall's own cluster, custom ones after what brings their kind", async () => {
  const { resources, outputs } = await recordStack(deploy, {
    project: "platform",
    stack: hall,
    isPreview: false,
    kubeconfig: import.meta.filename,
    outputsOfOtherStacks: {
      [`clusters/${hall}`]: { kubeconfigSecret: `${hall}/${hall}-kubeconfig` },
    },
  });
  const objects = resources.filter(
    ({ isCustom, isRead, type }) => isCustom && !isRead && !type.startsWith("pulumi:"),
  );
  expect(objects.length).toBeGreaterThan(40);
  expect(objects.every(({ provider }) => provider.includes(`::${hall}::`))).toBe(true);
  const afterRelease = (kind: string): readonly string[] =>
    objects
      .filter(({ type }) => type.endsWith(`:${kind}`))
      .flatMap(({ dependsOn }) => dependsOn.map((urn) => urn.split("::").at(-1) ?? ""));
  expect(afterRelease("CephCluster")).toContain("rook-ceph/release");
  expect(afterRelease("NicClusterPolicy")).toContain("network-operator/release");
  expect(afterRelease("PrometheusRule")).toContain("kube-prometheus-stack/release");
  expect(outputs["addons"]).toHaveProperty("cilium");
  const guarded = objects.filter(({ protect }) => protect).map(({ type }) => type);
  expect(new Set(guarded)).toContain("kubernetes:ceph.rook.io/v1:CephCluster");
});

test("a first preview raises nothing", async () => {
  const { resources, outputs } = await recordStack(deploy, { project: "platform", stack: hall });
  expect(resources.length).toBeGreaterThan(40);
  expect(outputs).toEqual({});
});

test.each([["pavlodar-hub-s1-h1", "provisioned"]] as const)(
  "%s reads the stacks that an up waits for",
  async (stack, mode) => {
    const { readStacks } = await recordStack(deploy, { project: "platform", stack });
    const needs = stackNeeds({ project: "platform", stack }, mode);
    expect(readStacks).toEqual(needs.map((need) => `${need.project}/${need.stack}`));
  },
);

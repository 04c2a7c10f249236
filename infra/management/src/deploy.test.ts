import { stackNeeds } from "@ertis/provisioning-model";
import { recordStack, type RecordedResource, runStack } from "@ertis/pulumi-kit/testing";
import { expect, test } from "vitest";
import { deploy } from "./deploy.ts";

const record = async (config: Readonly<Record<string, string>> = {}) =>
  runStack(deploy, { project: "management", stack: "main", config });

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

function named(resources: readonly RecordedResource[], end: string): RecordedResource {
  const found = resources.find(({ name }) => name.endsWith(end));
  if (found === undefined) {
    throw new Error(`no ${end} among ${resources.map(({ name }) => name).join(", ")}`);
  }
  return found;
}

/** All that an object waits for, directly or through others. */
function everythingBefore(
  resources: readonly RecordedResource[],
  one: RecordedResource,
): ReadonlySet<string> {
  const before = new Set<string>();
  const visit = (urn: string): void => {
    if (!before.has(nameOf(urn))) {
      before.add(nameOf(urn));
      resources.find((resource) => resource.urn === urn)?.dependsOn.forEach(visit);
    }
  };
  one.dependsOn.forEach(visit);
  return before;
}

test("what an operator serves comes after it and goes before it", async () => {
  const resources = await record();
  for (const [object, addon] of [
    ["CoreProvider/capi-system/cluster-api", "cluster-api-operator/release"],
    ["Ironic/baremetal-operator-system/ironic", "ironic-standalone-operator/release"],
    ["Cluster/state-database/state-database", "cloudnative-pg/release"],
    ["ClusterSecretStore/openbao", "external-secrets/release"],
    ["cluster-api-operator/release", "cert-manager/release"],
  ] as const) {
    expect(everythingBefore(resources, named(resources, object))).toContain(addon);
  }
});

test("what uses a Secret comes after what makes it", async () => {
  const resources = await record();
  const before = (end: string): readonly string[] =>
    [...everythingBefore(resources, named(resources, end))].map((name) =>
      name.replace("management/", ""),
    );
  expect(before("openbao/release")).toContain("Certificate/openbao/openbao");
  expect(before("Cluster/state-database/state-database")).toEqual(
    expect.arrayContaining([
      "ExternalSecret/state-database/state-database-owner",
      "Certificate/state-database/state-database-server",
      "ClusterSecretStore/openbao",
    ]),
  );
});

test("releases are pinned, from the site's registry, atomic, and in namespaces of ours", async () => {
  const releases = (await record()).filter(({ type }) => type.endsWith(":Release"));
  expect(releases.length).toBeGreaterThan(7);
  for (const { inputs, dependsOn } of releases) {
    expect(inputs["chart"]).toMatch(/^oci:\/\/registry\..+\.kz\/charts\//);
    expect(inputs["version"]).toMatch(/^v?\d+\.\d+\.\d+$/);
    expect(inputs).toMatchObject({ atomic: true, createNamespace: false });
    expect(dependsOn.length).toBeGreaterThan(0);
  }
});

test("in production namespaces and the state database are protected, locally nothing is", async () => {
  const guarded = (await record()).filter(({ protect }) => protect).map(({ name }) => name);
  expect(guarded).toContain("management/Cluster/state-database/state-database");
  expect(guarded).toContain("management/Namespace/capi-system");
  const local = await record({ "ertis:profile": "local" });
  expect(local.filter(({ protect }) => protect)).toEqual([]);
});

test.each([["main", "provisioned"]] as const)(
  "%s reads the stacks that an up waits for",
  async (stack, mode) => {
    const { readStacks } = await recordStack(deploy, { project: "management", stack });
    const needs = stackNeeds({ project: "management", stack }, mode);
    expect(readStacks).toEqual(needs.map((need) => `${need.project}/${need.stack}`));
  },
);

import type { Manifest } from "@ertis/charts";
import * as k8s from "@pulumi/kubernetes";
import { expect, test } from "vitest";
import { ManifestSet } from "./manifest-set.ts";
import type { ManifestOptions } from "./manifest-set.ts";
import { recordProgram } from "./testing/record-program.ts";
import type { RecordedResource } from "./testing/recorded-resource.ts";

const crd: Manifest = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "baremetalhosts.metal3.io" },
  spec: { group: "metal3.io", names: { kind: "BareMetalHost" } },
};
const namespace: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "hall" } };

function host(name: string): Manifest {
  return {
    apiVersion: "metal3.io/v1alpha1",
    kind: "BareMetalHost",
    metadata: { name, namespace: "hall" },
    spec: { online: true },
  };
}

async function record(
  manifests: readonly Manifest[],
  options?: (manifest: Manifest) => ManifestOptions,
): Promise<readonly RecordedResource[]> {
  const { resources } = await recordProgram({ project: "inventory", stack: "hall" }, () => {
    const provider = new k8s.Provider("management", { kubeconfig: "/nowhere" });
    const set = new ManifestSet(
      "hosts",
      { manifests, ...(options === undefined ? {} : { options }) },
      { provider: () => provider },
    );
    return { count: set.resources.size };
  });
  return resources;
}

function named(resources: readonly RecordedResource[], name: string): RecordedResource {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) {
    throw new Error(
      `${name} is not among ${resources.map((resource) => resource.name).join(", ")}`,
    );
  }
  return found;
}

const dependencies = (resource: RecordedResource): readonly string[] =>
  resource.dependsOn.map((urn) => urn.split("::").at(-1) ?? "");

test("objects get typed classes, their set's name, the provider and the stack's label", async () => {
  const resources = await record([host("h1"), namespace]);
  const first = named(resources, "hosts/BareMetalHost/hall/h1");
  expect(first.type).toBe("kubernetes:metal3.io/v1alpha1:BareMetalHost");
  expect(first.inputs["metadata"]).toMatchObject({
    labels: { "ertis.kz/stack": "inventory.hall" },
  });
  expect(named(resources, "hosts/Namespace/hall").type).toBe("kubernetes:core/v1:Namespace");
  const set = named(resources, "hosts");
  expect(set.type).toBe("ertis:kit:ManifestSet");
  const provider = named(resources, "management");
  for (const resource of resources.filter(({ name }) => name.startsWith("hosts/"))) {
    expect(resource.parent).toBe(set.urn);
    expect(resource.provider).toMatch(provider.urn);
  }
});

test("an object waits for its namespace and its definition, whatever the order given", async () => {
  const resources = await record([host("h1"), crd, namespace]);
  const names = resources.map(({ name }) => name);
  expect(dependencies(named(resources, "hosts/BareMetalHost/hall/h1")).toSorted()).toEqual([
    "hosts/CustomResourceDefinition/baremetalhosts.metal3.io",
    "hosts/Namespace/hall",
  ]);
  expect(names.indexOf("hosts/Namespace/hall")).toBeLessThan(
    names.indexOf("hosts/BareMetalHost/hall/h1"),
  );
});

test("hundreds of hosts have one edge each", async () => {
  const hosts = Array.from({ length: 300 }, (_, index) => host(`h${index}`));
  const resources = await record([...hosts, namespace]);
  const counts = resources.filter(({ name }) => name.includes("/h")).map((r) => r.dependsOn.length);
  expect(counts).toHaveLength(300 + 1);
  expect(Math.max(...counts)).toBe(1);
});

test("pods wait for their account, its rights, their priority and configuration", async () => {
  const metadata = { name: "server", namespace: "hall" };
  const resources = await record([
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        template: {
          spec: {
            serviceAccountName: "server",
            priorityClassName: "system",
            volumes: [{ name: "c", configMap: { name: "server" } }],
          },
        },
      },
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { kind: "Role", name: "server" },
      subjects: [{ kind: "ServiceAccount", name: "server", namespace: "hall" }],
    },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "v1", kind: "ConfigMap", metadata },
    { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "system" } },
    namespace,
  ]);
  expect(dependencies(named(resources, "hosts/Deployment/hall/server")).toSorted()).toEqual([
    "hosts/ConfigMap/hall/server",
    "hosts/PriorityClass/system",
    "hosts/RoleBinding/hall/server",
    "hosts/ServiceAccount/hall/server",
  ]);
  expect(dependencies(named(resources, "hosts/RoleBinding/hall/server"))).toEqual([
    "hosts/Role/hall/server",
    "hosts/ServiceAccount/hall/server",
  ]);
});

test("options reach the object they are for, and keys name objects of the set", async () => {
  const resources = await record([host("h1"), host("h2"), namespace], (manifest) =>
    manifest.metadata.name === "h2"
      ? {
          protect: true,
          retainOnDelete: true,
          dependsOn: ["BareMetalHost/hall/h1"],
          customTimeouts: { create: "2h" },
          ignoreChanges: ["spec.online"],
        }
      : {},
  );
  const second = named(resources, "hosts/BareMetalHost/hall/h2");
  expect(second).toMatchObject({
    protect: true,
    retainOnDelete: true,
    ignoreChanges: ["spec.online"],
    customTimeouts: { create: "2h", update: "", delete: "" },
  });
  expect(dependencies(second)).toContain("hosts/BareMetalHost/hall/h1");
  expect(named(resources, "hosts/BareMetalHost/hall/h1")).toMatchObject({
    protect: false,
    retainOnDelete: false,
  });
});

test("conditions, skipped waits and built-in waits follow the table", async () => {
  const metadata = { name: "x", namespace: "hall" };
  const resources = await record([
    { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "Cluster", metadata },
    { apiVersion: "v1", kind: "Service", metadata },
    { apiVersion: "apps/v1", kind: "Deployment", metadata },
  ]);
  const annotations = (kind: string): unknown =>
    named(resources, `hosts/${kind}/hall/x`).inputs["metadata"];
  expect(annotations("Cluster")).toMatchObject({
    annotations: {
      "pulumi.com/waitFor": "jsonpath={.status.initialization.controlPlaneInitialized}=true",
    },
  });
  expect(annotations("Service")).toMatchObject({ annotations: { "pulumi.com/skipAwait": "true" } });
  expect(annotations("Deployment")).not.toHaveProperty("annotations");
});

test("refusals come before the first resource and name what to do", async () => {
  const unknownKind = { ...host("h1"), kind: "Toaster" };
  await expect(record([namespace, unknownKind])).rejects.toThrow(
    /Toaster\.metal3\.io h1.*packages\/pulumi-kit\/src\/waits\.ts/s,
  );
  await expect(record([host("h1"), namespace, host("h1")])).rejects.toThrow(
    /Two objects are called BareMetalHost\/hall\/h1: number 1 .* number 3/,
  );
  await expect(
    record([host("a"), host("b")], ({ metadata }) => ({
      dependsOn: [`BareMetalHost/hall/${metadata.name === "a" ? "b" : "a"}`],
    })),
  ).rejects.toThrow(/wait for each other: BareMetalHost\/hall\/a → .*b → .*a/);
  await expect(record([host("a")], () => ({ dependsOn: ["Namespace/no"] }))).rejects.toThrow(
    /after Namespace\/no, which is not in its set/,
  );
});

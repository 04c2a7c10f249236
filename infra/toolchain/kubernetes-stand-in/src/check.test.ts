import { expect, test } from "vitest";
import { checkInputs, isAutonamed } from "./check.ts";
import type { CheckOptions } from "./check.ts";
import type { JsonObject } from "./json.ts";
import { parseResourceType } from "./resource-type.ts";
import type { ResourceType } from "./resource-type.ts";
import { unknownValue } from "./wire-values.ts";

function typeOf(token: string): ResourceType {
  const parsed = parseResourceType(token);
  if (parsed.kind !== "type") {
    throw new Error(`${token} is no type`);
  }
  return parsed.type;
}

async function check(
  token: string,
  news: JsonObject,
  olds: JsonObject = {},
  more: Partial<CheckOptions> = {},
) {
  return checkInputs(news, olds, {
    type: typeOf(token),
    logicalName: "web",
    urn: `urn:pulumi:test::project::${token}::web`,
    randomSeed: new Uint8Array([1, 2, 3]),
    autonaming: undefined,
    defaultNamespace: async () => "default",
    ...more,
  });
}

function inputsOf(result: Awaited<ReturnType<typeof check>>): JsonObject {
  if (result.kind !== "inputs") {
    throw new Error(result.reason);
  }
  return result.inputs;
}

test("fills version, kind, name and namespace; the same seed gives the same name", async () => {
  const first = inputsOf(await check("kubernetes:core/v1:ConfigMap", { data: {} }));
  expect(first).toMatchObject({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "default" },
  });
  expect(first["metadata"]).toMatchObject({ name: expect.stringMatching(/^web-[0-9a-f]{8}$/) });
  expect(isAutonamed(first)).toBe(true);
  expect(inputsOf(await check("kubernetes:core/v1:ConfigMap", { data: {} }))).toEqual(first);
  const other = await check(
    "kubernetes:core/v1:ConfigMap",
    { data: {} },
    {},
    { randomSeed: new Uint8Array([9]) },
  );
  expect(inputsOf(other)["metadata"]).not.toEqual(first["metadata"]);
});

test("keeps the name it once gave, and any name that is given", async () => {
  const first = inputsOf(await check("kubernetes:core/v1:ConfigMap", { data: {} }));
  const again = await check("kubernetes:core/v1:ConfigMap", { data: { a: "1" } }, first, {
    randomSeed: new Uint8Array([9]),
  });
  expect(inputsOf(again)["metadata"]).toEqual(first["metadata"]);
  const named = inputsOf(
    await check("kubernetes:core/v1:Namespace", { metadata: { name: "hall" } }),
  );
  expect(named["metadata"]).toEqual({ name: "hall" });
});

test("adds no namespace where only a server knows whether there is one, or the kind has none", async () => {
  const custom = inputsOf(
    await check("kubernetes:metal3.io/v1alpha1:BareMetalHost", { metadata: { name: "h" } }),
  );
  expect(custom["metadata"]).toEqual({ name: "h" });
  const role = inputsOf(
    await check("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", { metadata: { name: "r" } }),
  );
  expect(role["metadata"]).toEqual({ name: "r" });
});

test("passes on what a preview does not know", async () => {
  const whole = inputsOf(await check("kubernetes:core/v1:ConfigMap", { metadata: unknownValue }));
  expect(whole["metadata"]).toBe(unknownValue);
  const name = inputsOf(
    await check("kubernetes:core/v1:ConfigMap", {
      metadata: { name: unknownValue, namespace: "n" },
    }),
  );
  expect(name["metadata"]).toEqual({ name: unknownValue, namespace: "n" });
});

test("follows the engine's autonaming, and refuses a patch without a name", async () => {
  const proposed = await check(
    "kubernetes:core/v1:ConfigMap",
    {},
    {},
    { autonaming: { mode: "enforce", proposedName: "exactly" } },
  );
  expect(inputsOf(proposed)["metadata"]).toMatchObject({ name: "exactly" });
  const off = await check(
    "kubernetes:core/v1:ConfigMap",
    {},
    {},
    { autonaming: { mode: "disable", proposedName: "" } },
  );
  expect(off).toMatchObject({ kind: "failure", property: "metadata.name" });
  expect(await check("kubernetes:core/v1:NodePatch", {})).toMatchObject({ kind: "failure" });
});

test("knows which types are objects, patches, releases, and which only the real plugin has", () => {
  expect(typeOf("kubernetes:apps/v1:Deployment")).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    isPatch: false,
  });
  expect(typeOf("kubernetes:core/v1:NodePatch")).toEqual({
    apiVersion: "v1",
    kind: "Node",
    isPatch: true,
  });
  expect(parseResourceType("kubernetes:helm.sh/v3:Release").kind).toBe("helm-release");
  for (const token of [
    "kubernetes:core/v1:PodList",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:kustomize/v2:Directory",
    "aws:s3:Bucket",
  ]) {
    expect(parseResourceType(token)).toMatchObject({ kind: "refused" });
  }
});

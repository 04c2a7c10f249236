import { expect, test } from "vitest";
import { ApiError, isImmutable } from "./api-error.ts";
import { describeConflict, isConflict } from "./conflict.ts";
import { describeFailure } from "./failure.ts";
import { ownedFields, ownershipPatch } from "./field-manager.ts";
import { parsePropertyPath, withIgnoredFields } from "./ignored-fields.ts";
import { immutableFields } from "./immutable-fields.ts";
import type { JsonObject } from "./json.ts";
import { toLiveInputs, toLiveStringData } from "./live-inputs.ts";
import { toManifest, toOutputs, withoutServerFields } from "./manifest.ts";
import { toSecret } from "./wire-values.ts";

test("live inputs have the shape of the old ones, and show what changed in it", () => {
  const inputs = {
    metadata: { name: "a", labels: { ours: "1" } },
    spec: { cpu: "1000m", list: [{ name: "x", v: 1 }], gone: "yes", args: ["a"] },
  };
  const outputs = {
    metadata: { name: "a", labels: { ours: "1" }, uid: "u" },
    spec: { cpu: "1", list: [{ name: "x", v: 1, added: true }], gone: "yes", args: ["a"] },
  };
  expect(toLiveInputs(inputs, outputs, outputs)).toEqual(inputs);
  const live = {
    metadata: { name: "a", labels: { ours: "2", theirs: "3" } },
    spec: {
      cpu: "2",
      list: [
        { name: "w", v: 9 },
        { name: "x", v: 5 },
      ],
      args: ["a", "b"],
    },
  };
  expect(toLiveInputs(inputs, live, outputs)).toEqual({
    metadata: { name: "a", labels: { ours: "2" } },
    spec: { cpu: "2", list: [{ name: "x", v: 5 }], args: ["a", "b"] },
  });
});

test("what a server leaves out because it is empty is no drift", () => {
  const inputs = { rules: [], spec: { on: false, note: "", labels: {} } };
  expect(toLiveInputs(inputs, { rules: null, spec: {} }, {})).toEqual(inputs);
});

test("texts of a Secret are compared as the data they became", () => {
  const live = { data: { a: Buffer.from("1").toString("base64"), other: "eA==" } };
  expect(toLiveStringData({ stringData: { a: "0", b: "2" } }, live)).toEqual({ a: "1" });
  const type = { apiVersion: "v1", kind: "Secret", isPatch: false };
  const manifest = toManifest(type, { data: { b: "eA==" }, stringData: toSecret({ a: "1" }) });
  expect(manifest).toEqual({ apiVersion: "v1", kind: "Secret", data: { a: "MQ==", b: "eA==" } });
  const outputs = toOutputs(type, live, { inputs: {}, fieldManager: "m" });
  expect(outputs["data"]).toEqual(toSecret(live.data));
});

const managed = (manager: string, operation: string, fieldsV1: JsonObject): JsonObject => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1,
});

test("created fields and kubectl's become applied ones of our name, others' and parts' stay", () => {
  const theirs = managed("controller", "Update", { "f:status": {} });
  const scaled = {
    ...managed("kubectl-scale", "Update", { "f:spec": { "f:replicas": {} } }),
    subresource: "scale",
  };
  const live = {
    metadata: {
      resourceVersion: "7",
      managedFields: [
        managed("ours", "Update", { "f:data": { "f:a": {} } }),
        managed("kubectl-edit", "Update", { "f:data": { "f:b": {} } }),
        theirs,
        scaled,
      ],
    },
  };
  const patch = ownershipPatch(live, "ours", { isKubectlTakenOver: true });
  expect(patch?.[1]).toMatchObject({
    path: "/metadata/managedFields",
    value: [theirs, scaled, managed("ours", "Apply", { "f:data": { "f:a": {}, "f:b": {} } })],
  });
  const settled = {
    metadata: { resourceVersion: "8", managedFields: [managed("ours", "Apply", {}), theirs] },
  };
  expect(ownershipPatch(settled, "ours", { isKubectlTakenOver: true })).toBeUndefined();
});

test("an import takes what our name owns, inside keyed lists too", () => {
  const live = {
    metadata: {
      managedFields: [
        managed("ours", "Apply", {
          "f:spec": {
            "f:cpu": {},
            "f:items": { 'k:{"name":"x"}': { ".": {}, "f:name": {}, "f:v": {} } },
          },
        }),
      ],
    },
    spec: { cpu: "1", added: true, items: [{ name: "w" }, { name: "x", v: 1, added: true }] },
  };
  expect(ownedFields(live, "ours")).toEqual({ spec: { cpu: "1", items: [{ name: "x", v: 1 }] } });
  expect(ownedFields(live, "nobody")).toBeUndefined();
  expect(withoutServerFields({ metadata: { name: "a", uid: "u" }, status: {} })).toEqual({
    metadata: { name: "a" },
  });
});

test("ignored fields are left to their owners, and kept where they are ours", () => {
  const live = {
    metadata: {
      managedFields: [
        managed("ours", "Apply", { "f:spec": { "f:kept": {} } }),
        managed("scaler", "Update", { "f:spec": { "f:replicas": {} } }),
      ],
    },
    spec: { replicas: 5, kept: "live" },
  };
  const paths = ["spec.replicas", "spec.kept", "spec.absent", "spec.list[0]"];
  const manifest = { spec: { replicas: 1, kept: "old", absent: 1 } };
  expect(withIgnoredFields(manifest, live, { paths, fieldManager: "ours" })).toEqual({
    spec: { kept: "live", absent: 1 },
  });
  expect(parsePropertyPath('metadata.annotations["a.b/c"]')).toEqual([
    "metadata",
    "annotations",
    "a.b/c",
  ]);
});

function conflict(...messages: readonly string[]): ApiError {
  const causes = messages.map((message) => ({
    reason: "FieldManagerConflict",
    field: ".spec.a",
    message,
  }));
  return new ApiError(409, "conflicts", { reason: "Conflict", causes });
}

test("a conflict names the others, and none of the names that an update takes over", () => {
  const type = { apiVersion: "v1", kind: "ConfigMap", isPatch: false };
  const address = { type, name: "a", namespace: "n" };
  const error = conflict('conflict with "hpa" using v1', 'conflict with "kubectl-edit" using v1');
  expect(isConflict(error)).toBe(true);
  expect(describeConflict(error, address, "ours")).toMatch(
    /^ConfigMap n\/a \(v1\):.*"hpa".*patchForce/,
  );
  expect(describeConflict(error, address, "ours")).not.toContain("kubectl-edit");
  expect(
    describeConflict(conflict('conflict with "ours" using v1'), address, "ours"),
  ).toBeUndefined();
});

test("messages hold no secret of the inputs", () => {
  const error = new ApiError(422, 'data: Invalid value: "correct horse"', {
    reason: "Invalid",
    causes: [],
  });
  const shown = describeFailure(error, { data: toSecret({ key: "correct horse" }) }).message;
  expect(shown).toContain("[secret]");
  expect(shown).not.toContain("correct horse");
  const forbidden = new ApiError(403, 'User "u" cannot create resource "pods"', {
    reason: "Forbidden",
    causes: [],
  });
  expect(describeFailure(forbidden, {}).message).toMatch(
    /forbidden.*User "u" cannot create.*Grant this verb/,
  );
});

test("immutable fields come from a table and from the server's word", () => {
  const rules = { isConfigMapMutable: true, isSecretMutable: false };
  const places = (apiVersion: string, kind: string) =>
    immutableFields({ apiVersion, kind, isPatch: false }, rules);
  expect(places("apps/v1", "Deployment")).toContain("spec.selector");
  expect(places("v1", "ConfigMap")).not.toContain("data");
  expect(places("v1", "Secret")).toContain("stringData");
  const said = (message: string) => new ApiError(422, message, { reason: "Invalid", causes: [] });
  expect(isImmutable(said("spec.x: Invalid value: 1: field is immutable"))).toBe(true);
  expect(isImmutable(said("spec.x: Required value"))).toBe(false);
});

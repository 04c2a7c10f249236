import { expect, test } from "vitest";
import type { KubernetesObject } from "../kubernetes/api-client.ts";
import { writersOf } from "./field-writers.ts";

const object: KubernetesObject = {
  metadata: {
    name: "one",
    managedFields: [
      { manager: "pulumi-kubernetes-1a2b3c4d", fieldsV1: { "f:data": { "f:a": {}, "f:b": {} } } },
      { manager: "kubectl-edit", fieldsV1: { "f:data": { "f:a": {} } } },
      {
        manager: "controller",
        fieldsV1: { "f:spec": { "f:list": { 'k:{"name":"x"}': { "f:value": {} } } } },
      },
    ],
  },
};

function writers(path: string): readonly string[] {
  return writersOf(object, [{ path, kind: "update", before: 1, after: 2 }]);
}

test("names who wrote a field, but not the stacks themselves", () => {
  expect(writers("data.a")).toEqual(["kubectl-edit"]);
  expect(writers("data.b")).toEqual([]);
  expect(writers('data["a"]')).toEqual(["kubectl-edit"]);
});

test("looks into the items of lists", () => {
  expect(writers("spec.list[0].value")).toEqual(["controller"]);
  expect(writers("spec.list[0].other")).toEqual([]);
});

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterPolicyValues } from "@ertis/charts";
import { definitionsDirectory } from "@ertis/infra-toolchain";
import { beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
}

const file = join(definitionsDirectory(), "gpu-operator", "nvidia.com_clusterpolicies.yaml");

beforeEach((context) => {
  if (!existsSync(file)) {
    context.skip(`needs ${file}: set ERTIS_CRDS_DIR`);
  }
});

function policySchema(): Schema {
  const definition: {
    readonly spec: {
      readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
    };
  } = parse(readFileSync(file, "utf8"));
  const spec = definition.spec.versions[0]?.schema.openAPIV3Schema.properties?.["spec"];
  if (spec === undefined) {
    throw new Error("the definition of ClusterPolicy has no spec");
  }
  return spec;
}

/** What an API server would refuse in a value, with its path. */
function problems(value: unknown, schema: Schema, path: string): readonly string[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return schema.type !== "array" || items === undefined
      ? [`${path} is a list and should be ${schema.type}`]
      : value.flatMap((item, index) => problems(item, items, `${path}[${index}]`));
  }
  if (typeof value === "object" && value !== null) {
    const { properties = {} } = schema;
    const unknown = Object.keys(value).filter((key) => !(key in properties));
    const isOpen =
      schema.additionalProperties !== undefined ||
      schema["x-kubernetes-preserve-unknown-fields"] === true;
    return [
      ...(isOpen ? [] : unknown.map((key) => `${path}.${key} is no field`)),
      ...Object.entries(value).flatMap(([key, inner]) => {
        const known = properties[key];
        return known === undefined ? [] : problems(inner, known, `${path}.${key}`);
      }),
    ];
  }
  const isInEnum = schema.enum === undefined || schema.enum.includes(value);
  const type = Number.isInteger(value) && schema.type === "integer" ? "integer" : typeof value;
  // Without a type: a number or a text.
  return isInEnum && (schema.type === undefined || schema.type === type)
    ? []
    : [
        `${path} is ${JSON.stringify(value)} and should be ${JSON.stringify(schema.enum ?? schema.type)}`,
      ];
}

describe("the values that the GPU Operator's chart turns into a ClusterPolicy", () => {
  test("are fields of its definition, with the right types", () => {
    expect(
      problems(clusterPolicyValues("registry.small.ertis.kz"), policySchema(), "spec"),
    ).toEqual([]);
  });

  test("leave out nothing that is required but the operator, which the chart fills in", () => {
    const values = clusterPolicyValues("registry.small.ertis.kz");
    const missing = (policySchema().required ?? []).filter((field) => !(field in values));
    expect(missing).toEqual(["operator"]);
  });

  test("would be caught with a misspelt or mistyped field", () => {
    const wrong = { driver: { enabledd: true, enabled: "yes" }, mig: { strategy: "some" } };
    expect(problems(wrong, policySchema(), "spec")).toEqual([
      "spec.driver.enabledd is no field",
      'spec.driver.enabled is "yes" and should be "boolean"',
      'spec.mig.strategy is "some" and should be ["none","single","mixed"]',
    ]);
  });
});

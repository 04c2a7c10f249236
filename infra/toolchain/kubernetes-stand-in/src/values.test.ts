import fc from "fast-check";
import { expect, test } from "vitest";
import { isEqual, toPropertyPath, withValue } from "./json.ts";
import type { Json } from "./json.ts";
import { diffProperties, isChangedAt } from "./property-diff.ts";
import {
  fromStruct,
  hasUnknown,
  markSecretsLike,
  reveal,
  revealValue,
  toSecret,
  toStruct,
  unknownValue,
} from "./wire-values.ts";

const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

test("what goes through a message comes back", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(fromStruct(toStruct({ value }))).toEqual({ value });
    }),
  );
});

test("two values differ exactly where the diff says so", () => {
  fc.assert(
    fc.property(json, json, (left, right) => {
      expect(diffProperties(left, right).length === 0).toBe(isEqual(left, right));
    }),
  );
});

test("marking secrets changes no value, and hides what was hidden", () => {
  const marked = { data: toSecret({ a: "1" }), spec: { list: ["x", toSecret("y")] } };
  const plain = { data: { a: "2" }, spec: { list: ["x", "z"] }, status: { ok: true } };
  const result = markSecretsLike(plain, marked);
  expect(revealValue(result)).toEqual(plain);
  expect(result).toEqual({
    data: toSecret({ a: "2" }),
    spec: { list: ["x", toSecret("z")] },
    status: { ok: true },
  });
  // A list of another length cannot say which item is the secret one.
  expect(markSecretsLike(["y"], ["x", toSecret("y")])).toEqual(toSecret(["y"]));
});

test("nulls are not set, unknown values are found", () => {
  expect(reveal({ a: null, b: toSecret({ c: null, d: 1 }) })).toEqual({ b: { d: 1 } });
  expect(hasUnknown({ spec: [{ value: unknownValue }] })).toBe(true);
  expect(hasUnknown({ spec: [{ value: "known" }] })).toBe(false);
});

test("paths are written as the engine reads them", () => {
  expect(toPropertyPath(["spec", "containers", 0, "image"])).toBe("spec.containers[0].image");
  expect(toPropertyPath(["data", "a.b"])).toBe('data["a.b"]');
  expect(withValue({ a: { b: 1 } }, ["a", "c", "d"], 2)).toEqual({ a: { b: 1, c: { d: 2 } } });
});

test("a change touches the places above and below it, and no others", () => {
  const change = { path: ["spec", "selector", "matchLabels", "app"], kind: "update" } as const;
  expect(isChangedAt(change, "spec.selector")).toBe(true);
  expect(isChangedAt({ path: ["spec"], kind: "delete" }, "spec.selector")).toBe(true);
  expect(isChangedAt(change, "spec.select")).toBe(false);
  expect(isChangedAt({ path: ["spec", "list", 0], kind: "update" }, "spec.list")).toBe(true);
});

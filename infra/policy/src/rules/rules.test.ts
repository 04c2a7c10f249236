import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rules } from "./index.ts";

const named = rules.map(({ name }) => name);

test.each(named)("%s has a file of its name and examples beside it", (name) => {
  expect(existsSync(join(import.meta.dirname, `${name}.ts`))).toBe(true);
  expect(existsSync(join(import.meta.dirname, `${name}.test.ts`))).toBe(true);
});

test("names are unique, and descriptions are a sentence", () => {
  expect(new Set(named).size).toBe(named.length);
  const descriptions = rules.map(({ description }) => description);
  expect(descriptions.filter((text) => !/^[A-Z].*\.$/.test(text))).toEqual([]);
});

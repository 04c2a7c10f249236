import { globSync } from "node:fs";
import { expect, test } from "vitest";
import { findDocuments, readText, root } from "./documents.ts";

/** Only to warn of it may it be named, after the word "not". */
const fromRegistry = /(?<!\bnot (?:type|as) [\\`"]*)\bnpx ertis\b/;

test("no document and no program tells to run `npx ertis`, elsewhere a stranger's package", () => {
  const exclude = ["**/node_modules/**", "**/generated/**", "**/*.test.ts"];
  const sources = globSync("{apps,packages}/**/*.{ts,txt}", { cwd: root, exclude });
  const found = [...findDocuments(), ...sources].filter((name) =>
    fromRegistry.test(readText(name)),
  );
  expect(sources.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
  expect(fromRegistry.test("$ npx ertis power")).toBe(true);
});

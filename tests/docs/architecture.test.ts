import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findInlineCode, findWorkspaces, readText, root } from "./documents.ts";

const text = readText("ARCHITECTURE.md");

/** The part of the code map about one folder: from its heading to the next one. */
function findSection(folder: string): string | undefined {
  return text.split(/^### /m).find((section) => section.startsWith(`\`${folder}\``));
}

test.each(findWorkspaces())("%s has a section with an invariant", (folder) => {
  const section = findSection(folder);
  expect(section, `ARCHITECTURE.md needs a heading "### \`${folder}\`"`).toBeDefined();
  expect(section).toContain("**Invariant:**");
});

test("every path it names exists", () => {
  const tops = new Set(readdirSync(root).filter((name) => name !== "node_modules"));
  const paths = findInlineCode(text)
    .map((code) => code.replace(/\/$/, ""))
    .filter((code) => code.includes("/") && tops.has(code.split("/")[0] ?? ""));
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

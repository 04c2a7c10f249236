import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderCliDocument } from "./render-cli-document.ts";

test("docs/cli.md says what the help says", () => {
  const written = readFileSync(new URL("../../../../docs/cli.md", import.meta.url), "utf8");
  expect(
    written === renderCliDocument(),
    "docs/cli.md is out of date: run node apps/cli/src/docs/write-cli-document.ts",
  ).toBe(true);
});

test("every command explains itself: a summary, and two examples where there is more than one way", () => {
  const sections = renderCliDocument().split(/^### /m).slice(1);
  const poor = sections
    .filter((section) => !/^ertis( help| budget| curtail| accounts)?\n/.test(section))
    .filter((section) => !section.includes("Examples:\n  "))
    .map((section) => section.split("\n")[0]);
  expect(sections.length).toBeGreaterThan(20);
  expect(poor).toEqual([]);
});

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readText, root } from "./documents.ts";

const folder = "docs/adr";
const names = readdirSync(join(root, folder)).filter((name) => name !== "README.md");
const sections = ["Context", "Decision", "Consequences", "Alternatives"];

test("decisions are named NNNN-title.md, each number once", () => {
  expect(names.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
  const numbers = names.map((name) => name.slice(0, 4));
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
});

test.each(names)("%s has its number, a status and the four sections in order", (name) => {
  const text = readText(join(folder, name));
  expect(text.split("\n")[0]).toMatch(new RegExp(String.raw`^# ${name.slice(0, 4)}[.:]? \S`));
  const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? "");
  expect(headings.filter((heading) => sections.includes(heading))).toEqual(sections);
  const status = /^Status: (proposed|accepted|superseded by (\d{4}))$/m.exec(text);
  expect(
    status,
    "needs a line 'Status: accepted' (or proposed, superseded by NNNN)",
  ).not.toBeNull();
  if (status?.[2] !== undefined) {
    expect(names.map((other) => other.slice(0, 4))).toContain(status[2]);
  }
});

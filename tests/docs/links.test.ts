import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findDocuments, readManifest, readText, root, withoutCodeBlocks } from "./documents.ts";

/** How a heading is linked to: lower case, words joined by dashes, no punctuation. */
function toAnchor(heading: string): string {
  const words = heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
  return words.replaceAll(" ", "-");
}

function findAnchors(text: string): readonly string[] {
  const headings = withoutCodeBlocks(text).matchAll(/^#+ (.+)$/gm);
  return [...headings].map((match) => toAnchor(match[1] ?? ""));
}

/** Why a link of a document is dead, or undefined when it lives. */
function findFault(document: string, target: string): string | undefined {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(root, document) : join(root, dirname(document), path);
  if (!existsSync(file)) {
    return `${document}: ${target} does not exist`;
  }
  if (anchor === undefined || !file.endsWith(".md")) {
    return undefined;
  }
  const isFound = findAnchors(readFileSync(file, "utf8")).includes(anchor);
  return isFound ? undefined : `${document}: ${target} names a heading that does not exist`;
}

test("every relative link in a document lives", () => {
  const faults: string[] = [];
  let linkCount = 0;
  for (const document of findDocuments()) {
    for (const match of withoutCodeBlocks(readText(document)).matchAll(/\]\(([^)\s]+)\)/g)) {
      const target = match[1] ?? "";
      if (!/^[a-z]+:/.test(target)) {
        linkCount += 1;
        const fault = findFault(document, target);
        faults.push(...(fault === undefined ? [] : [fault]));
      }
    }
  }
  expect(linkCount).toBeGreaterThan(0);
  expect(faults).toEqual([]);
});

/** Decisions that no longer hold: they stay for who asks why, and are no source for what holds now. */
const superseded: ReadonlySet<string> = new Set(
  findDocuments()
    .filter((name) => name.startsWith("docs/adr/"))
    .filter((name) => /^Status: superseded by /m.test(readText(name))),
);

/** Links of a document to decisions that no longer hold. */
function linksToSuperseded(document: string, text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map((match) => join(dirname(document), match[1] ?? ""))
    .filter((target) => superseded.has(target))
    .map((target) => `${document}: ${target} is superseded, name the decision that holds now`);
}

test("no document outside docs/adr gives a superseded decision as its reason", () => {
  const documents = findDocuments().filter((name) => !name.startsWith("docs/adr/"));
  expect(documents.flatMap((name) => linksToSuperseded(name, readText(name)))).toEqual([]);
});

test("a link to a superseded decision is found", () => {
  const [old = ""] = superseded;
  expect(linksToSuperseded("docs/runbooks/x.md", `[why](../../${old}#decision)`)).toHaveLength(1);
});

test("every npm script that a document names exists", () => {
  const scripts = new Set(Object.keys(readManifest(".").scripts ?? {}));
  const missing: string[] = [];
  for (const document of findDocuments()) {
    for (const match of readText(document).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)) {
      const script = match[1] ?? match[2] ?? "";
      if (!scripts.has(script)) {
        missing.push(`${document}: npm run ${script}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

test("every document has one title", () => {
  const untitled = findDocuments().filter((document) => {
    const titles = withoutCodeBlocks(readText(document)).match(/^# .+$/gm) ?? [];
    return titles.length !== 1;
  });
  expect(untitled).toEqual([]);
});

test("the README gives the two commands a person starts with", () => {
  const readme = readText("README.md");
  expect(readme).toContain("npm ci && npm start");
  expect(readme).toContain("npm ci && npm test");
});

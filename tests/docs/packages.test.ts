import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findWorkspaces, readManifest, readText, root } from "./documents.ts";

const workspaces = findWorkspaces();

test.each(workspaces)("%s has a README: what it is and what it is not", (folder) => {
  const path = join(folder, "README.md");
  expect(existsSync(join(root, path)), `${path} is missing`).toBe(true);
  const text = readText(path);
  const name = folder.split("/")[1] ?? folder;
  expect(text.split("\n")[0]).toMatch(new RegExp(String.raw`^# (@ertis/)?${name}\b`));
  expect(text, "needs a heading or a bold phrase such as 'What not'").toMatch(
    /^(?:#+ |\*\*).*\bnot\b/im,
  );
});

test.each(workspaces)("files that the README of %s names are there", (folder) => {
  const named = [...readText(join(folder, "README.md")).matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.ts)`/g)];
  const missing = named
    .map(([, path = ""]) => path)
    .filter((path) =>
      [".", folder, join(folder, "src")].every((from) => !existsSync(join(root, from, path))),
    );
  expect(missing).toEqual([]);
});

test.each([...workspaces, "tests"])("%s: license, ESM, not published by accident", (folder) => {
  const { license, type, private: isPrivate } = readManifest(folder);
  expect({ license, type, isPrivate }).toEqual({
    license: "Apache-2.0",
    type: "module",
    isPrivate: true,
  });
});

interface Requirement {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

function findRequirements(): readonly Requirement[] {
  return [".", ...workspaces, "tests"].flatMap((folder) => {
    const { dependencies, devDependencies, optionalDependencies } = readManifest(folder);
    const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    return all.map(([name, version]) => ({ folder, name, version }));
  });
}

test("dependencies have exact versions", () => {
  const loose = findRequirements().filter(({ version }) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(loose).toEqual([]);
});

test("a dependency has one version in the whole repository", () => {
  const versions = new Map<string, Set<string>>();
  for (const { name, version } of findRequirements()) {
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  const split = [...versions].filter(([, found]) => found.size > 1).map(([name]) => name);
  expect(split).toEqual([]);
});

test("the lockfile names no registry host, so that any mirror serves it", () => {
  const lock: Lock = JSON.parse(readText("package-lock.json"));
  const hosted = Object.entries(lock.packages).filter(([, { resolved = "" }]) =>
    resolved.includes(":"),
  );
  expect(hosted).toEqual([]);
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

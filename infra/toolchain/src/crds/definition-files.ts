import { createHash, randomUUID } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { FamilyDefinitions } from "./families.ts";
import { prepareDefinitions } from "./prepare.ts";

/** Part of every key: what was prepared by other rules is not used again. */
const rulesRevision = "2";

export function definitionsFolder(root: string, family: string, parts: readonly string[]): string {
  const text = JSON.stringify([rulesRevision, ...parts]);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return join(root, "crds", `${family}-${hash}`);
}

/** The files of a folder (or the one file) that hold definitions, in order. */
export function definitionFiles(source: string, prefix: string): readonly string[] {
  const paths = statSync(source).isDirectory()
    ? readdirSync(source)
        .filter((name) => name.endsWith(".yaml") && name.startsWith(prefix))
        .toSorted()
        .map((name) => join(source, name))
    : [source];
  return paths.filter((path) =>
    readFileSync(path, "utf8").includes("kind: CustomResourceDefinition"),
  );
}

/** Writes the definitions to `target`, prepared for a server without conversion; whole or not at all. */
export function writeDefinitions(
  target: string,
  files: readonly string[],
  base: FamilyDefinitions["base"],
  licence?: string,
): void {
  writeWhole(target, (draft) => {
    const items = files.flatMap((file) => prepareDefinitions(readFileSync(file, "utf8"), base));
    const list = { apiVersion: "v1", kind: "List", items };
    writeFileSync(join(draft, "definitions.json"), JSON.stringify(list));
    if (licence !== undefined && existsSync(licence)) {
      copyFileSync(licence, join(draft, "LICENSE"));
    }
  });
}

/** Fills a draft that gets its name when it is whole; does nothing where the folder is there. */
export function writeWhole(target: string, fill: (draft: string) => void): void {
  if (existsSync(target)) {
    return;
  }
  const draft = `${target}.draft-${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  try {
    fill(draft);
    renameSync(draft, target);
  } catch (error) {
    // Somebody else was quicker: theirs is the same.
    if (!existsSync(target)) {
      throw error;
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

import { globSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root: string = resolve(import.meta.dirname, "../..");

export function readText(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

/** Every Markdown file of the repository, by its path from the root. */
export function findDocuments(): readonly string[] {
  const exclude = ["**/node_modules/**", "**/.*/**"];
  return globSync("**/*.md", { cwd: root, exclude }).toSorted();
}

/** Folders of packages and apps, for example `packages/quantities`. */
export function findWorkspaces(): readonly string[] {
  return ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
}

/** A package.json as far as the tests read it. */
export interface Manifest {
  readonly name: string;
  readonly license: string;
  readonly type: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function readManifest(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readText(join(folder, "package.json")));
  return manifest;
}

/** Text without fenced code, in which brackets and backticks mean something else. */
export function withoutCodeBlocks(text: string): string {
  return text.replaceAll(/^```[^\n]*\n[\s\S]*?^```/gm, "");
}

/** Inline code, `like this`, of a text. */
export function findInlineCode(text: string): readonly string[] {
  return [...withoutCodeBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Part } from "./parts.ts";

/**
 * One folder for PATH with a link for every program, wherever it was found. Its name is the hash of
 * its content: made once, whole, and never changed, so that whoever runs from it is not disturbed.
 */
export function linkPrograms(root: string, parts: readonly Part[]): string {
  const links = parts.flatMap(({ name, path }) =>
    // The engine finds the plugin in PULUMI_HOME; from PATH it would take it with a warning.
    path === undefined || name === "pulumi-resource-kubernetes" ? [] : [{ name, path }],
  );
  const hash = createHash("sha256").update(JSON.stringify(links)).digest("hex").slice(0, 16);
  const directory = join(root, `bin-${hash}`);
  if (existsSync(directory)) {
    return directory;
  }
  const draft = join(root, `draft-${randomUUID()}`);
  mkdirSync(draft, { recursive: true });
  for (const { name, path } of links) {
    symlinkSync(path, join(draft, name));
  }
  try {
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(directory)) {
      throw error;
    }
  }
  return directory;
}

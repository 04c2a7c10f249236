import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackWorkspace } from "./stack-workspace.ts";

/**
 * Copies the state of a stack whose backend is a folder, beside it and with the time in its name. The
 * secrets in it stay encrypted. Returns the copy's path; undefined where there is no state yet.
 */
export function backUpState(
  { backendUrl, project, stack }: StackWorkspace,
  now: Date = new Date(),
): string | undefined {
  if (!backendUrl.startsWith("file://")) {
    return undefined;
  }
  const folder = fileURLToPath(backendUrl);
  const state = join(folder, ".pulumi", "stacks", project, `${stack}.json`);
  if (!existsSync(state)) {
    return undefined;
  }
  const backups = join(folder, "backups", project);
  mkdirSync(backups, { recursive: true, mode: 0o700 });
  const copy = join(backups, `${stack}.${now.toISOString().replaceAll(":", "")}.json`);
  copyFileSync(state, copy);
  return copy;
}

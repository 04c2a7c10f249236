import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and those above it, for the owner only. Not Node's `recursive`, which never
 * returns where the kernel answers "no such file" to a directory that cannot be made (under /proc).
 */
export function makeDirectory(directory: string): void {
  const missing: string[] = [];
  for (let each = directory; !existsSync(each); each = dirname(each)) {
    missing.push(each);
  }
  for (const each of missing.toReversed()) {
    mkdirSync(each, { mode: 0o700 });
  }
}

/** The file that stands where a directory should be, or above it; undefined when nothing does. */
export function fileInTheWay(directory: string): string | undefined {
  let nearest = directory;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) {
    nearest = dirname(nearest);
  }
  return existsSync(nearest) && !statSync(nearest).isDirectory() ? nearest : undefined;
}

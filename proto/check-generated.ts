// Says whether packages/api is what the proto files give: `node proto/check-generated.ts`. Generates into
// a temporary folder, compares, and exits with 1 on a difference.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generate, generatedPaths, lint } from "./generator.ts";

const root = resolve(import.meta.dirname, "..");

/** Files below a root that the generator owns, relative to it. */
function generatedFiles(base: string): readonly string[] {
  const folder = join(base, generatedPaths.sources);
  const sources = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(base.length + 1))
    : [];
  return [...sources, generatedPaths.descriptors];
}

function read(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

/** One line for each file that is missing, stale or left over. */
function findDifferences(fresh: string): readonly string[] {
  const names = new Set([...generatedFiles(fresh), ...generatedFiles(root)]);
  return [...names].toSorted().flatMap((name) => {
    const wanted = read(join(fresh, name));
    const found = read(join(root, name));
    if (wanted === undefined) {
      return [`${name}: left over, no proto file gives it`];
    }
    if (found === undefined) {
      return [`${name}: missing`];
    }
    return wanted.equals(found) ? [] : [`${name}: differs from what the proto files give`];
  });
}

const fresh = mkdtempSync(join(tmpdir(), "ertis-generated-"));
try {
  lint();
  generate(fresh);
  const differences = findDifferences(fresh);
  for (const difference of differences) {
    console.error(difference);
  }
  if (differences.length > 0) {
    console.error("Run `npm run generate` and commit the result.");
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

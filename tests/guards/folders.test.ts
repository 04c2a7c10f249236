import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { root } from "./planted-tree.ts";

const source = "packages/scheduler-engine/src";

/** Folders of the engine, from the bottom up, as the table of the map lists them. */
function readFolders(): readonly string[] {
  const map = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const [, section = ""] = map.split("### `packages/scheduler-engine`");
  const [table = ""] = section.split("**Invariant:**");
  return [...table.matchAll(/^\| `([a-z/-]+)` \|/gm)].map(([, folder = ""]) => folder);
}

interface Import {
  readonly file: string;
  /** Folders below `src`. */
  readonly from: string;
  readonly to: string;
}

function readImports(file: string, text: string): readonly Import[] {
  return [...text.matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, path = ""]) => ({
    file,
    from: dirname(file),
    to: posix.dirname(posix.join(dirname(file), path)),
  }));
}

/** What points up, or to a folder that the map does not know. `limits.ts` and the door beside it are in no folder. */
function findUpward(imports: readonly Import[], folders: readonly string[]): readonly Import[] {
  return imports.filter(({ from, to }) => {
    const isInFolder = from !== "." && to !== ".";
    return (
      isInFolder &&
      from !== to &&
      !(folders.indexOf(to) >= 0 && folders.indexOf(to) < folders.indexOf(from))
    );
  });
}

test("imports inside the engine point down the table of the map, and every folder is in it", () => {
  const folders = readFolders();
  const files = globSync("**/*.ts", { cwd: join(root, source) }).filter(
    (file) => !/(^|[./-])test[.-]/.test(posix.basename(file)),
  );
  const imports = files.flatMap((file) =>
    readImports(file, readFileSync(join(root, source, file), "utf8")),
  );
  expect(imports.length).toBeGreaterThan(500);
  expect(findUpward(imports, folders)).toEqual([]);
});

test("an import that points up, or out of the map, is found", () => {
  const folders = ["words", "state", "decide/shed"];
  const up = readImports("state/jobs.ts", 'import { shed } from "../decide/shed/shed.ts";');
  const unknown = readImports("decide/shed/shed.ts", 'export { x } from "../other/x.ts";');
  const down = readImports("decide/shed/shed.ts", 'import type { Job } from "../../state/job.ts";');
  expect(findUpward([...up, ...unknown, ...down], folders)).toEqual([...up, ...unknown]);
});

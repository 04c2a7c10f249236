import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findUnusedExports } from "./find-unused-exports.ts";
import { root } from "./planted-tree.ts";

const exclude = ["**/node_modules/**", "packages/api/src/generated/**"];

/** Who else has a use for what nobody here imports. */
const usedElsewhere: readonly RegExp[] = [
  // The SDK is for people's own programs.
  /^packages\/client\/src\/index\.ts: /,
  // Nobody may import an app; its door names what it is made of.
  /^apps\/\w+\/src\/index\.ts: /,
  // A policy pack and a Pulumi program are loaded by their engine.
  /^infra\/policy\/src\/(index|main)\.ts: /,
  /^tests\/infra\/interrupted-up\/program\.ts: /,
  // A plugin that the engine starts; its door names which one it stands in for.
  /^infra\/toolchain\/kubernetes-stand-in\/src\/index\.ts: /,
  // The compiler is the test.
  /^packages\/quantities\/src\/quantity\.types\.ts: /,
];

function readSources(): ReadonlyMap<string, string> {
  const files = globSync("{packages,apps,infra,tests,proto}/**/*.ts", { cwd: root, exclude });
  return new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
}

function readDoors(): ReadonlyMap<string, string> {
  const manifests = globSync("{packages,apps,infra}/**/package.json", { cwd: root, exclude });
  return new Map(
    manifests.flatMap((file) => {
      const manifest: {
        readonly name: string;
        readonly exports?: Readonly<Record<string, string>>;
      } = JSON.parse(readFileSync(join(root, file), "utf8"));
      return Object.entries(manifest.exports ?? {}).map(([key, path]): [string, string] => [
        join(manifest.name, key),
        join(dirname(file), path),
      ]);
    }),
  );
}

test("somebody imports each function, constant and class that a file exports", () => {
  const sources = readSources();
  expect(sources.size).toBeGreaterThan(1000);
  const unused = findUnusedExports(sources, readDoors());
  expect(unused.filter((one) => !usedElsewhere.some((elsewhere) => elsewhere.test(one)))).toEqual(
    [],
  );
  // What has found a user since is no exception any more.
  expect(usedElsewhere.filter((elsewhere) => !unused.some((one) => elsewhere.test(one)))).toEqual(
    [],
  );
});

test("an export that nobody imports is found, in a file and in a door", () => {
  const sources = new Map([
    [
      "packages/a/src/watts.ts",
      "export function add() {}\nexport const most = 3;\nfunction own() {}",
    ],
    ["packages/a/src/index.ts", 'export { add, add as plus, type Sum } from "./watts.ts";'],
    ["packages/b/src/sum.ts", 'import { add } from "@ertis/a";\nexport interface Sum {}'],
  ]);
  const doors = new Map([["@ertis/a", "packages/a/src/index.ts"]]);
  expect(findUnusedExports(sources, doors)).toEqual([
    "packages/a/src/watts.ts: most",
    "packages/a/src/index.ts: plus",
  ]);
});

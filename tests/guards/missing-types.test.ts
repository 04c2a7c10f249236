import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlantedTree, readPureWorkspaces, readSettings, root } from "./planted-tree.ts";
import type { PlantedTree, Run } from "./planted-tree.ts";

const platform: Readonly<Record<string, string>> = {
  setTimeout: "setTimeout(() => undefined, 1);",
  process: "export const home: unknown = process.env;",
  console: 'console.log("hello");',
  fetch: 'export const page: unknown = fetch("http://localhost");',
  performance: "export const now: number = performance.now();",
  crypto: "export const id: string = crypto.randomUUID();",
  "node:fs": 'import { readFileSync } from "node:fs";\nexport const read: unknown = readFileSync;',
  Buffer: "export const bytes: unknown = Buffer.alloc(1);",
};

function check(tree: PlantedTree, base: string): Promise<Run> {
  tree.write("tsconfig.json", JSON.stringify({ extends: join(root, base), include: ["src"] }));
  for (const [name, code] of Object.entries(platform)) {
    const isModule = code.includes("export");
    tree.write(`src/${name.replace(":", "-")}.ts`, isModule ? code : `${code}\nexport {};`);
  }
  const checker = join(root, "tests/tools/check-types.ts");
  return tree.run("node", [checker, join(tree.path, "tsconfig.json")]);
}

test("in a pure package every name of the platform is a type error", async () => {
  using tree = createPlantedTree();
  const { exitCode, output } = await check(tree, "tsconfig.core.json");
  for (const name of Object.keys(platform)) {
    expect(output).toContain(`'${name}'`);
  }
  expect(exitCode).toBe(1);
});

test("elsewhere the same code compiles, so it is the missing types that refuse it", async () => {
  using tree = createPlantedTree();
  const { exitCode, output } = await check(tree, "tsconfig.base.json");
  expect(output).toContain("0 type errors in 1 projects");
  expect(exitCode).toBe(0);
});

test("strictness is on: an unchecked index and an enum are type errors", async () => {
  using tree = createPlantedTree();
  const config = { extends: join(root, "tsconfig.base.json"), include: ["src"] };
  tree.write("tsconfig.json", JSON.stringify(config));
  const index = "export const first = (list: readonly number[]): number => list[0];\n";
  tree.write("src/index-access.ts", index);
  tree.write("src/state.ts", "export enum State {\n  On,\n}\n");
  const checker = join(root, "tests/tools/check-types.ts");
  const { output } = await tree.run("node", [checker, join(tree.path, "tsconfig.json")]);
  expect(output).toContain("TS2322");
  expect(output).toContain("TS1294");
});

test.each(readPureWorkspaces())("$folder compiles without platform types", ({ folder }) => {
  const settings = readSettings(`${folder}/tsconfig.json`) as {
    readonly extends: string;
    readonly compilerOptions?: object;
  };
  expect(settings.extends).toBe("../../tsconfig.core.json");
  expect(settings.compilerOptions ?? {}).not.toHaveProperty("types");
  expect(settings.compilerOptions ?? {}).not.toHaveProperty("lib");
});

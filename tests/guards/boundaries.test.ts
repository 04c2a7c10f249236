import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { createPlantedTree, readWorkspaces, root } from "./planted-tree.ts";
import type { PlantedTree } from "./planted-tree.ts";

interface Planted {
  readonly from: string;
  readonly imports: string;
  readonly isDeclared: boolean;
}

/** Where a workspace is, by the last part of its name. */
function findFolder(name: string): string {
  const { folder } = readWorkspaces().find(({ folder: found }) => basename(found) === name) ?? {};
  if (folder === undefined) {
    throw new Error(`there is no workspace ${name}`);
  }
  return join(root, folder);
}

function describePackage(name: string, dependencies: Readonly<Record<string, string>>): string {
  return JSON.stringify({ name: `@ertis/${name}`, version: "0.1.0", type: "module", dependencies });
}

/** The real boundary rules over two packages, the first of which imports the second. */
function plant(tree: PlantedTree, { from, imports, isDeclared }: Planted): void {
  tree.copy("turbo.json");
  for (const name of [from, imports]) {
    tree.write(
      `packages/${name}/turbo.json`,
      readFileSync(join(findFolder(name), "turbo.json"), "utf8"),
    );
  }
  const manifest = { name: "planted", workspaces: ["packages/*"], packageManager: "npm@11.19.1" };
  tree.write("package.json", JSON.stringify(manifest));
  const dependencies = isDeclared ? { [`@ertis/${imports}`]: "0.1.0" } : {};
  tree.write(`packages/${from}/package.json`, describePackage(from, dependencies));
  tree.write(`packages/${imports}/package.json`, describePackage(imports, {}));
  tree.write(`packages/${from}/src/index.ts`, `export * from "@ertis/${imports}";\n`);
  tree.write(`packages/${imports}/src/index.ts`, "export const answer = 42;\n");
}

test.each([
  { from: "scheduler-engine", imports: "scheduler-runtime" },
  { from: "scheduler-engine", imports: "event-log" },
  { from: "scheduler-runtime", imports: "event-log" },
  { from: "quantities", imports: "scheduler-engine" },
  { from: "client", imports: "scheduler-engine" },
  { from: "event-log", imports: "executor-simulated" },
  { from: "api", imports: "quantities" },
  { from: "event-log", imports: "scheduler" },
  { from: "scheduler", imports: "cli" },
  { from: "scheduler", imports: "tests" },
])("$from must not import $imports", async ({ from, imports }) => {
  using tree = createPlantedTree();
  plant(tree, { from, imports, isDeclared: true });
  const { exitCode, output } = await tree.run("turbo", ["boundaries"]);
  expect(output).toContain(`@ertis/${imports}`);
  expect(output).toMatch(/\btags?\b/);
  expect(exitCode).toBe(1);
});

test("an allowed import passes, so the refusals above are about the direction", async () => {
  using tree = createPlantedTree();
  plant(tree, { from: "scheduler-engine", imports: "quantities", isDeclared: true });
  const { exitCode, output } = await tree.run("turbo", ["boundaries"]);
  expect(output).toContain("no issues found");
  expect(exitCode).toBe(0);
});

test("an import that package.json does not declare is refused", async () => {
  using tree = createPlantedTree();
  plant(tree, { from: "scheduler-engine", imports: "quantities", isDeclared: false });
  const { exitCode, output } = await tree.run("turbo", ["boundaries"]);
  expect(output).toContain("not a dependency");
  expect(exitCode).toBe(1);
});

test("a relative path into another package is refused", async () => {
  using tree = createPlantedTree();
  plant(tree, { from: "scheduler-engine", imports: "quantities", isDeclared: true });
  const leak = 'export * from "../../quantities/src/index.ts";\n';
  tree.write("packages/scheduler-engine/src/leak.ts", leak);
  const { exitCode, output } = await tree.run("turbo", ["boundaries"]);
  expect(output).toContain("leak.ts");
  expect(exitCode).toBe(1);
});

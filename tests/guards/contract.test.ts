import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlantedTree } from "./planted-tree.ts";
import type { PlantedTree } from "./planted-tree.ts";

function plantContract(): PlantedTree {
  const tree = createPlantedTree();
  for (const name of ["buf.yaml", "buf.gen.yaml", "proto", "packages/api"]) {
    tree.copy(name);
  }
  return tree;
}

test("a message without a comment is refused", async () => {
  using tree = plantContract();
  appendFileSync(join(tree.path, "proto/ertis/v1/common.proto"), "\nmessage Bare {}\n");
  const { exitCode, output } = await tree.run("buf", ["lint"]);
  expect(output).toContain('"Bare" should have a non-empty comment');
  expect(exitCode).not.toBe(0);
});

test("generated code that somebody edited is refused, by name", async () => {
  using tree = plantContract();
  const edited = "packages/api/src/generated/ertis/v1/common.ts";
  appendFileSync(join(tree.path, edited), "\nexport const mine = 1;\n");
  const { exitCode, output } = await tree.run("node", ["proto/check-generated.ts"]);
  expect(output).toContain(`${edited}: differs`);
  expect(exitCode).toBe(1);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlantedTree, root } from "../guards/planted-tree.ts";
import type { TestCounts } from "./count-reporter.ts";

async function count(files: Readonly<Record<string, string>>): Promise<TestCounts> {
  using tree = createPlantedTree();
  for (const [name, code] of Object.entries(files)) {
    tree.write(name, `import { test, expect } from "vitest";\n${code}\n`);
  }
  const countsPath = join(tree.path, "counts.json");
  await tree.run(
    "vitest",
    ["run", `--reporter=${join(root, "tests/tools/count-reporter.ts")}`, "--pool=threads"],
    { ERTIS_TEST_COUNTS: countsPath },
  );
  const counts: TestCounts = JSON.parse(readFileSync(countsPath, "utf8"));
  return counts;
}

test("passes, failures and skips are counted one by one, skips with their reason", async () => {
  const counts = await count({
    "mixed.test.ts": [
      'test("good", () => expect(1).toBe(1));',
      'test("bad", () => expect(1).toBe(2));',
      'test("later", (context) => context.skip("needs a disk"));',
      'test.skip("mute", () => undefined);',
    ].join("\n"),
  });
  expect(counts).toEqual({
    passedCount: 1,
    failedCount: 1,
    skips: [
      { name: "mixed.test.ts > later", reason: "needs a disk" },
      { name: "mixed.test.ts > mute", reason: "NO REASON GIVEN" },
    ],
  });
});

test("a file that does not load, a file without tests and a stray rejection are failures", async () => {
  const pass = 'test("good", () => expect(1).toBe(1));';
  expect(await count({ "broken.test.ts": 'throw new Error("no");' })).toMatchObject({
    failedCount: 1,
  });
  expect(await count({ "a.test.ts": pass, "empty.test.ts": "" })).toMatchObject({
    passedCount: 1,
    failedCount: 1,
  });
  const stray = `${pass}\nvoid Promise.reject(new Error("stray"));`;
  expect(await count({ "stray.test.ts": stray })).toMatchObject({ passedCount: 1, failedCount: 1 });
});

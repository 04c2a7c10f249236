import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlantedTree, root, runIn } from "./planted-tree.ts";

const exclude = ["**/node_modules/**", "packages/api/src/generated/**"];
const files = globSync("**/*.ts", { cwd: root, exclude });

/** Suppressions of a text that do not say why, with their line. */
function findMuteSuppressions(name: string, text: string): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const found = /(?:\/\/|\/\*)\s*(oxlint-disable|eslint-disable|@ts-)(.*)/.exec(line);
    if (found === null) {
      return [];
    }
    const [, kind = "", rest = ""] = found;
    const isExplained =
      kind === "@ts-" ? /^expect-error:? .{10}/.test(rest) : / -- .{10}/.test(rest);
    return isExplained ? [] : [`${name}:${index + 1}`];
  });
}

test("a suppression names its rule and gives its reason", () => {
  const mute = files.flatMap((name) =>
    findMuteSuppressions(name, readFileSync(join(root, name), "utf8")),
  );
  expect(mute).toEqual([]);
});

test("the search for suppressions without a reason finds them", () => {
  const off = ["// oxlint", "disable-next-line no-console"].join("-");
  const expectError = ["// @ts", "expect-error"].join("-");
  expect(findMuteSuppressions("a.ts", `${off}\n${off} -- the terminal is its output`)).toEqual([
    "a.ts:1",
  ]);
  expect(findMuteSuppressions("a.ts", `${expectError}\n${expectError} watts are no ms`)).toEqual([
    "a.ts:1",
  ]);
});

test("no file is named after nothing in particular", () => {
  // cert-manager is a product, and a field manager is a word of Kubernetes.
  const vague = /(?:^|[/-])(utils?|helpers?|common|misc|(?<!cert-|field-)manager)(?:\.test)?\.ts$/;
  expect(files.filter((name) => vague.test(name))).toEqual([]);
});

test("every test file is where `npm test` or `npm run soak` looks", async () => {
  const infra = ["--config", "tests/infra/vitest.config.ts"];
  const runs = [
    { isSoak: "0", config: [] },
    { isSoak: "1", config: [] },
    { isSoak: "0", config: infra },
  ];
  const listed = await Promise.all(
    runs.map(async ({ isSoak, config }) => {
      const environment = { ERTIS_SOAK: isSoak };
      const args = ["list", "--filesOnly", ...config];
      return (await runIn({ folder: root, program: "vitest", args, environment })).output;
    }),
  );
  const found = new Set(
    listed
      .join("\n")
      .split("\n")
      .map((line) => line.replace(/^\[\w+\] /, "")),
  );
  const tests = files.filter((name) => /\.(test|soak)\.ts$/.test(name));
  expect(tests).toContain("tests/guards/tidy.test.ts");
  expect(tests.filter((name) => !found.has(name))).toEqual([]);
});

test("code that is not formatted is found, lines end before column 101", async () => {
  using tree = createPlantedTree();
  tree.copy(".oxfmtrc.json");
  tree.write("apps/cli/src/messy.ts", "export const a   = 1\n");
  const words = Array.from({ length: 30 }, (_, index) => `word${index}`).join(", ");
  tree.write("apps/cli/src/wide.ts", `export const list = (${words.replaceAll(",", " +")});\n`);
  tree.write("apps/cli/src/neat.ts", "export const a = 1;\n");
  const { exitCode, output } = await tree.run("oxfmt", ["--check"]);
  expect(exitCode).toBe(1);
  expect(output).toContain("messy.ts");
  expect(output).toContain("wide.ts");
  expect(output).not.toContain("neat.ts");
});

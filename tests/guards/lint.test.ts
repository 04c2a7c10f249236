import { beforeAll, expect, test } from "vitest";
import { createPlantedTree, readPureWorkspaces } from "./planted-tree.ts";
import type { PlantedTree } from "./planted-tree.ts";

/** Lints the planted files under the repository's own rules; answers `rule file`, one per finding. */
async function lint(tree: PlantedTree): Promise<readonly string[]> {
  tree.copy(".oxlintrc.json");
  tree.copy("tests/tools/tidy-plugin.ts");
  tree.copy("tsconfig.base.json");
  tree.write(
    "tsconfig.json",
    JSON.stringify({ extends: "./tsconfig.base.json", include: ["packages", "apps"] }),
  );
  const { output } = await tree.run("oxlint", ["-f", "json", "packages", "apps"]);
  const report: Report = JSON.parse(output.slice(output.indexOf("{")));
  return report.diagnostics.map(({ code, filename }) => `${code} ${filename}`);
}

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

const bannedEverywherePure: Readonly<Record<string, string>> = {
  date: "export const now: unknown = Date.now();\n",
  intl: "export const format: unknown = Intl;\n",
  performance: "export const now: unknown = performance;\n",
  "set-timeout": "setTimeout(() => undefined, 1);\nexport {};\n",
  crypto: "export const id: string = crypto.randomUUID();\n",
  "weak-ref": "export const ref: unknown = WeakRef;\n",
  random: "export const dice: number = Math.random();\n",
  logarithm: "export const bits: number = Math.log2(3);\n",
  "locale-compare": 'export const order: number = "a".localeCompare("b");\n',
  "locale-string": "export const text: string = (1).toLocaleString();\n",
};

const waiting: Readonly<Record<string, string>> = {
  async: "export const later = async (): Promise<void> => undefined;\n",
  await: "await undefined;\nexport {};\n",
};

const pure = readPureWorkspaces();
/** Of a tree that holds every banned word in every pure package: linted once, for it takes seconds. */
let plantedFindings: readonly string[] = [];

beforeAll(async () => {
  using tree = createPlantedTree();
  for (const { folder } of pure) {
    for (const [name, code] of Object.entries({ ...bannedEverywherePure, ...waiting })) {
      tree.write(`${folder}/src/${name}.ts`, code);
    }
  }
  tree.write("apps/cli/src/date.ts", bannedEverywherePure["date"] ?? "");
  plantedFindings = await lint(tree);
});

test.each(pure)("$folder: no clock, chance or locale", ({ folder }) => {
  for (const name of Object.keys(bannedEverywherePure)) {
    const ofFile = plantedFindings.filter((finding) =>
      finding.endsWith(`${folder}/src/${name}.ts`),
    );
    expect(ofFile.join(), name).toMatch(/no-restricted-(globals|properties)/);
  }
});

test("an app may know the time, and the runtime may wait: the refusals are about the place", () => {
  expect(plantedFindings.filter((finding) => finding.endsWith("apps/cli/src/date.ts"))).toEqual([]);
  for (const name of Object.keys(waiting)) {
    expect(plantedFindings).not.toContain(
      `tidy(no-async) packages/scheduler-runtime/src/${name}.ts`,
    );
  }
});

test.each(pure.filter(({ tag }) => tag !== "runtime"))("$folder: nothing waits", ({ folder }) => {
  for (const name of Object.keys(waiting)) {
    expect(plantedFindings).toContain(`tidy(no-async) ${folder}/src/${name}.ts`);
  }
});

test("rules that need types really run: a promise that nobody awaits is found", async () => {
  using tree = createPlantedTree();
  const code = [
    "function later(): Promise<number> {",
    "  return Promise.resolve(1);",
    "}",
    "export function forget(): void {",
    "  later();",
    "}",
    "",
  ].join("\n");
  tree.write("apps/cli/src/forget.ts", code);
  expect(await lint(tree)).toContain("typescript(no-floating-promises) apps/cli/src/forget.ts");
});

test("a switch that forgets a case is found", async () => {
  using tree = createPlantedTree();
  const code = [
    'export function say(word: "yes" | "no"): string {',
    "  switch (word) {",
    '    case "yes":',
    '      return "да";',
    "  }",
    '  return "";',
    "}",
    "",
  ].join("\n");
  tree.write("apps/cli/src/say.ts", code);
  expect(await lint(tree)).toContain("typescript(switch-exhaustiveness-check) apps/cli/src/say.ts");
});

test("any, a non-null assertion and a test library outside tests are found", async () => {
  using tree = createPlantedTree();
  tree.write("apps/cli/src/any.ts", "export const loose = (x: any): unknown => x;\n");
  tree.write("apps/cli/src/sure.ts", "export const sure = (x?: string): string => x!;\n");
  tree.write("apps/cli/src/wrong.ts", 'export { test } from "vitest";\n');
  const findings = await lint(tree);
  expect(findings).toContain("typescript(no-explicit-any) apps/cli/src/any.ts");
  expect(findings).toContain("typescript(no-non-null-assertion) apps/cli/src/sure.ts");
  expect(findings).toContain("eslint(no-restricted-imports) apps/cli/src/wrong.ts");
});

test("a plain number named after a quantity says its unit", async () => {
  using tree = createPlantedTree();
  const bad = [
    "export interface Domain {\n  readonly budget: number;\n}\n",
    "export const take = (powerDraw: number): number => powerDraw;\n",
    "export const energy: bigint = 1n;\n",
  ];
  const good = [
    "export interface Domain {\n  readonly budgetWatts: number;\n}\n",
    "export const take = (drawWatts: number, waitMs: number): number => drawWatts + waitMs;\n",
    'export const budget: string = "300 MW";\n',
  ];
  for (const [index, code] of bad.entries()) {
    tree.write(`apps/cli/src/bad-${index}.ts`, code);
  }
  for (const [index, code] of good.entries()) {
    tree.write(`apps/cli/src/good-${index}.ts`, code);
  }
  const findings = await lint(tree);
  const found = findings.filter((finding) => finding.startsWith("tidy(number-has-unit)"));
  expect([...new Set(found)].toSorted()).toEqual(
    bad.map((_, index) => `tidy(number-has-unit) apps/cli/src/bad-${index}.ts`),
  );
});

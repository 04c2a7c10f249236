import { describe, expect, test } from "vitest";
import { errorLines, smallSiteWith } from "./test-sites.ts";

describe("documents that are no site file", () => {
  test.each([
    ["", /1:1 : the file is empty/],
    ["# only a comment\n", /the file is empty/],
    ["just words", /found "just words", but a site file is a block/],
    ["- a\n- b", /found a list of 2 items, but a site file is a block/],
    ["site: a\n---\nsite: b", /not readable as YAML/],
    ["{}", /"site" is missing/],
  ])("%j is refused", (text, expected) => {
    expect(errorLines(text).join("\n")).toMatch(expected);
  });
});

describe("hostile documents are refused quickly", () => {
  test.each([
    ["more than 1 MiB", `# ${"x".repeat(1_048_576)}`, /at most 1048576 \(1 MiB\)/],
    [
      "an alias bomb",
      `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]`,
      /alias \(\*name\) is not/,
    ],
    ["deep brackets", `a: ${"[".repeat(2_000)}${"]".repeat(2_000)}`, /nested too deeply/],
    ["deep dashes", `${"- ".repeat(2_000)}x`, /nested too deeply/],
    ["depth 30", `a: ${"[".repeat(30)}${"]".repeat(30)}`, /nested too deeply, at most 24 levels/],
    ["a merge key", "a: {b: 1}\n<<: {c: 2}", /unknown key "<<"/],
    [
      "fifty thousand unknown keys",
      Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join("\n"),
      /unknown key "k0"/,
    ],
  ])("%s", (_, text, expected) => {
    const lines = errorLines(text);
    expect(lines.join("\n")).toMatch(expected);
    expect(lines.length).toBeLessThanOrEqual(1_000);
  });

  test("too many nodes, before any is made", () => {
    const text = smallSiteWith("nodes: 2 × h100-8", "nodes: 9999 × h100-8")
      .replaceAll("rows: 2 × row-a", "rows: 9999 × row-a")
      .replaceAll("racks: 2 × rack-a", "racks: 9999 × rack-a");
    const lines = errorLines(text).join("\n");
    expect(lines).toContain("the site has 1999400059998 nodes, at most 200000 are allowed");
    expect(lines).toContain("domains, at most 100000 are allowed");
  });

  test("ids longer than a name can be", () => {
    const long = "x".repeat(63);
    const text = smallSiteWith("site: small", `site: ${long}`)
      .replace("name: substation-1", `name: ${long}`)
      .replace("name: hall-1", `name: ${long}`)
      .replace("rows: 2 × row-a", `rows: [{name: ${long}, template: row-a}]`);
    expect(errorLines(text).join("\n")).toMatch(
      /longest id would have 2\d\d characters, at most 253/,
    );
  });
});

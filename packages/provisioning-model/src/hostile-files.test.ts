import { expect, test } from "vitest";
import { delivery, errorLines, provisioningText, replaced, smallFiles } from "./test-sites.ts";

function provisioningLines(provisioning: string): readonly string[] {
  return errorLines(smallFiles({ provisioning }));
}

test("an empty file, a bare word, a list and what is no text at all", () => {
  expect(provisioningLines("")).toEqual([expect.stringContaining("the file is empty")]);
  expect(provisioningLines("hub")).toEqual([
    expect.stringContaining('found "hub", but a provisioning file is a block with the keys'),
  ]);
  expect(provisioningLines("- a\n- b")).toEqual([
    expect.stringContaining("found a list of 2 items, but a provisioning file is a block"),
  ]);
  expect(provisioningLines("\u0000\u0001")).not.toEqual([]);
});

test("more than a mebibyte, and nesting without end", () => {
  expect(provisioningLines("#".repeat(1_048_577))).toEqual([
    expect.stringContaining("has 1048577 characters, at most 1048576 are read"),
  ]);
  expect(provisioningLines("[".repeat(20_000))).not.toEqual([]);
  const deep = `a: ${"[".repeat(40)}${"]".repeat(40)}`;
  expect(provisioningLines(deep)).toContainEqual(expect.stringContaining("nested too deeply"));
});

test("anchors that multiply are not followed", () => {
  const bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
  const lines = provisioningLines(bomb + provisioningText);
  expect(lines).toContainEqual(expect.stringContaining("a YAML alias (*name) is not allowed"));
});

test("keys of prototypes are keys like others", () => {
  const lines = provisioningLines(`__proto__: {}\nconstructor: {}\n${provisioningText}`);
  expect(lines).toEqual([
    expect.stringContaining('unknown key "__proto__"'),
    expect.stringContaining('unknown key "constructor"'),
  ]);
});

test("thousands of mistakes are cut, and take no time to speak of", () => {
  const hosts = Array.from(
    { length: 10_000 },
    (_, index) => `  small-s1-h1-r9-k9-n${index}: {bootMac: "b8:ce:f6:00:00:01"}\n`,
  );
  const before = performance.now();
  const lines = errorLines(smallFiles({ deliveries: [delivery("small-s1-h1", hosts.join(""))] }));
  expect(lines).toHaveLength(200);
  expect(performance.now() - before).toBeLessThan(20_000);
});

test("addresses at the ends of the private range", () => {
  const ends = replaced(provisioningText, "10.64.0.0/16", "10.255.0.0/16");
  expect(provisioningLines(ends)).toEqual([]);
  const beyond = replaced(provisioningText, "10.64.0.0/16", "172.16.0.0/11");
  expect(provisioningLines(beyond)).toEqual([
    expect.stringMatching(/does not start its network|is not private/),
  ]);
});

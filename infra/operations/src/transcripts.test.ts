import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const readLines = (file: string): readonly string[] =>
  readFileSync(join(root, file), "utf8").split("\n");

test("lines of site files that the transcripts name hold what is said of them", () => {
  const text = readLines("infra/operations/transcripts.md").join("\n");
  const lineAt = (what: RegExp): string => {
    const [, file = "", line = "0"] = what.exec(text) ?? [];
    return readLines(file)[Number(line) - 1]?.trim() ?? `no line ${line} in "${file}"`;
  };
  const [, before] = /^`(supplies: .+?)` of the hall becomes/m.exec(text) ?? [];
  expect(lineAt(/change the limit at (\S+?):(\d+)/)).toBe(before);
  expect(lineAt(/declare oversubscription at (\S+?):(\d+)/)).toBe("- kind: hall");
  // No line is named that this test does not look up.
  expect(text.match(/\.yaml:\d+/g)).toHaveLength(2);
});

import { expect, test } from "vitest";
import { mistakeText } from "./mistake-text.ts";

const mistake = { file: "a.yaml", line: 120, column: 1, message: "not readable as YAML" };

test("a mistake is told with its place and its path", () => {
  expect(mistakeText({ ...mistake, path: "site.halls[0]" })).toBe(
    "a.yaml:120:1 site.halls[0]: not readable as YAML",
  );
});

test("without a path nothing stands where it would", () => {
  expect(mistakeText({ ...mistake, path: "" })).toBe("a.yaml:120:1: not readable as YAML");
});

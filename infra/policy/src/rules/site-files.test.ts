import { expect, test } from "vitest";
import { rootType } from "../resource.ts";
import { resourceOf } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { siteFiles } from "./site-files.ts";

const stack = resourceOf(rootType, "clusters-small-s1-h1");

test("good: files without mistakes", () => {
  expect(siteFiles.check(stack, smallFacts())).toEqual([]);
});

test("bad: every mistake, with its line", () => {
  const facts = smallFacts({
    mistakes: [
      { file: "a.yaml", line: 7, column: 3, path: "halls[0].limit", message: "is no power" },
      { file: "b.yaml", line: 1, column: 1, path: "site", message: "is missing" },
    ],
  });
  expect(siteFiles.check(stack, facts)).toEqual([
    "a.yaml:7:3 halls[0].limit: is no power",
    "b.yaml:1:1 site: is missing",
  ]);
});

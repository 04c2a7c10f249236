import { expect, test } from "vitest";
import { longFiles, toLongestFirst } from "./longest-first.ts";

test("files known to be long begin first, in their order; the others keep theirs", () => {
  const [first = "", second = ""] = longFiles;
  const names = ["b.test.ts", second, "a.test.ts", first];
  expect(toLongestFirst(names, (name) => name)).toEqual([first, second, "b.test.ts", "a.test.ts"]);
});

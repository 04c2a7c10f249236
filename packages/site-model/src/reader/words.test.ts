import { expect, test } from "vitest";
import { errorLines, smallSiteWith } from "../test-sites.ts";
import { didYouMean } from "./words.ts";

test("two neighbouring letters the wrong way round are one slip, not two", () => {
  expect(errorLines(smallSiteWith("title: ", "titel: "))).toContainEqual(
    expect.stringMatching(/unknown key "titel" in a site file \(did you mean "title"\?\)/),
  );
});

test("of names as near as each other the first is meant; nothing is near to what is far", () => {
  expect(didYouMean("hall-9", ["hall-1", "hall-2"])).toBe(' (did you mean "hall-1"?)');
  expect(didYouMean("Rows", ["racks", "rows"])).toBe(' (did you mean "rows"?)');
  expect(didYouMean("breaker", ["site", "title"])).toBe("");
});

import { expect, test } from "vitest";
import { nearestNames } from "./nearest-names.ts";

test("the names with the fewest edits come first, of equals the first by letter", () => {
  const names = ["clusters", "queues", "hub-s1-h2", "hub-s1-h1", "platform"];
  expect(nearestNames("hub-s1-h11", names, 2)).toEqual(["hub-s1-h1", "hub-s1-h2"]);
  expect(nearestNames("queue", names, 1)).toEqual(["queues"]);
  expect(nearestNames("quesue", names, 1)).toEqual(["queues"]);
  expect(nearestNames("", ["bb", "a"], 5)).toEqual(["a", "bb"]);
});

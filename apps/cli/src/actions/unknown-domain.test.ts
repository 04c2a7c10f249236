import { expect, test } from "vitest";
import { findMeant } from "./unknown-domain.ts";

const ids = [
  "hub",
  "hub/substation-1",
  "hub/substation-1/hall-1",
  "hub/substation-1/hall-2",
  "mine/hall-1",
];

test.each([
  ["hall-2", ["hub/substation-1/hall-2"]],
  ["hal-2", ["hub/substation-1/hall-2"]],
  ["substation-1/hal-2", ["hub/substation-1/hall-2"]],
  ["hub/substatoin-1", ["hub/substation-1"]],
  ["hub/hal-2", ["hub/substation-1/hall-2"]],
  ["attic", []],
  ["Hub/hal-1", ["hub/substation-1/hall-1"]],
  ["moon/hal-1", ["hub/substation-1/hall-1", "mine/hall-1"]],
])("for %j a person may have meant %j", (path, meant) => {
  expect(findMeant(path, ids)).toEqual(meant);
});

import { expect, test } from "vitest";
import { sayFields } from "./field-words.ts";

test.each([
  ["spec.walltime_ms: found 416 d 16 h", "walltime: found 416 d 16 h"],
  ["items[3].spec.checkpoint.save_ms: found 3 h", "checkpoint save: found 3 h"],
  ["until_time_ms: found A, not after from_time_ms B", "until: found A, not after from B"],
  ["spec.node_count: found 0", "node count: found 0"],
  ['spec.labels["team_ms_x"]: is empty', 'labels["team_ms_x"]: is empty'],
  ["job 12 of run_a is not known", "job 12 of run_a is not known"],
])("%j is told as %j", (text, told) => {
  expect(sayFields(text)).toBe(told);
});

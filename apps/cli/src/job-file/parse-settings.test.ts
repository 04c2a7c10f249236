import { expect, test } from "vitest";
import { type GangWish, toGang } from "./gang.ts";
import {
  readArray,
  readCount,
  readDependencies,
  readDuration,
  readSwitch,
} from "./parse-settings.ts";

const hourMs = 3_600_000;

test.each([
  ["24:00:00", 24 * hourMs],
  ["1-12:00:00", 36 * hourMs],
  ["90 min", 1.5 * hourMs],
  ["2h", 2 * hourMs],
  ["1h 30m", 1.5 * hourMs],
])("--time %s", (text, expected) => {
  expect(readDuration(text)).toEqual({ kind: "ok", value: expected });
});

test.each(["", "30", "30:00", "2 fortnights", "-1h"])("--time %j is refused", (text) => {
  expect(readDuration(text).kind).toBe("wrong");
});

test.each([
  ["0-99", 100, 0],
  ["0-99%10", 100, 10],
  ["0-0", 1, 0],
])("--array %s", (text, taskCount, throttle) => {
  expect(readArray(text)).toEqual({ kind: "ok", value: { taskCount, throttle } });
});

test.each([
  ["1-10", /tasks count from 0, write 0-9/],
  ["0-10:2", /lists and steps do not exist/],
  ["1,3,5", /lists and steps do not exist/],
  ["0-9%0", /would never run/],
  ["9-0", /ends before it begins: write the smaller number first/],
  ["5-2", /ends before it begins/],
  ["0-99999999999", /more than any array may have, 1000000000 tasks/],
  ["100", /write 0-99/],
])("--array %s is refused and says what to write", (text, message) => {
  expect(readArray(text)).toMatchObject({ kind: "wrong", message: expect.stringMatching(message) });
});

test.each([
  ["afterok:1234", [["1234", "afterok"]]],
  ["1234", [["1234", "afterok"]]],
  [
    "afterok:1:2,afterany:3_7",
    [
      ["1", "afterok"],
      ["2", "afterok"],
      ["3_7", "afterany"],
    ],
  ],
  ["afternotok:9", [["9", "afternotok"]]],
])("--dependency %s", (text, expected) => {
  const value = expected.map(([jobId, condition]) => ({ jobId, condition }));
  expect(readDependencies(text)).toEqual({ kind: "ok", value });
});

test.each(["afterok:", "after:1", "singleton", "afterok:x", "afterok:1?afterok:2", ""])(
  "--dependency %j is refused",
  (text) => {
    expect(readDependencies(text).kind).toBe("wrong");
  },
);

test("counts are whole numbers within bounds", () => {
  expect(readCount("8", 1, 16)).toEqual({ kind: "ok", value: 8 });
  for (const text of ["0", "17", "-1", "1.5", "eight", "1e3", ""]) {
    expect([text, readCount(text, 1, 16).kind]).toEqual([text, "wrong"]);
  }
  expect(readSwitch("Yes")).toEqual({ kind: "ok", value: true });
  expect(readSwitch("maybe").kind).toBe("wrong");
});

function toWish({ nodes, gpus, gpusPerNode }: Partial<GangWish>): GangWish {
  return { nodes, gpus, gpusPerNode };
}

test.each([
  [{}, 1, 1],
  [{ gpus: 4 }, 1, 4],
  [{ gpus: 8 }, 1, 8],
  [{ gpus: 64 }, 8, 8],
  [{ nodes: 2, gpus: 8 }, 2, 4],
  [{ nodes: 2, gpusPerNode: 8 }, 2, 8],
  [{ gpusPerNode: 4 }, 1, 4],
  [{ gpus: 16, gpusPerNode: 4 }, 4, 4],
  [{ nodes: 3 }, 3, 1],
])("the gang of %j is %d nodes of %d", (wish, nodeCount, gpusPerNode) => {
  expect(toGang(toWish(wish))).toEqual({ kind: "ok", value: { nodeCount, gpusPerNode } });
});

test.each([
  { gpus: 12 },
  { nodes: 3, gpus: 8 },
  { nodes: 2, gpus: 8, gpusPerNode: 8 },
  { gpus: 10, gpusPerNode: 4 },
])("the gang of %j is refused instead of rounded", (wish) => {
  expect(toGang(toWish(wish)).kind).toBe("wrong");
});

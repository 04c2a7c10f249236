import fc from "fast-check";
import { expect, test } from "vitest";
import { findStyle } from "./style.ts";
import type { Output } from "./terminal.ts";
import { pad, toPrintable, toWidth, truncate, truncateStart, wrap } from "./text.ts";

test.each([
  ["abc", 3],
  ["Қазақстан", 9],
  ["東京", 4],
  ["e\u0301", 1],
  ["🚀", 2],
])("%s takes %d columns", (text, width) => {
  expect(toWidth(text)).toBe(width);
});

test("text from elsewhere cannot move the cursor or reorder a line", () => {
  expect(toPrintable("a\u001B[2Jb\u0007\nc\u202Ed\u009Be")).toBe("a?[2Jb??c?d?e");
});

test("cut text never takes more columns than there are, and says that it was cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (raw, width) => {
      const text = toPrintable(raw);
      for (const cut of [truncate(text, width, true), truncateStart(text, width, true)]) {
        expect(toWidth(cut)).toBeLessThanOrEqual(width);
        expect(cut === text || width === 0 || cut.includes("…")).toBe(true);
      }
      expect(toWidth(pad(truncate(text, width, true), width))).toBe(width);
    }),
    { seed: 7 },
  );
});

test("paths are cut at the front, names at the end", () => {
  expect(truncate("llm-pretraining", 8, false)).toBe("llm-pre~");
  expect(truncateStart("hub/hall-1/rack-07/node-2", 15, true)).toBe("…rack-07/node-2");
});

test("wrapped lines hold every word, in lines that fit", () => {
  expect(wrap("the budget was lowered below", 12)).toEqual(["the budget", "was lowered", "below"]);
});

function output(isTty: boolean): Output {
  return { write: () => undefined, isTty, columns: () => (isTty ? 80 : undefined), rows: () => 24 };
}

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ TERM: "dumb" }, true, false],
])("with %j on a terminal (%s) colour is %s", (env, isTty, isColoured) => {
  expect(findStyle(env, output(isTty)).isColoured).toBe(isColoured);
});

test.each([
  [{}, true],
  [{ LANG: "kk_KZ.UTF-8" }, true],
  [{ LC_ALL: "C", LANG: "kk_KZ.UTF-8" }, false],
  [{ LANG: "C.utf8" }, true],
  [{ TERM: "linux" }, false],
])("with %j more than ASCII is %s", (env, isUnicode) => {
  expect(findStyle(env, output(true)).isUnicode).toBe(isUnicode);
});

test("a pipe has no width; COLUMNS wins over the terminal", () => {
  expect(findStyle({ COLUMNS: "40" }, output(false)).width).toBeUndefined();
  expect(findStyle({ COLUMNS: "40" }, output(true)).width).toBe(40);
  expect(findStyle({}, output(true)).width).toBe(80);
});

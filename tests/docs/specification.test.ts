import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findInlineCode, readText, root } from "./documents.ts";

interface Row {
  readonly id: string;
  readonly promise: string;
  readonly test: string;
}

/** Rows of every table with the columns id, promise and test. */
function readRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let isInTable = false;
  for (const line of text.split("\n")) {
    const cells = line.split("|").map((cell) => cell.trim());
    if (!line.startsWith("|")) {
      isInTable = false;
    } else if (cells.slice(1, 4).join() === "id,promise,test") {
      isInTable = true;
    } else if (isInTable && !/^-+$/.test(cells[1] ?? "")) {
      rows.push({ id: cells[1] ?? "", promise: cells[2] ?? "", test: cells[3] ?? "" });
    }
  }
  return rows;
}

const rows = readRows(readText("docs/specification.md"));

test("there are promises, each with an id of its own", () => {
  expect(rows.length).toBeGreaterThan(0);
  const ids = rows.map(({ id }) => id);
  expect(ids.filter((id) => !/^[a-z][a-z0-9-]*$/.test(id))).toEqual([]);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test.each(rows)("$id names tests that exist", ({ promise, test: cell }) => {
  expect(promise).not.toBe("");
  const paths = findInlineCode(cell).filter((code) => code.includes("/"));
  expect(paths.length, "the test cell needs a path in backticks").toBeGreaterThan(0);
  expect(paths.filter((path) => !/\.(test|soak)\.ts$/.test(path))).toEqual([]);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

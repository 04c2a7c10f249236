import { Node, NodeState } from "@ertis/api";
import { expect, test } from "vitest";
import { createNodeListing } from "./nodes-table.ts";

function note(node: Partial<Node>): string {
  const { columns } = createNodeListing({ nowMs: 0, isUnicode: true });
  const cell = columns.find(({ title }) => title === "NOTE")?.cell(Node.fromPartial(node)) ?? "";
  return typeof cell === "string" ? cell : cell.text;
}

test("a node that is off to save power says so, one that is off otherwise does not", () => {
  expect(note({ state: NodeState.OFF, isAsleep: true })).toBe(
    "asleep to save power, comes back by itself",
  );
  expect(note({ state: NodeState.OFF })).toBe("");
});

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
  expect(note({ state: NodeState.OFF })).toBe(
    "off, comes back once its cluster says that it is ready",
  );
});

test("a node that did not wake says so, and that it is tried again", () => {
  expect(note({ state: NodeState.OFF, isUnwoken: true })).toBe(
    "did not wake, is tried again by itself",
  );
  expect(note({ state: NodeState.LOST, isUnwoken: true })).toBe(
    "did not wake, is tried again by itself; may draw its idle watts",
  );
});

test("a node that has no room for its idle draw says where, one that does not answer says so", () => {
  const noRoomInDomainId = "hub/row-01";
  expect(note({ state: NodeState.OFF, isAsleep: true, noRoomInDomainId })).toBe(
    "asleep, no room for its idle draw in hub/row-01: comes back by itself once there is",
  );
  expect(note({ state: NodeState.OFF, noRoomInDomainId })).toBe(
    "off, comes back once its cluster says that it is ready; no room for its idle draw in hub/row-01",
  );
  expect(note({ state: NodeState.LOST })).toBe("does not answer, may still draw its bound");
  expect(note({ state: NodeState.READY })).toBe("");
});

import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

function filled(count: number): Outbox {
  const outbox = new Outbox();
  for (let node = 1; node <= count; node += 1) {
    outbox.add(1_000, { kind: "node-lost", node });
  }
  return outbox;
}

function pendingSequences(outbox: Outbox, after = 0, countMax = 100): readonly number[] {
  return outbox.pending(after, countMax).map((item) => item.sequence);
}

test("reports stay until acknowledged, and are given out from any place on", () => {
  const outbox = filled(5);
  expect(pendingSequences(outbox)).toEqual([1, 2, 3, 4, 5]);
  expect(pendingSequences(outbox, 2, 2)).toEqual([3, 4]);
  outbox.acknowledge(3);
  expect(pendingSequences(outbox)).toEqual([4, 5]);
  expect(pendingSequences(outbox, 4)).toEqual([5]);
  expect(pendingSequences(outbox, 9)).toEqual([]);
});

test("an old or unknown acknowledgement drops nothing that is still needed", () => {
  const outbox = filled(5);
  outbox.acknowledge(3);
  outbox.acknowledge(1);
  outbox.acknowledge(3);
  expect(outbox.acknowledged).toBe(3);
  expect(pendingSequences(outbox)).toEqual([4, 5]);
  outbox.acknowledge(1_000);
  expect(outbox.acknowledged).toBe(5);
  expect(outbox.add(2_000, { kind: "node-ready", node: 1 })).toBe(6);
  expect(pendingSequences(outbox)).toEqual([6]);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunSummary } from "../engine/run-summary.ts";
import { readPlans } from "../stacks/read-plans.ts";
import { listStacks } from "../stacks/stack-list.ts";
import { createStatus, describeWait } from "./stack-status.ts";
import type { StackStatus } from "./stack-status.ts";

const counts = { createCount: 0, updateCount: 0, replaceCount: 0, deleteCount: 0, sameCount: 0 };
const nothing: RunSummary = {
  counts,
  changes: [],
  errors: [],
  warnings: [],
  violations: [],
  seenCount: 0,
  doneCount: 0,
  running: [],
};
const waiting: RunSummary = {
  ...nothing,
  seenCount: 14,
  doneCount: 12,
  running: [
    { name: "Cluster a/b", note: "waiting for the control plane\nmore" },
    { name: "Secret a/c", note: undefined },
  ],
};

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function watch(): { readonly status: StackStatus; readonly said: string[] } {
  const said: string[] = [];
  const output = {
    isScreen: false,
    print: () => undefined,
    say: (line: string) => void said.push(line),
    setStatus: () => undefined,
  };
  return { status: createStatus({ stackCount: 2, output, tellEverySeconds: 30 }), said };
}

const [first, second] = listStacks(readPlans(2));

test("a stack that runs long says every 30 s what it waits for, and nothing once it has ended", () => {
  const { status, said } = watch();
  if (first === undefined || second === undefined) {
    throw new Error("there are stacks of all sites");
  }
  status.begin(first);
  status.begin(second);
  vi.advanceTimersByTime(20_000);
  status.remove(second);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(10_500);
  status.update(first, waiting);
  vi.advanceTimersByTime(30_000);
  expect(said.map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "waits management/main 30.0 s for the engine and its program to begin",
    "waits management/main 60.0 s for Cluster a/b (waiting for the control plane) and 1 more, 12 of 14 done",
  ]);
  status.remove(first);
  vi.advanceTimersByTime(120_000);
  expect(said).toHaveLength(2);
});

test("an end in between ends the lines", () => {
  const { status, said } = watch();
  if (first !== undefined) {
    status.begin(first);
  }
  status.end();
  vi.advanceTimersByTime(120_000);
  expect([said, vi.getTimerCount()]).toEqual([[], 0]);
});

test("what is waited for is an object, else the program", () => {
  expect(describeWait(undefined)).toBe("for the engine and its program to begin");
  expect(describeWait({ ...nothing, seenCount: 3, doneCount: 2 })).toBe(
    "for the program and the policy pack, 2 of 3 done",
  );
  expect(describeWait({ ...nothing, seenCount: 3, doneCount: 3 })).toBe(
    "for the program, then for the policy pack's rules about the whole stack, 3 of 3 done",
  );
});

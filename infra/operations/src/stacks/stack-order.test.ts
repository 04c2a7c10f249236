import { expect, test } from "vitest";
import { readPlans } from "./read-plans.ts";
import { selectStacks } from "./select-stacks.ts";
import { listStacks } from "./stack-list.ts";
import type { StackEntry } from "./stack-list.ts";
import { afterNeeds, afterReaders, inAnyOrder, StackQueue } from "./stack-order.ts";

const stacks = listStacks(readPlans(undefined));
const [first, second] = ["pavlodar-hub-s1-h1", "pavlodar-hub-s1-h2"];
const halls = selectStacks(stacks, ["management", first, second, "scheduler"]);

/** Runs all in lanes, each as long as its name says, and gives the order in which they ended. */
async function runAll(queue: StackQueue, laneCount: number): Promise<readonly string[]> {
  const ended: string[] = [];
  const lane = async (): Promise<void> => {
    for (let entry = await queue.take(); entry !== undefined; entry = await queue.take()) {
      for (let turn = 0; turn < entry.name.length; turn += 1) {
        await Promise.resolve();
      }
      ended.push(entry.name);
      queue.end(entry);
    }
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
  return ended;
}

function assertOrder(ended: readonly string[], chain: readonly string[]): void {
  const places = chain.map((name) => ended.indexOf(name));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
}

const chainOf = (hall: string): readonly string[] => [
  "management/main",
  ...["inventory", "clusters", "platform", "queues"].map((project) => `${project}/${hall}`),
];

test.each([1, 2, 4])(
  "with %i lanes a hall comes up in order and goes down the other way",
  async (laneCount) => {
    const up = await runAll(new StackQueue(halls, afterNeeds), laneCount);
    expect(up).toHaveLength(halls.length);
    assertOrder(up, chainOf(first));
    assertOrder(up, chainOf(second));
    assertOrder(up, ["management/main", "scheduler/main"]);
    const down = await runAll(new StackQueue(halls.toReversed(), afterReaders(halls)), laneCount);
    assertOrder(down, chainOf(first).toReversed());
    assertOrder(down, ["scheduler/main", "management/main"]);
  },
);

test("halls do not wait for each other", async () => {
  const queue = new StackQueue(
    selectStacks(stacks, [`clusters/${first}`, `platform/${first}`, `clusters/${second}`]),
    afterNeeds,
  );
  const taken: (StackEntry | undefined)[] = [await queue.take(), await queue.take()];
  expect(taken.map((entry) => entry?.name)).toEqual([`clusters/${first}`, `clusters/${second}`]);
});

test("what is needed by way of a stack that does not run is waited for", () => {
  const [platform] = selectStacks(stacks, [`platform/${first}`]);
  expect(platform === undefined ? [] : afterNeeds(platform)).toContain("management/main");
});

test("without an order all are handed out at once", async () => {
  const queue = new StackQueue(halls, inAnyOrder);
  const taken = await Promise.all(halls.map(async () => queue.take()));
  expect(taken).toEqual(halls);
});

test("a circle is a bug, not a wait without end", async () => {
  const queue = new StackQueue(halls, ({ name }) => [name]);
  await expect(queue.take()).rejects.toThrow("in a circle");
});

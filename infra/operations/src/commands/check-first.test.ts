import { expect, test } from "vitest";
import { readPlans } from "../stacks/read-plans.ts";
import { selectStacks } from "../stacks/select-stacks.ts";
import { listStacks } from "../stacks/stack-list.ts";
import type { Presence } from "../state/stack-presence.ts";
import { requireDelivered, requirePredecessors } from "./check-first.ts";

const stacks = listStacks(readPlans(undefined));
const hall = "pavlodar-hub-s1-h1";

/** A backend with these stacks up; remembers what it was asked for. */
function backend(present: Readonly<Record<string, Presence>>) {
  const asked: string[] = [];
  return {
    asked,
    presenceOf: async ({
      project,
      stack,
    }: {
      readonly project: string;
      readonly stack: string;
    }) => {
      asked.push(`${project}/${stack}`);
      return Promise.resolve(present[`${project}/${stack}`] ?? "not up");
    },
  };
}

test("a stack whose predecessors are up, or come up with it, may begin", async () => {
  const { asked, presenceOf } = backend({ "management/main": "up" });
  await requirePredecessors(selectStacks(stacks, [hall]), presenceOf);
  expect(asked).toEqual(["management/main"]);
  await requirePredecessors(
    stacks.filter(({ isBuilt }) => isBuilt),
    backend({}).presenceOf,
  );
});

test("a missing predecessor is named with the command that brings it, all in one message", async () => {
  const entries = selectStacks(stacks, [`clusters/${hall}`, `queues/${hall}`]);
  const { presenceOf } = backend({ [`inventory/${hall}`]: "not up as a whole" });
  await expect(requirePredecessors(entries, presenceOf)).rejects.toMatchObject({
    exitCode: 64,
    message: [
      `clusters/${hall} needs inventory/${hall}, which is not up as a whole`,
      `queues/${hall} needs platform/${hall}, which is not up`,
    ].join("\n  "),
    advice: expect.stringContaining(`npm run up -- inventory/${hall} platform/${hall}`),
  });
});

test("a stack that many need is asked for once", async () => {
  const { asked, presenceOf } = backend({ "management/main": "up" });
  await requirePredecessors(selectStacks(stacks, ["inventory", "scheduler"]), presenceOf);
  expect(asked).toEqual(["management/main"]);
});

test("the queues of a registered site need its cluster only", async () => {
  const entries = selectStacks(stacks, ["queues/national-supercomputer"]);
  const { asked, presenceOf } = backend({ "clusters/national-supercomputer": "up" });
  await requirePredecessors(entries, presenceOf);
  expect(asked).toEqual(["clusters/national-supercomputer"]);
});

test("hosts without a delivery list are refused with the file to write", () => {
  expect(() => requireDelivered(selectStacks(stacks, [`inventory/pavlodar-hub-s1-h3`]))).toThrow(
    expect.objectContaining({
      exitCode: 64,
      message: expect.stringMatching(
        /hosts of pavlodar-hub-s1-h3 have no boot MAC .*\.yaml:\d+\).*deliveries\/pavlodar-hub-s1-h3\.yaml/s,
      ),
    }),
  );
  expect(() =>
    requireDelivered(selectStacks(stacks, ["clusters/pavlodar-hub-s1-h3"])),
  ).not.toThrow();
});

import { describe, expect, test } from "vitest";
import { leftOutText, localHalls, localStacks } from "../commands/local-run.ts";
import { expectedResources } from "./expected-resources.ts";
import { readPlans } from "./read-plans.ts";
import { selectStacks } from "./select-stacks.ts";
import { projectNames } from "@ertis/provisioning-model";
import { listStacks, nextHall } from "./stack-list.ts";

const plans = readPlans(undefined);
const stacks = listStacks(plans);

describe("the stacks of all sites", () => {
  test("stand in the order in which they come up", () => {
    const projects = stacks.map(({ project }) => projectNames.indexOf(project));
    expect(projects).toEqual(projects.toSorted((a, b) => a - b));
    expect(stacks[0]?.name).toBe("management/main");
    expect(stacks.at(-1)?.name).toBe("scheduler/main");
  });

  test("are one a hall in four projects, and two of a registered site", () => {
    expect(stacks.filter(({ stack }) => stack === "pavlodar-hub-s6-h7")).toHaveLength(4);
    expect(
      stacks
        .filter(({ stack }) => stack === "national-supercomputer")
        .map(({ project }) => project),
    ).toEqual(["clusters", "queues"]);
    expect(new Set(stacks.map(({ name }) => name)).size).toBe(stacks.length);
  });

  test("are built where their phase is", () => {
    const built = stacks.filter(({ isBuilt, project }) => isBuilt && project === "inventory");
    expect(built.map(({ stack }) => stack)).toEqual([
      "ai-data-center-s1-h1",
      "ai-data-center-s1-h2",
      "pavlodar-hub-s1-h1",
      "pavlodar-hub-s1-h2",
    ]);
    expect(nextHall(stacks)).toBe("pavlodar-hub-s1-h3");
  });

  test("stay under 1,500 resources each, at full build", { timeout: 120_000 }, () => {
    for (const entry of stacks) {
      // Halls of a site are alike in all but their number.
      if (/-h[1-7]$/.test(entry.stack) && entry.stack.includes("-s1-")) {
        expect(expectedResources(entry, plans), entry.name).toBeLessThanOrEqual(1_500);
      }
    }
  });
});

describe("names on the command line", () => {
  test("a stack, a hall or a project", () => {
    expect(selectStacks(stacks, ["clusters/pavlodar-hub-s1-h1"])).toHaveLength(1);
    expect(selectStacks(stacks, ["pavlodar-hub-s1-h3"]).map(({ project }) => project)).toEqual([
      "inventory",
      "clusters",
      "platform",
      "queues",
    ]);
    expect(selectStacks(stacks, ["inventory"]).every(({ isBuilt }) => isBuilt)).toBe(true);
  });

  test.each([
    ["clusters/pavlodar-hub-s1-h11", /nearest names are clusters\/pavlodar-hub-s1-h1, /],
    ["cluster/pavlodar-hub-s1-h1", /nearest names are clusters\/pavlodar-hub-s1-h1[,;]/],
    ["clusters/nonsense", /nearest names are clusters\/ai-data-center-s1-h1, /],
    ["platfrom", /nearest names are platform[,;]/],
    ["pavlodar", /nearest names are pavlodar-hub-s1-h1, pavlodar-hub-s1-h2, /],
    [
      "nonsense",
      /a name is a project \(management, .*\), a hall \(ai-data-center-s1-h1, .*\)\nor project\/stack \(management\/main\)/,
    ],
  ])("%s gets names that may be meant", (name, advice) => {
    expect(() => selectStacks(stacks, [name])).toThrow(
      expect.objectContaining({
        exitCode: 64,
        message: `there is no stack "${name}"`,
        advice: expect.stringMatching(advice),
      }),
    );
  });
});

test("the local profile has a hall of each kind, and its stacks", () => {
  const halls = localHalls(plans);
  expect(halls).toEqual(["ai-data-center-s1-h1", "ai-data-center-s1-h2", "pavlodar-hub-s1-h1"]);
  const local = localStacks(stacks, halls);
  expect(local).toHaveLength(15);
  expect(leftOutText(stacks, local)).toMatch(
    /^left out here: 4 stacks of pavlodar-hub-s1-h2 \(made up like a hall that is here\), \d+ stacks of later phases, 1 stack of national-supercomputer \(its cluster stands elsewhere\)$/,
  );
  expect(leftOutText(local, local)).toBeUndefined();
});

import { loadPlans } from "@ertis/provisioning-model/load";
import { expect, test } from "vitest";
import type { ProjectName } from "@ertis/provisioning-model";
import { resolveTarget, stackTargets } from "./stack-target.ts";

const loaded = loadPlans();
const plans = loaded.kind === "plans" ? loaded.plans : [];
const stacks = (project: ProjectName): readonly string[] =>
  stackTargets(project, plans).map(({ stack }) => stack);

test("management and the scheduler serve all sites from one stack", () => {
  expect(stacks("management")).toEqual(["main"]);
  expect(stacks("scheduler")).toEqual(["main"]);
  expect(resolveTarget("management", "main", plans)).toEqual({ kind: "main" });
});

test("a hall has a stack in four projects, a registered site in two", () => {
  for (const project of ["inventory", "clusters", "platform", "queues"] as const) {
    expect(stacks(project)).toContain("pavlodar-hub-s1-h1");
  }
  expect(stacks("clusters")).toContain("national-supercomputer");
  expect(stacks("queues")).toContain("national-supercomputer");
  expect(stacks("inventory")).not.toContain("national-supercomputer");
  expect(stacks("platform")).not.toContain("national-supercomputer");
  expect(resolveTarget("queues", "national-supercomputer", plans).kind).toBe("registered");
});

test("an unknown stack is answered with the nearest names and the command that lists all", () => {
  expect(() => resolveTarget("clusters", "pavlodar-hub-s1-h11", plans)).toThrow(
    /clusters has no stack "pavlodar-hub-s1-h11".*pavlodar-hub-s1-h1.*npm run stacks/s,
  );
});

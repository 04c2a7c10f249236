import { addonsOf } from "@ertis/charts";
import { expect, test } from "vitest";
import { healthText, type StackHealth } from "./health-text.ts";

const ofManagement: readonly StackHealth[] = addonsOf("management").map(
  ({ name, namespace, healthCheck }) => ({
    stack: "management/main",
    addon: name,
    workload: `${healthCheck.kind} ${namespace}/${healthCheck.name}`,
    result: "healthy",
    seen: "its controller has not seen the last change yet",
  }),
);

test("fits a terminal of 100 columns, with every add-on there is", () => {
  const lines = healthText(ofManagement).split("\n");
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  expect(lines.length).toBeGreaterThan(ofManagement.length);
});

test("a table a stack; the workload of what is not healthy is named", () => {
  const kueue = { addon: "kueue", workload: "Deployment kueue-system/kueue-controller-manager" };
  const text = healthText([
    { stack: "queues/a", ...kueue, result: "recorded", seen: "not installed" },
    { stack: "queues/b", ...kueue, result: "unhealthy", seen: "1 of 2 ready" },
  ]);
  expect(text).toBe(
    [
      "queues/a",
      "ADD-ON  RESULT    SEEN",
      "kueue   recorded  not installed",
      "",
      "queues/b",
      "ADD-ON  RESULT     SEEN",
      "kueue   unhealthy  1 of 2 ready",
      "→ kueue: look at Deployment kueue-system/kueue-controller-manager",
      "",
    ].join("\n"),
  );
});

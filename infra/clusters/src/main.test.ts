import { resolve } from "node:path";
import { runWithFakeEngine } from "@ertis/pulumi-kit/testing";
import { expect, test } from "vitest";

/** The real language runtime and the real entry, with an engine that only listens. */
const project = resolve(import.meta.dirname, "..");
const hall = "pavlodar-hub-s1-h1";

test("a first preview registers the whole stack through the entry", async () => {
  const { exitCode, resources, outputs, messages } = await runWithFakeEngine(project, {
    stack: hall,
  });
  expect(messages.join("\n")).toMatch(/^The management cluster is not known/);
  expect(exitCode).toBe(0);
  expect(resources.map(({ type }) => type)).toContain(
    "kubernetes:cluster.x-k8s.io/v1beta2:Cluster",
  );
  expect(outputs).toHaveProperty("kubeconfigSecret");
});

test.each([
  ["an unknown stack", { stack: "pavlodar-hub-s1-h0" }, /has no stack "pavlodar-hub-s1-h0"/],
  ["an unknown key", { stack: hall, config: { "ertis:size": "1" } }, /ertis:size: unknown key/],
  ["an engine of another version", { stack: hall, refuseVersion: "3.260.0" }, /CLI is 3\.260\.0/],
  ["an update without a management cluster", { stack: hall, isDryRun: false }, /kubeconfig is mis/],
  [
    "an update before its predecessor",
    { stack: hall, isDryRun: false, environment: { KUBECONFIG: import.meta.filename } },
    /needs inventory\/pavlodar-hub-s1-h1, which does not exist yet/,
  ],
])("%s is one message without a stack trace, and no resource", async (_, run, message) => {
  const { exitCode, resources, messages } = await runWithFakeEngine(project, run);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(message);
  expect(messages[0]).not.toMatch(/\n\s+at /);
  // What the language host takes for "the program has said why".
  expect(exitCode).toBe(32);
  expect(resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
});

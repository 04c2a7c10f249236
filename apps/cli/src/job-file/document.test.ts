import { expect, test } from "vitest";
import { buildSpec } from "./build-spec.ts";
import { emptyDraft } from "./draft.ts";
import { readDocument } from "./document.ts";

const nowMs = 0;

test("a YAML file gives a job with every kind of setting", () => {
  const [draft] = readDocument(
    "job.yaml",
    `
project: nlp
name: train
nodes: 2
gpus-per-node: 8
gpu: H100-SXM-80GB
time: 12:30:00
array: 0-99%10
dependency: [afterok:12, afterany:13]
priority: high
preemptible: true
retry: 3
image: registry.local/train@sha256:0123
command: [python, train.py]
args: [--epochs, 3]
labels: { team: a }
env: { SEED: 1_000 }
`,
  );
  expect(draft).toBeDefined();
  const spec = draft === undefined ? {} : buildSpec(draft, nowMs);
  expect(spec).toMatchObject({
    project: "nlp",
    nodeCount: 2,
    gpusPerNode: 8,
    walltimeMs: 45_000_000,
    array: { taskCount: 100, throttle: 10 },
    preemptible: true,
    retryPolicy: { maxRetries: 3 },
    command: ["python", "train.py"],
    args: ["--epochs", "3"],
  });
  expect(spec.dependencies).toHaveLength(2);
  expect([...(spec.labels ?? [])]).toEqual([["team", "a"]]);
  // As written, not as YAML reads numbers.
  expect(spec.env?.get("SEED")).toBe("1_000");
});

test("JSON, a list and several documents are read as well", () => {
  expect(readDocument("a.json", '{"name": "a", "gpusPerNode": 8}')).toHaveLength(1);
  expect(readDocument("a.yaml", "- name: a\n- name: b\n")).toHaveLength(2);
  expect(readDocument("a.yaml", "name: a\n---\nname: b\n")).toHaveLength(2);
});

test.each([
  ["name: a\ngpuz: 8\n", /^job.yaml:2: a job has no setting "gpuz"$/],
  ["name: [\n", /^job.yaml:\d+: /],
  ["name: a\nlabels: 3\n", /^job.yaml:2: labels must be a map/],
  ["name:\n", /^job.yaml:1: name must be one value$/],
  ["just text", /^job.yaml:1: a job must be a map/],
  ["name: a\nname: b\n", /^job.yaml:2: /],
])("%j is refused with its line", (text, message) => {
  expect(() => readDocument("job.yaml", text)).toThrow(message);
});

test("everything wrong is said at once, each with its place", () => {
  const [draft] = readDocument("job.yaml", "nodes: 0\npriority: highest\narray: 1-5\n");
  let message = "";
  try {
    buildSpec(draft ?? emptyDraft, nowMs);
  } catch (error) {
    message = error instanceof Error ? error.message : "";
  }
  expect(message.split("\n")).toEqual([
    expect.stringMatching(/^job.yaml:1: nodes: "0" is not a whole number/),
    expect.stringMatching(/^the job does not say how long/),
    expect.stringMatching(/^job.yaml:3: array: /),
    expect.stringMatching(/^job.yaml:2: priority: "highest" is none of low, normal, high, urgent$/),
    expect.stringMatching(/^there is nothing to run/),
  ]);
});

test.each([
  [
    "time: 1h\ncommand: [python, train.py]\n",
    /^job.yaml:2: command: there is no image it could run in: add image/,
  ],
  [
    `time: 1h\nscript: "${"x".repeat(70_000)}"\n`,
    /^job.yaml:2: the script is 68.4 KiB long, and 64.0 KiB is the most/,
  ],
])("what cannot be run is refused before it is sent: %.40j", (text, message) => {
  const [draft] = readDocument("job.yaml", text);
  expect(() => buildSpec(draft ?? emptyDraft, nowMs)).toThrow(message);
});

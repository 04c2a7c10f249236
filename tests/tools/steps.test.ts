import { expect, test } from "vitest";
import { runStep } from "./steps.ts";

test("a check that exits with 0 counts as one passed", async () => {
  const result = await runStep({ name: "fine", command: ["node", "-e", "console.log('hello')"] });
  expect(result).toMatchObject({ passedCount: 1, failedCount: 0, skips: [], output: "hello\n" });
});

test("a check that exits with anything else counts as one failed and keeps its output", async () => {
  const script = "console.error('broken'); process.exit(3)";
  const result = await runStep({ name: "broken", command: ["node", "-e", script] });
  expect(result).toMatchObject({ passedCount: 0, failedCount: 1, output: "broken\n" });
});

test("a program that does not exist is a failure, not a pass", async () => {
  const result = await runStep({ name: "absent", command: ["ertis-no-such-program"] });
  expect(result).toMatchObject({ passedCount: 0, failedCount: 1 });
});

test("a check without its input is a skip that says why", async () => {
  const step = { name: "later", command: ["node", "-e", "0"], requires: "no/such/file" } as const;
  expect(await runStep(step)).toMatchObject({
    passedCount: 0,
    failedCount: 0,
    skips: [{ name: "later", reason: "no/such/file does not exist" }],
  });
});

test("a test run that dies before its report counts as failed", async () => {
  const step = { name: "dies", command: ["node", "-e", "0"], hasTests: true } as const;
  expect(await runStep(step)).toMatchObject({ passedCount: 0, failedCount: 1 });
});

test("an exit code that the test counts do not explain is a failure", async () => {
  const write = `require("fs").writeFileSync(process.env.ERTIS_TEST_COUNTS, '{"passedCount":2,"failedCount":0,"skips":[]}'); process.exit(1)`;
  const result = await runStep({ name: "odd", command: ["node", "-e", write], hasTests: true });
  expect(result).toMatchObject({ passedCount: 2, failedCount: 1 });
});

import { JobState } from "@ertis/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createConnectionReport } from "./actions/connection-report.ts";
import { run } from "./program.ts";
import { type FakeHub, startFakeHub } from "./testing/fake-hub.ts";
import { runErtis } from "./testing/run-ertis.ts";
import { createTestTerminal } from "./testing/test-terminal.ts";

let hub: FakeHub;

beforeEach(async () => {
  hub = await startFakeHub([JobState.QUEUED, JobState.RUNNING]);
});

afterEach(async () => {
  await hub.close();
});

test.each([
  [[JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED], 0],
  [[JobState.RUNNING, JobState.FAILED], 7],
  [[JobState.RUNNING, JobState.CANCELLED], 7],
])("submit --wait of a job that goes through %j ends with %d", async (ends, code) => {
  await hub.close();
  hub = await startFakeHub(ends);
  const ran = await runErtis(hub.address, ["submit", "-t", "1h", "--wait", "--wrap", "x"]);
  expect(ran.code).toBe(code);
  expect(ran.err.trim().split("\n")).toHaveLength(ends.length);
});

test("watching a job that is not there ends with 3, Ctrl-C with 130 while the job goes on", async () => {
  await hub.close();
  hub = await startFakeHub([JobState.RUNNING]);
  expect((await runErtis(hub.address, ["watch", "99"])).code).toBe(3);
  const terminal = createTestTerminal({ env: { ERTIS_ADDRESS: hub.address } });
  const running = run(["watch", "2000"], terminal);
  await expect.poll(() => terminal.out()).toContain("job 2000 running");
  terminal.press();
  expect(await running).toBe(130);
  expect(terminal.err()).toBe("the job goes on; to stop: ertis cancel 2000\n");
});

test("a picture on a terminal is drawn, follows, and leaves the terminal as it was", async () => {
  const env = { ERTIS_ADDRESS: hub.address };
  const terminal = createTestTerminal({ columns: 80, env });
  const running = run(["jobs", "--watch"], terminal);
  await expect.poll(() => terminal.out()).toContain("● running");
  terminal.press();
  expect(await running).toBe(0);
  expect(terminal.out().startsWith("\u001B[?1049h\u001B[?25l")).toBe(true);
  const [, left = ""] = terminal.out().split("\u001B[?1049l");
  expect(left).toContain("● running");
  expect(left).not.toContain("\u001B");
});

test("a broken connection is told once, and that it is back", () => {
  const terminal = createTestTerminal();
  const report = createConnectionReport(terminal);
  report.works();
  report.broke("connect ECONNREFUSED");
  report.broke("connect ECONNREFUSED");
  report.works();
  report.works();
  expect(terminal.err()).toBe(
    "ertis: connect ECONNREFUSED; connecting again until it answers\nertis: connected again\n",
  );
});

test("the same in a pipe is one line for each change, without any codes", async () => {
  const terminal = createTestTerminal({ env: { ERTIS_ADDRESS: hub.address } });
  const running = run(["jobs", "--watch"], terminal);
  await expect.poll(() => terminal.out().trim().split("\n")).toHaveLength(2);
  terminal.press();
  await running;
  expect(terminal.out()).toMatch(/^\d\d:\d\d:\d\d 2000 queued train nlp 8 GPUs\n/);
  expect(terminal.out()).not.toContain("\u001B");
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeHub, startFakeHub } from "./testing/fake-hub.ts";
import { type Ran, runErtis } from "./testing/run-ertis.ts";
import type { TestTerminalOptions } from "./testing/test-terminal.ts";

let hub: FakeHub;
let folder = "";

beforeEach(async () => {
  hub = await startFakeHub();
  folder = mkdtempSync(join(tmpdir(), "ertis-cli-options-"));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await hub.close();
});

async function ertis(argv: readonly string[], options: TestTerminalOptions = {}): Promise<Ran> {
  return runErtis(hub.address, argv, { cwd: folder, ...options });
}

function lastSpec(): Record<string, unknown> {
  return { ...hub.submitted.at(-1)?.items[0]?.spec };
}

test("options of connection and output stand before the command too; after it wins", async () => {
  for (const argv of [
    ["-o", "name", "--address", hub.address, "jobs"],
    ["--address", "127.0.0.1:1", "-o", "json", "jobs", "-o", "name", "--address", hub.address],
  ]) {
    const ran = await ertis(argv, { env: { ERTIS_ADDRESS: "127.0.0.1:1" } });
    expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/^1010\n/), err: "" });
  }
  const script = join(folder, "train.sh");
  writeFileSync(script, "#!/bin/sh\n");
  const submitted = await ertis(["-o", "name", "submit", "-t", "1h", script, "-o", "x"]);
  expect(submitted.out).toBe("2000\n");
  expect(lastSpec()).toMatchObject({ args: ["-o", "x"] });
  expect(await ertis(["-o", "xml", "jobs"])).toMatchObject({ code: 2 });
  expect(await ertis(["--as", "nobody", "nodes"])).toMatchObject({
    code: 2,
    err: expect.stringContaining('no context "nobody"'),
  });
  expect(await ertis(["--no-headers", "completion", "bash"])).toMatchObject({
    code: 2,
    err: expect.stringContaining('"completion" has no --no-headers'),
  });
});

test("a job that names no project gets the context's, unless it goes with another token", async () => {
  const path = join(folder, "context.json");
  const context = { address: hub.address, token: "secret", project: "weather" };
  writeFileSync(path, JSON.stringify(context), { mode: 0o600 });
  const argv = ["submit", "-t", "1h", "--wrap", "x"];
  const env = { ERTIS_ADDRESS: "", ERTIS_CONTEXT: path };
  await ertis(argv, { env });
  expect(lastSpec()).toMatchObject({ project: "weather" });
  await ertis([...argv, "--project", "flag"], { env });
  expect(lastSpec()).toMatchObject({ project: "flag" });
  await ertis(argv, { env: { ...env, ERTIS_PROJECT: "env" } });
  expect(lastSpec()).toMatchObject({ project: "env" });
  await ertis(argv, { env: { ...env, ERTIS_TOKEN: "of somebody else" } });
  expect(lastSpec()).toMatchObject({ project: "nlp" });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Desk, openDesk } from "./testing/desk.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk.close());

test("options of connection and output stand before the command too; after it wins", async () => {
  for (const argv of [
    ["-o", "name", "--address", desk.hub.address, "jobs"],
    ["--address", "127.0.0.1:1", "-o", "json", "jobs", "-o", "name", "--address", desk.hub.address],
  ]) {
    const ran = await desk.ertis(argv, { env: { ERTIS_ADDRESS: "127.0.0.1:1" } });
    expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/^1010\n/), err: "" });
  }
  const script = join(desk.folder, "train.sh");
  writeFileSync(script, "#!/bin/sh\n");
  const submitted = await desk.ertis(["-o", "name", "submit", "-t", "1h", script, "-o", "x"]);
  expect(submitted.out).toBe("2000\n");
  expect(desk.lastSpec()).toMatchObject({ args: ["-o", "x"] });
  expect(await desk.ertis(["-o", "xml", "jobs"])).toMatchObject({ code: 2 });
  expect(await desk.ertis(["--as", "nobody", "nodes"])).toMatchObject({
    code: 2,
    err: expect.stringContaining('no context "nobody"'),
  });
  expect(await desk.ertis(["--no-headers", "completion", "bash"])).toMatchObject({
    code: 2,
    err: expect.stringContaining('"completion" has no --no-headers'),
  });
});

test("a job that names no project gets the context's, unless it goes with another token", async () => {
  const path = join(desk.folder, "context.json");
  const context = { address: desk.hub.address, token: "secret", project: "weather" };
  writeFileSync(path, JSON.stringify(context), { mode: 0o600 });
  const argv = ["submit", "-t", "1h", "--wrap", "x"];
  const env = { ERTIS_ADDRESS: "", ERTIS_CONTEXT: path };
  await desk.ertis(argv, { env });
  expect(desk.lastSpec()).toMatchObject({ project: "weather" });
  await desk.ertis([...argv, "--project", "flag"], { env });
  expect(desk.lastSpec()).toMatchObject({ project: "flag" });
  await desk.ertis(argv, { env: { ...env, ERTIS_PROJECT: "env" } });
  expect(desk.lastSpec()).toMatchObject({ project: "env" });
  await desk.ertis(argv, { env: { ...env, ERTIS_TOKEN: "of somebody else" } });
  expect(desk.lastSpec()).toMatchObject({ project: "nlp" });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Desk, openDesk } from "../testing/desk.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
  writeFileSync(join(desk.folder, "one.yaml"), "{time: 1h, gpus: 1, image: i, project: file}\n");
  writeFileSync(join(desk.folder, "one.json"), '{"time": "1h", "gpus": 1, "image": "i"}\n');
});

afterEach(() => desk.close());

test.each(["one.yaml", "one.json"])("options that follow %s are options", async (file) => {
  const planned = await desk.ertis(["submit", file, "--dry-run"]);
  expect(planned).toMatchObject({ code: 0, out: expect.stringContaining("would start now") });
  expect(desk.hub.submitted).toHaveLength(0);
  const json = await desk.ertis(["plan", file, "-o", "json"]);
  expect(JSON.parse(json.out)).toHaveProperty("startNow");
  const argv = ["submit", "--env", "A=1", file, "--hold", "--env", "B=2", "--parsable"];
  expect(await desk.ertis(argv)).toEqual({ code: 0, out: "2000\n", err: "" });
  expect(desk.lastSpec()).toMatchObject({ held: true, args: [] });
});

test.each([
  [["--nonsense"], /unknown option --nonsense after a job file\n {2}do: "ertis submit --help"/],
  [["--dry-runn"], /unknown option --dry-runn after a job file; did you mean --dry-run\?/],
  [["--hold", "3"], /3 follows a job file, which takes no arguments/],
  [["--", "--hold"], /--hold follows a job file, which takes no arguments/],
  [["-o", "xml"], /Allowed choices are table/],
] as const)("%j after a job file is refused, and nothing is submitted", async (words, message) => {
  const ran = await desk.ertis(["submit", "one.yaml", ...words]);
  expect(ran).toEqual({ code: 2, out: "", err: expect.stringMatching(message) });
  expect(desk.hub.submitted).toHaveLength(0);
});

test("help is given after a job file, too", async () => {
  const ran = await desk.ertis(["submit", "one.yaml", "--help"]);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("Usage: ertis submit") });
  expect(desk.hub.submitted).toHaveLength(0);
});

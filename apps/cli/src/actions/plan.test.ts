import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exitCodes } from "../exit-codes.ts";
import { type Desk, openDesk } from "../testing/desk.ts";

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});

afterAll(() => desk.close());

function write(file: string, nodeCounts: readonly number[]): void {
  const jobs = nodeCounts.map(
    (nodes, at) =>
      `- {name: train-${at}, project: nlp, nodes: ${nodes}, gpus-per-node: 8, time: 1h, image: registry.local/x}`,
  );
  writeFileSync(join(desk.folder, file), `${jobs.join("\n")}\n`);
}

test("of a file with several jobs each has a row, planned alone, and that is said", async () => {
  write("two.yaml", [2, 1]);
  const { code, out, err } = await desk.ertis(["plan", "two.yaml"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^JOB +GPUS +WOULD/);
  expect(out).toMatch(/^train-0 +2.8 +starts now/m);
  expect(out).toMatch(/^train-1 +8 +starts now/m);
  expect(err).toContain("each is planned alone");
  const { out: json } = await desk.ertis(["plan", "two.yaml", "-o", "json"]);
  expect(JSON.parse(json)).toMatchObject([
    { name: "train-0", plan: { startNow: { site: "pavlodar-hub" } } },
    { name: "train-1", plan: { startNow: { site: "pavlodar-hub" } } },
  ]);
});

test("a start that misses the deadline says so in its row", async () => {
  const job = "project: nlp, nodes: 1, gpus-per-node: 8, time: 1h, image: registry.local/x";
  const jobs = ["10min", "2h"].map((by) => `- {name: in-${by}, deadline: now+${by}, ${job}}`);
  writeFileSync(join(desk.folder, "due.yaml"), `${jobs.join("\n")}\n`);
  const { out } = await desk.ertis(["plan", "due.yaml"]);
  expect(out).toMatch(/^in-10min .*deadline .*: missed by 50 min if it uses its walltime$/m);
  expect(out).not.toMatch(/^in-2h .*deadline/m);
});

test("one that would be refused has its reason in its row and gives the exit code", async () => {
  write("large.yaml", [1, 1_000]);
  const { code, out } = await desk.ertis(["plan", "large.yaml"]);
  expect(code).toBe(exitCodes.refused);
  expect(out).toMatch(/^train-1 +1000.8 +refused \(NEVER_FITS\).*too many/m);
});

test("more jobs than one answer is for are refused with how many may be asked for", async () => {
  write(
    "many.yaml",
    Array.from({ length: 101 }, () => 1),
  );
  const { code, err } = await desk.ertis(["plan", "many.yaml"]);
  expect(code).toBe(exitCodes.usage);
  expect(err).toContain("a plan is of 1 to 100 jobs, and the file holds 101");
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Desk, openDesk } from "../testing/desk.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk.close());

test("submit --wrap prints the job's id; the only project need not be named", async () => {
  const ran = await desk.ertis(["submit", "--gpus", "16", "--time", "2h", "--wrap", "sleep 60"]);
  expect(ran).toEqual({ code: 0, out: "submitted job 2000 (sleep)\n", err: "" });
  expect(desk.lastSpec()).toMatchObject({
    project: "nlp",
    name: "sleep",
    nodeCount: 2,
    gpusPerNode: 8,
    walltimeMs: 7_200_000,
    script: "#!/bin/sh\nsleep 60\n",
  });
});

test("sbatch is understood blindly, and --parsable prints the id alone", async () => {
  const argv = "sbatch --parsable -N 2 --gpus-per-node=8 -t 24:00:00 -a 0-99%10 -d afterok:1001";
  const ran = await desk.ertis([...argv.split(" "), "--wrap", "x"]);
  expect(ran).toMatchObject({ code: 0, out: "2000\n" });
  expect(desk.lastSpec()).toMatchObject({
    array: { taskCount: 100, throttle: 10 },
    dependencies: [{ jobId: "1001", condition: 1 }],
  });
});

test("file loses to environment, environment loses to flags; words after the file are its own", async () => {
  writeFileSync(
    join(desk.folder, "train.sh"),
    "#!/bin/sh\n#ERTIS --time 1h --site file --project file\n#ERTIS --gpus 8\necho\n",
  );
  const argv = ["submit", "--project", "flag", "train.sh", "--epochs", "3", "--project", "x"];
  const ran = await desk.ertis(argv, { env: { ERTIS_SITE: "env", ERTIS_PROJECT: "env" } });
  expect(ran.code).toBe(0);
  expect(desk.lastSpec()).toMatchObject({
    name: "train.sh",
    project: "flag",
    site: "env",
    walltimeMs: 3_600_000,
    args: ["--epochs", "3", "--project", "x"],
  });
});

test("a job file holds several jobs; a script may come from standard input", async () => {
  const job = "{time: 1h, gpus: 1, image: i}";
  writeFileSync(join(desk.folder, "jobs.yaml"), `- ${job}\n- ${job}\n`);
  expect((await desk.ertis(["submit", "jobs.yaml"])).out).toBe(
    "submitted job 2000 (jobs.yaml)\nsubmitted job 2001 (jobs.yaml)\n",
  );
  const piped = await desk.ertis(["submit", "-"], { input: "#!/bin/sh\n#ERTIS -t 1h\n" });
  expect(piped.code).toBe(0);
});

test("where a job of a file is refused, it is said which of the others are submitted", async () => {
  writeFileSync(
    join(desk.folder, "jobs.yaml"),
    "- {time: 1h, gpus: 8, image: i}\n- {time: 1h, nodes: 1000, gpus-per-node: 8, image: i}\n",
  );
  const ran = await desk.ertis(["submit", "jobs.yaml"]);
  expect(ran).toMatchObject({ code: 8, out: "submitted job 2000 (jobs.yaml)\n" });
  expect(ran.err).toContain("jobs.yaml was refused (NEVER_FITS)");
  expect(ran.err).toContain(
    '1 of 2 jobs is submitted: submit only the others again, or take it back with "ertis cancel 2000"\n',
  );
});

test("a deadline that cannot be kept is told of, and the job is submitted", async () => {
  const line = ["submit", "-t", "1h", "--wrap", "x", "--deadline"];
  const late = await desk.ertis([...line, "now+10min"]);
  expect(late).toEqual({
    code: 0,
    out: "submitted job 2000 (x)\n",
    err: "note: job 2000 cannot keep its deadline if it uses its walltime: even with a start at once it is missed by 50 min\n",
  });
  expect((await desk.ertis([...line, "now+2h"])).err).toBe("");
  const { out } = await desk.ertis([...line, "now+10min", "-o", "json"]);
  expect(JSON.parse(out)).toMatchObject([{ jobId: "2000", deadlineMissedByMs: 3_000_000 }]);
});

test("submit -o json is for programs", async () => {
  const ran = await desk.ertis(["submit", "-o", "json", "-t", "1h", "--wrap", "x"]);
  expect(JSON.parse(ran.out)).toMatchObject([{ outcome: "accepted", jobId: "2000" }]);
});

test("a request id given by hand is the one that is sent", async () => {
  const argv = ["submit", "-v", "-t", "1h", "--wrap", "x", "--request-id"];
  const ran = await desk.ertis([...argv, "6b81fd6f-e9a3-4ec1-a3e2-50e7ffdab76f"]);
  expect(ran.err).toContain("request id 6b81fd6f-e9a3-4ec1-a3e2-50e7ffdab76f\n");
  expect(desk.hub.submitted[0]?.items[0]?.requestId).toBe("6b81fd6f-e9a3-4ec1-a3e2-50e7ffdab76f");
});

test("a lost answer says how to find out without submitting twice", async () => {
  for (let tries = 0; tries < 30; tries += 1) {
    desk.hub.failNext("submitJobs", { code: "UNAVAILABLE", message: "restart" });
  }
  const ran = await desk.ertis(["submit", "-t", "1h", "--wrap", "x", "--timeout", "300ms"]);
  expect(ran.code).toBe(6);
  expect(ran.err).toMatch(
    /not known whether it was accepted[\s\S]*--request-id [0-9a-f-]{36} submits it once/,
  );
});

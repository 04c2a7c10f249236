import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Desk, openDesk } from "./testing/desk.ts";
import { sampleNowMs } from "./testing/sample-power.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk.close());

test.each([
  [["submit", "--wrap", "x"], 2, /does not say how long it may run/],
  [["submit", "-t", "1h"], 2, /there is nothing to run/],
  [["submit", "-t", "30", "--wrap", "x"], 2, /--time: "30" has no unit/],
  [["submit", "missing.sh"], 2, /cannot read missing.sh: there is no such file\n/],
  [["submit", "."], 2, /cannot read \.: it is a folder\n/],
  [["submit", "-G", "1", "-N", "2", "-t", "1h", "--wrap", "x"], 2, /: 1 GPU cannot be spread/],
  [["submit", "--gpuz", "8"], 2, /unknown option '--gpuz'[\s\S]*Did you mean one of --gpu, --gpus/],
  [["submit", "-G", "9000", "-N", "1125", "-t", "1h", "--wrap", "x"], 8, /NEVER_FITS/],
  [["jbos"], 2, /unknown command 'jbos'[\s\S]*Did you mean jobs/],
  [["job"], 2, /missing required argument 'id'/],
  [["job", "99"], 3, /job is not known/],
  [["jobs", "1010", "99"], 3, /not found: 99/],
  [["jobs", "--state", "asleep"], 2, /it is one of held, waiting, queued/],
  [["jobs", "--limit", "many"], 2, /whole number/],
  [["jobs", "-o", "xml"], 2, /Allowed choices are table, wide, json, yaml, name, jsonl/],
  [["jobs", "--timeout", "soon"], 2, /--timeout: /],
  [["cancel"], 2, /cancel what\?/],
  [["cancel", "1003"], 5, /1003 was not cancelled \(ALREADY_FINISHED\)/],
  [["cancel", "--name", "nothing"], 3, /^no jobs match\n$/],
  [["cancel", "--name", "nothing", "--yes"], 3, /^no jobs match\n$/],
  [["help", "nope"], 2, /unknown command 'nope'/],
  [["power", "hall-2"], 3, /do: one of these may be meant: pavlodar-hub\/substation-1\/hall-2; /],
  [["power", "hal-2"], 3, /do: one of these may be meant: \S+\/hall-2; "ertis power -o name --/],
  [["power", "attic"], 3, /do: "ertis power -o name --depth 0" lists all paths\n/],
  [
    ["budget", "set", "b2", "hal-2", "1 W", "--reason", "x"],
    3,
    /there is no site or domain hal-2\n {2}do: one of these may be meant: \S+\/hall-2; "ertis power/,
  ],
  [
    ["curtail", "preview", "hal-2", "-70%", "--for", "4h"],
    3,
    /there is no site or domain hal-2\n {2}do: one of these may be meant: \S+\/hall-2; /,
  ],
  [
    "curtail schedule a hal-2 20% --for 4h --reason x".split(" "),
    3,
    /there is no site or domain hal-2\n {2}do: one of these may be meant: \S+\/hall-2; /,
  ],
  [["cordon", "nope", "--reason", "x"], 3, /there is no node nope; "ertis nodes" lists them/],
  [["cancel", "--name", ""], 2, /--name is empty/],
  [["cancel", "--owner", " ", "--yes"], 2, /--owner is empty/],
  [["cancel", "1010", "--mine"], 2, /both job ids and a filter/],
  [["cordon", "hub/rack/a"], 2, /cordon needs a reason/],
  [["cordon", "--reason", "x"], 2, /cordon what\?/],
  [["drain", "hub/rack/a", "--reason", "x"], 2, /what then happens/],
  [["confirm-power-off", "hub/rack/a", "--reason", "x"], 2, /nobody is here to agree/],
  [["budget", "set", "b", "hub", "300", "--reason", "x"], 2, /has no unit/],
  [["budget", "set", "b", "hub", "3 MW"], 2, /a budget needs a reason/],
  [["budget", "remove", "b"], 2, /needs a reason/],
  [
    "budget set b hub 3MW --reason x --from now+2h --until now+1h".split(" "),
    2,
    /the budget ends before it begins[\s\S]*give a later --until/,
  ],
  [["plan", "-N", "1000", "-t", "1h", "--wrap", "x"], 8, /^$/],
  [["top"], 2, /this is none/],
] as const)("%j ends with %d", async (argv, code, message) => {
  const ran = await desk.ertis(argv);
  expect({ code: ran.code, err: ran.err }).toEqual({ code, err: expect.stringMatching(message) });
});

test.each([
  ["NOT_FOUND", 3],
  ["PERMISSION_DENIED", 4],
  ["UNAUTHENTICATED", 4],
  ["FAILED_PRECONDITION", 5],
  ["ALREADY_EXISTS", 5],
  ["RESOURCE_EXHAUSTED", 8],
  ["INVALID_ARGUMENT", 2],
  ["INTERNAL", 1],
] as const)("a call that fails with %s ends with %d", async (code, exitCode) => {
  desk.hub.failNext("getJob", { code, message: "so it is", reason: "WHY", requestId: "call-7" });
  const ran = await desk.ertis(["job", "1010", "-v"]);
  expect(ran.code).toBe(exitCode);
  expect(ran.err).toContain("error: so it is\n");
  expect(ran.err).toContain(`code ${code}, reason WHY, request id call-7`);
});

test("a scheduler out of reach ends with 6, within the time that was given", async () => {
  const left = await openDesk();
  await left.close();
  const env = { ERTIS_ADDRESS: left.hub.address };
  const ran = await desk.ertis(["jobs", "--timeout", "300ms"], { env });
  expect(ran.code).toBe(6);
  expect(ran.err).toMatch(/cannot reach the scheduler[\s\S]*do: check that the scheduler runs/);
});

test("jobs that have ended are left out unless they are asked for", async () => {
  const usual = await desk.ertis(["jobs", "-o", "name"]);
  expect(usual.out).toBe("1010\n1009\n1008\n1007\n1006\n1005\n1004\n");
  expect((await desk.ertis(["squeue", "-a", "-o", "name"])).out.split("\n")).toHaveLength(11);
  const failed = await desk.ertis(["jobs", "--state", "failed,cancelled", "-o", "name"]);
  expect(failed.out).toBe("1002\n1001\n");
});

test("tasks are listed by their array or by their own ids", async () => {
  const all = await desk.ertis(["jobs", "1009", "--tasks", "-o", "name"]);
  expect(all).toEqual({ code: 0, out: "1009_0\n1009_1\n", err: "" });
  const one = await desk.ertis(["jobs", "1010", "1009_1", "1009_7", "-o", "name"]);
  expect(one).toEqual({ code: 3, out: "1010\n1009_1\n", err: "not found: 1009_7\n" });
});

test("a limit says that there is more", async () => {
  const ran = await desk.ertis(["jobs", "--limit", "2", "-o", "name"]);
  expect(ran.out).toBe("1010\n1009\n");
  expect(ran.err).toBe("there are more than 2: --limit 0 shows all\n");
});

test("each output format of one listing", async () => {
  const json = await desk.ertis(["jobs", "1005", "-o", "json"]);
  expect(JSON.parse(json.out)).toMatchObject([{ id: "1005", state: "JOB_STATE_RUNNING" }]);
  const lines = await desk.ertis(["jobs", "-o", "jsonl"]);
  expect(
    lines.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).id),
  ).toHaveLength(7);
  expect((await desk.ertis(["jobs", "1005", "-o", "yaml"])).out).toMatch(
    /^- id: "1005"\n {2}owner: aigerim/,
  );
  const headless = await desk.ertis(["jobs", "1005", "--no-headers"]);
  expect(headless.out.split("\n")).toHaveLength(2);
  expect((await desk.ertis(["jobs", "1005", "-o", "wide"])).out).toContain("WALLTIME");
});

test("data goes to standard output, messages to standard error", async () => {
  const ran = await desk.ertis(["jobs", "--name", "no-such-name"]);
  expect(ran).toEqual({ code: 0, out: "", err: "no jobs; --all shows finished ones too\n" });
});

test("job, why, plan, power, nodes, budget and info show what there is", async () => {
  expect((await desk.ertis(["job", "1002"])).out).toContain("exit code 137");
  expect((await desk.ertis(["why", "1010"])).out).toContain("too few free GPUs");
  expect((await desk.ertis(["why", "1002"])).out).toBe(
    "it has ended: failed (the program failed), exit code 137, after 1 min\n",
  );
  expect((await desk.ertis(["plan", "-t", "1h", "--wrap", "x"])).out).toContain("would start now");
  expect((await desk.ertis(["submit", "--dry-run", "-t", "1h", "--wrap", "x"])).out).toContain(
    "start now",
  );
  expect((await desk.ertis(["power"])).out).toContain("OVER BUDGET by 1.20 MW");
  expect((await desk.ertis(["power", "-o", "name"])).out).toContain(
    "pavlodar-hub/substation-1/hall-2\n",
  );
  expect((await desk.ertis(["nodes", "--no-headers"])).out.split("\n")).toHaveLength(3);
  expect((await desk.ertis(["budget"])).err).toBe("no budgets\n");
  expect((await desk.ertis(["info"])).out).toContain("aigerim (researcher)");
  expect(desk.hub.submitted).toHaveLength(0);
});

test("a budget is set in watts and milliseconds", async () => {
  const argv = ["budget", "set", "evening", "pavlodar-hub", "12.5 MW", "--until", "now+4h"];
  expect((await desk.ertis([...argv, "--reason", "peak"])).code).toBe(0);
  expect(desk.hub.calls.find(({ name }) => name === "setBudget")?.request).toMatchObject({
    budgetId: "evening",
    limitWatts: 12_500_000,
    fromTimeMs: 0,
    untilTimeMs: sampleNowMs + 14_400_000,
    reason: "peak",
  });
});

test("now is what the scheduler's clock says, whatever this machine's does", async () => {
  const options = { nowMs: sampleNowMs - 86_400_000 };
  const budget = "budget set noon pavlodar-hub 12MW --from now+1h --until now+4h --reason peak";
  const submit = "submit --gpus 1 -t 1h --begin now+1h --deadline now+9h --wrap true";
  for (const line of [budget, submit]) {
    expect(await desk.ertis(line.split(" "), options)).toMatchObject({ code: 0 });
  }
  const requestOf = (method: string): unknown =>
    desk.hub.calls.findLast(({ name }) => name === method)?.request;
  expect(requestOf("setBudget")).toMatchObject({
    fromTimeMs: sampleNowMs + 3_600_000,
    untilTimeMs: sampleNowMs + 14_400_000,
  });
  expect(desk.hub.submitted.at(-1)?.items[0]?.spec).toMatchObject({
    beginTimeMs: sampleNowMs + 3_600_000,
    deadlineTimeMs: sampleNowMs + 32_400_000,
  });
});

test("a match is shown, asked for, and exactly what was shown is cancelled", async () => {
  const refused = await desk.ertis(["cancel", "--name", "train"], { columns: 80, answer: "n" });
  expect(refused.err).toContain("3 jobs match: 1006, 1005, 1004\ncancel? [y/N] ");
  expect(refused.code).toBe(1);
  const agreed = await desk.ertis(["cancel", "--name", "train"], { columns: 80, answer: "y" });
  expect(agreed.code).toBe(0);
  const [request, ...others] = desk.hub.calls.filter(({ name }) => name === "cancelJobs");
  expect(others).toEqual([]);
  expect(request?.request).toMatchObject({
    selector: { jobIds: ["1006", "1005", "1004"], filter: undefined },
    reason: "ertis cancel",
  });
});

test("without a person it needs --yes, and then the scheduler does the matching", async () => {
  expect((await desk.ertis(["cancel", "--name", "train"])).code).toBe(2);
  const ran = await desk.ertis(["scancel", "--name", "train", "--yes"]);
  expect(ran.out).toContain("1006 cancelled\n");
  expect(desk.hub.calls.at(-1)?.request).toMatchObject({
    selector: { jobIds: [], filter: { namePrefix: "train" } },
  });
});

test("every node of a domain is asked for once", async () => {
  const argv = ["cordon", "--domain", "hub/rack", "--reason", "PDU"];
  const ran = await desk.ertis(argv, { columns: 80, answer: "y" });
  expect(ran.err).toContain("cordon 2 nodes? [y/N] ");
  expect(desk.hub.calls.filter(({ name }) => name === "cordonNode")).toHaveLength(2);
});

test("the token of a context file goes with the call", async () => {
  const path = join(desk.folder, "context.json");
  const context = { address: desk.hub.address, token: "secret" };
  writeFileSync(path, JSON.stringify(context), { mode: 0o600 });
  await desk.ertis(["job", "1010"], { env: { ERTIS_ADDRESS: "", ERTIS_CONTEXT: path } });
  expect(desk.hub.calls[0]?.authorization).toBe("Bearer secret");
});

test("help ends with 0, names every group, and says nothing of aliases", async () => {
  for (const argv of [[], ["--help"], ["help"]]) {
    const ran = await desk.ertis(argv);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/Jobs:[\s\S]*Power:[\s\S]*Nodes:[\s\S]*More:[\s\S]*Exit codes:/);
    expect(ran.out).not.toContain("squeue");
  }
  expect((await desk.ertis(["--version"])).out).toBe("0.1.0\n");
});

test.each(["bash", "zsh", "fish"])("the completion of %s knows every command", async (shell) => {
  const { out } = await desk.ertis(["completion", shell]);
  for (const word of ["submit", "confirm-power-off", "gpus-per-node", "remove"]) {
    expect(out).toContain(word);
  }
});

test.each([
  ["curtail schedule", "required"],
  ["curtail cancel", "required"],
  ["budget set", "required"],
  ["budget remove", "required"],
  ["cordon", "required"],
  ["accounts apply", "required without --dry-run"],
] as const)("the help of %s says that a reason is %s", async (command, words) => {
  const { out } = await desk.ertis([...command.split(" "), "--help"]);
  expect(out.replace(/\s+/g, " ")).toContain(`--reason <text> why, for the record; ${words}`);
});

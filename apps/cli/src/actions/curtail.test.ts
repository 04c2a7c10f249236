import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exitCodes, toExitCode, toRejectionExitCode } from "../exit-codes.ts";
import { type Desk, openDesk } from "../testing/desk.ts";
import type { Ran } from "../testing/run-ertis.ts";
import { readAccountFile } from "./account-file.ts";

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(() => desk.close());

async function ertis(line: string, ...more: readonly string[]): Promise<Ran> {
  return desk.ertis([...line.split(" "), ...more]);
}

test("a negative power is told where it stands, not taken for an option", async () => {
  for (const line of [
    "curtail preview hub -5kW --for 1h",
    "curtail schedule id hub -5kW --for 1h --reason test",
  ]) {
    const { code, err } = await ertis(line);
    expect(code).toBe(2);
    expect(err).toContain(
      "the target -5kW: a power is what may be drawn, 0 W or more; what is taken off is a part of the baseline, from -0.1% to -100%",
    );
  }
  expect((await ertis("budget set id hub -5kW")).err).toContain('the limit: "-5kW" is not a power');
  const option = await ertis("curtail preview hub --target -5kW --for 1h");
  expect(option.code).toBe(2);
  expect(option.err).toContain("it stands after the domain");
});

test("preview says what would happen; a refusal says what would be possible, and ends with 8", async () => {
  const kept = await ertis("curtail preview pavlodar-hub -30% --for 4h --ramp 5min");
  expect(kept).toMatchObject({ code: 0, err: "" });
  expect(kept.out).toContain("can be kept");
  expect(kept.out).toContain("12 there: 3 untouched, 7 capped, 1 on fewer nodes, 1 paused");
  const refused = await ertis("curtail preview pavlodar-hub -70% --for 4h");
  expect(refused.code).toBe(8);
  expect(refused.out).toContain("5.10 MW keeps every floor");
  expect(refused.out).toContain("GIVING UP ITS FLOORS FREES");
});

test("a preview whose target is not met before its end says so and how it would be, and ends with 9", async () => {
  const late = await ertis("curtail preview slow-hub -30% --for 3min --ramp 5min");
  expect(late.code).toBe(9);
  expect(late.out).not.toContain("can be kept");
  expect(late.out).toContain(
    "cannot be kept in time: the target is not met before its end; give it a later end, or a shorter ramp, or a longer notice, so that idle nodes are off before it",
  );
});

test("what is scheduled all the same warns as its preview does, in every format", async () => {
  const line = "curtail schedule short slow-hub -30% --for 3min --reason grid";
  const missed =
    "cannot be kept in time: the target is not met before its end; give it a later end";
  expect((await ertis(line)).out).toContain(missed);
  expect(JSON.parse((await ertis(`${line} -o json`)).out)).toMatchObject({
    foreseenMiss: { nodeOffCount: 3 },
  });
  const named = await ertis(`${line} -o name`);
  expect(named).toMatchObject({ code: 0, out: "short\n" });
  expect(named.err).toContain(missed);
  const kept = await ertis("curtail schedule short pavlodar-hub -30% --for 3h --reason grid");
  expect(kept.out).not.toContain("kept in time");
});

test("a refused preview ends with the code that schedule would end with", async () => {
  expect((await ertis("curtail preview nowhere -70% --for 4h")).code).toBe(exitCodes.notFound);
  const statuses = [
    ["CURTAILMENT_IN_THE_PAST", "FAILED_PRECONDITION"],
    ["CURTAILMENT_TOO_SHORT", "INVALID_ARGUMENT"],
    ["CURTAILMENT_BEYOND_HORIZON", "FAILED_PRECONDITION"],
    ["CURTAILMENT_OVERLAPS_ITSELF", "ALREADY_EXISTS"],
    ["CURTAILMENT_ABOVE_LIMIT", "FAILED_PRECONDITION"],
    ["TOO_MANY_CURTAILMENTS", "RESOURCE_EXHAUSTED"],
  ] as const;
  for (const [reason, code] of statuses) {
    // The code alone decided before the reason was listed.
    expect(toRejectionExitCode(reason), reason).toBe(toExitCode(code, ""));
    expect(toExitCode(code, reason), reason).toBe(toExitCode(code, ""));
  }
});

test("a target that is too low ends with 8, whatever it is that has no room below it", () => {
  for (const reason of [
    "CURTAILMENT_BELOW_IDLE",
    "CURTAILMENT_BREAKS_FLOORS",
    "CURTAILMENT_ABOVE_RAMP",
  ]) {
    expect(toRejectionExitCode(reason), reason).toBe(exitCodes.refused);
    expect(toExitCode("FAILED_PRECONDITION", reason), reason).toBe(exitCodes.refused);
  }
});

test("schedule needs a reason; a refusal names the command that says more", async () => {
  const line = "curtail schedule evening pavlodar-hub -30% --for 4h";
  expect((await ertis(line)).err).toContain("a curtailment needs a reason");
  const done = await ertis(line, "--reason", "order of the dispatcher");
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining("evening scheduled") });
  const refused = await ertis(
    "curtail schedule evening pavlodar-hub 20% --for 4h",
    "--reason",
    "order of the dispatcher",
  );
  expect(refused.code).toBe(8);
  expect(refused.err).toContain('do: "ertis curtail preview pavlodar-hub "20%" …"');
});

test("preview and schedule list the promised starts that move, with both times", async () => {
  const rows = [
    /^JOB +PROMISED START +MOVES TO$/m,
    /^1044 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(in 40 min\) +\S+ \S+ \(in 4 h 40 min\) at 520 W a GPU$/m,
    /^1045 .*\(in 50 min\) +not kept; it is promised another as soon as one can be: "ertis why 1045" tells$/m,
  ];
  const previewed = await ertis("curtail preview pavlodar-hub -30% --for 4h");
  expect(previewed.out).toContain("2 promised starts move, listed below");
  const line = "curtail schedule noon pavlodar-hub -30% --for 4h --reason grid";
  const scheduled = await ertis(line);
  for (const row of rows) {
    expect(previewed.out).toMatch(row);
    expect(scheduled.out).toMatch(row);
  }
  expect(JSON.parse((await ertis(`${line} -o json`)).out)).toMatchObject({
    id: "noon",
    movedStarts: [{ jobId: "1044", capWatts: 520 }, { jobId: "1045" }],
  });
  const quiet = await ertis("curtail preview pavlodar-hub -30% --for 4h --ramp 5min");
  expect(quiet.out).not.toContain("MOVES TO");
});

test("list, cancel and compliance", async () => {
  expect(await ertis("curtail list")).toMatchObject({
    code: 0,
    out: "",
    err: "no curtailments; --all shows those that are over\n",
  });
  expect((await ertis("curtail --all")).out).toMatch(/evening.*scheduled.*6\.54 MW/);
  expect((await ertis("curtail cancel evening")).code).toBe(2);
  const cancelled = await ertis("curtail cancel evening", "--reason", "taken back");
  expect(cancelled).toMatchObject({ code: 0 });
  expect(cancelled.out).toContain("cancelled before it began: no cap had been lowered for it\n");
  const falling = await ertis("curtail cancel falling", "--reason", "taken back");
  expect(falling.out).toContain(
    "cancelled before it began: caps rise again, within the ramps, and who is paused goes on\n",
  );
  const json = await ertis("curtail cancel falling -o json", "--reason", "taken back");
  expect(JSON.parse(json.out)).toMatchObject({ id: "evening", cappedCount: 7, pausedCount: 1 });
  expect(toExitCode("FAILED_PRECONDITION", "CURTAILMENT_OVER")).toBe(exitCodes.conflict);
  expect((await ertis("curtail cancel nope", "--reason", "x")).code).toBe(3);
  expect((await ertis("curtail compliance evening")).out).toContain("2 minutes over the target");
  const report: unknown = JSON.parse((await ertis("curtail compliance evening -o json")).out);
  expect(report).toMatchObject({ overMinuteCount: 2 });
});

test("a list goes by start, and one that was cancelled ends when it was", async () => {
  const { out } = await ertis("curtail list --all", "--no-headers");
  const rows = out.trimEnd().split("\n");
  expect(rows.map((row) => row.trim().split(" ")[0])).toEqual(["dawn", "early", "evening"]);
  expect(rows[0]).toMatch(/cancelled.*\(5 min ago\)/);
  expect(rows[0]).not.toContain("(in ");
  expect(rows[1]).toContain("never began");
});

test("compliance as a file has a line for each minute", async () => {
  const ran = await ertis("curtail compliance evening --csv evening.csv");
  expect(ran).toMatchObject({ code: 0, out: "", err: "evening.csv written\n" });
  const lines = readFileSync(join(desk.folder, "evening.csv"), "utf8").split("\n");
  expect(lines).toHaveLength(1 + 240 + 1);
  expect(lines[0]).toBe("minute_utc,draw_watts,target_watts,is_over");
  expect(lines[7]).toBe("2026-11-25T19:06:00.000Z,6588000,6538000,1");
  expect(lines[41]).toBe("2026-11-25T19:40:00.000Z,,6538000,0");
  const jobs = await ertis("curtail compliance evening --jobs-csv -");
  expect(jobs.out.split("\n")[0]).toContain("job,loss_permille");
  const failed = await ertis("curtail compliance evening --csv missing/evening.csv");
  expect(failed).toMatchObject({ code: 2, err: expect.stringContaining("cannot write missing") });
});

const accountsText = `tenants:
  kazllm:
    weight: 3
    guaranteed: {gpus: 512, power: 600 kW}
    borrow: {gpus: 256}
    projects:
      speech: {weight: 2, users: {aigerim: {weight: 2}}}
  university: {}
`;

test("a file of accounts is read parents first, and applied", async () => {
  const accounts = readAccountFile("a.yaml", accountsText);
  expect(accounts.map(({ id, weight }) => [id, weight])).toEqual([
    ["kazllm", 3],
    ["kazllm/speech", 2],
    ["kazllm/speech/aigerim", 2],
    ["university", 1],
  ]);
  expect(accounts[0]?.quota).toEqual({
    guaranteedGpuCount: 512,
    guaranteedWatts: 600_000,
    borrowableGpuCount: 256,
    borrowableWatts: undefined,
  });
  writeFileSync(join(desk.folder, "a.yaml"), accountsText);
  expect((await ertis("accounts apply a.yaml")).code).toBe(2);
  expect((await ertis("accounts apply a.yaml --dry-run")).out).toBe(
    "4 accounts would be added, 0 changed, 0 removed\n",
  );
  expect((await ertis("accounts apply a.yaml --reason x")).out).toContain("were added");
  expect((await ertis("accounts show kazllm")).out).toContain("speech");
  expect((await ertis("accounts show nope")).code).toBe(3);
});

test.each([
  ["tenants: {a: {guaranteed: {gpus: 8}}}", "a.yaml:1: a guarantee needs gpus and power"],
  [
    "tenants:\n  a:\n    guaranteed: {gpus: 8, power: 9 kW}\n    projects: {p: {guaranteed: {gpus: 16, power: 9 kW}}}",
    "a.yaml:3: below a 16 GPUs are guaranteed together, to itself 8",
  ],
  [
    "tenants:\n  a:\n    projects:\n      p: {guaranteed: {gpus: 8, power: 9 kW}}\n  ab: {}",
    "a.yaml:3: below a 9.00 kW are guaranteed together, to itself 0 W",
  ],
  [
    "tenants:\n  a: {projects: {p: {}}}\n  b: {projects: {p: {}}}",
    "a.yaml:3: project b/p has the name of a/p",
  ],
])("accounts that contradict themselves are refused with their line: %s", (text, message) => {
  expect(() => readAccountFile("a.yaml", text)).toThrow(message);
});

test("an amount that cannot be read is one mistake, not a contradiction, too", () => {
  const text = "tenants: {a: {guaranteed: {gpus: 8, power: 900 GW}}}";
  expect(() => readAccountFile("a.yaml", text)).toThrow(/^a\.yaml:1: "900 GW" [^\n]*$/);
});

test("every mistake in a file of accounts is named with its line", () => {
  const wrong = accountsText
    .replace("weight: 3", "weight: 0")
    .replace("600 kW", "600")
    .replace("borrow:", "borow:")
    .replace("university: {}", "Big University: {weight: -3}");
  expect(() => readAccountFile("a.yaml", wrong)).toThrow(
    /a\.yaml:5: unknown key "borow": did you mean borrow\?[\s\S]*a\.yaml:3: "0" is not a whole number from 1[\s\S]*a\.yaml:4: "600" has no unit[\s\S]*a\.yaml:8: "Big University" is no name[\s\S]*a\.yaml:8: "-3" is not/,
  );
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ComplianceReport,
  CurtailmentPreview,
  CurtailmentRefusal,
  CurtailmentState,
} from "@ertis/api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exitCodes, toExitCode, toRejectionExitCode } from "../exit-codes.ts";
import { type FakeHub, startFakeHub } from "../testing/fake-hub.ts";
import { type Ran, runErtis } from "../testing/run-ertis.ts";
import { renderCompliance, toCsv } from "../views/compliance.ts";
import { choosePoints, renderPreview, renderRefusal } from "../views/curtailment-preview.ts";
import { readAccountFile } from "./account-file.ts";

let hub: FakeHub;
let folder = "";

beforeEach(async () => {
  hub = await startFakeHub();
  folder = mkdtempSync(join(tmpdir(), "ertis-curtail-"));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await hub.close();
});

async function ertis(line: string, ...more: readonly string[]): Promise<Ran> {
  return runErtis(hub.address, [...line.split(" "), ...more], { cwd: folder });
}

const nowMs = Date.UTC(2026, 10, 25, 12);
const style = { isColoured: false, isUnicode: true, width: 120 };

test("a negative power is told where it stands, not taken for an option", async () => {
  for (const line of [
    "curtail preview hub -5kW --for 1h",
    "curtail schedule id hub -5kW --for 1h --reason test",
  ]) {
    const { code, err } = await ertis(line);
    expect(code).toBe(2);
    expect(err).toContain("the target -5kW is no power: what may be drawn is not below 0");
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
    "cannot be kept in time: the target is not met before its end; give it a later end, or a shorter ramp, or a longer notice, since idle nodes take a while to switch off",
  );
});

test("the smallest target is shown as one that is accepted when it is typed back, or not at all", () => {
  const rejection = { reason: "CURTAILMENT_BREAKS_FLOORS", message: "too little" };
  const gains = [{ flexibilityTierPercent: 50, jobCount: 2, freedWatts: 50_000 }];
  const show = (smallestTargetWatts: number): string => {
    const refusal = CurtailmentRefusal.fromPartial({ rejection, smallestTargetWatts, gains });
    return renderRefusal(refusal, { style, nowMs, hasHeaders: true }).join("\n");
  };
  expect(show(209_072)).toMatch(/smallest +210 kW keeps/);
  expect(show(209_072)).toMatch(/50 % +2 +50\.0 kW +160 kW/);
  expect(show(0)).toMatch(/50 % +2 +50\.0 kW +-$/);
});

test("a preview's table shows the target itself, and only columns that say something", () => {
  const points = Array.from({ length: 200 }, (_, minute) => ({
    timeMs: nowMs + minute * 60_000,
    drawWatts: 9_000_000 - minute * 1_000,
    targetWatts: minute < 3 || minute > 190 ? undefined : Math.max(5_000_000, 8e6 - minute * 1e5),
  }));
  const target = points.findIndex(({ targetWatts }) => targetWatts === 5_000_000);
  const least = CurtailmentPreview.fromPartial({ points });
  expect(choosePoints(least.points)).toContain(least.points[target]);
  const view = { style, nowMs, hasHeaders: true };
  const titles = (preview: CurtailmentPreview): string | undefined =>
    renderPreview(preview, view).find((line) => line.includes("ALLOWED"));
  expect(titles(least)).toMatch(/DRAW +ALLOWED$/);
  const bounded = points.map((point) => ({ ...point, boundWatts: point.drawWatts }));
  expect(titles(CurtailmentPreview.fromPartial({ points: bounded }))).toMatch(
    /^FROM +AT MOST +ALLOWED$/,
  );
});

test("a preview tells one moment a second: what held for less is not shown", () => {
  const points = [
    { timeMs: nowMs, drawWatts: 9_000 },
    { timeMs: nowMs + 60_990, drawWatts: 8_800 },
    { timeMs: nowMs + 60_999, drawWatts: 8_700, targetWatts: 8_900 },
    { timeMs: nowMs + 121_000, drawWatts: 8_600, targetWatts: 8_650 },
  ];
  const lines = renderPreview(CurtailmentPreview.fromPartial({ points }), {
    style,
    nowMs,
    hasHeaders: true,
  });
  const shown = lines.join("\n");
  expect(shown).toContain("8.70 kW");
  expect(shown).not.toContain("8.80 kW");
});

test("a refused preview ends with the code that schedule would end with", async () => {
  expect((await ertis("curtail preview nowhere -70% --for 4h")).code).toBe(exitCodes.notFound);
  const statuses = [
    ["CURTAILMENT_IN_THE_PAST", "FAILED_PRECONDITION"],
    ["CURTAILMENT_TOO_SHORT", "INVALID_ARGUMENT"],
    ["CURTAILMENT_BEYOND_HORIZON", "FAILED_PRECONDITION"],
    ["CURTAILMENT_OVERLAPS_ITSELF", "ALREADY_EXISTS"],
    ["CURTAILMENT_ABOVE_BASELINE", "FAILED_PRECONDITION"],
    ["CURTAILMENT_BELOW_IDLE", "FAILED_PRECONDITION"],
    ["TOO_MANY_CURTAILMENTS", "RESOURCE_EXHAUSTED"],
  ] as const;
  for (const [reason, code] of statuses) {
    // The code alone decided before the reason was listed.
    expect(toRejectionExitCode(reason), reason).toBe(toExitCode(code, ""));
    expect(toExitCode(code, reason), reason).toBe(toExitCode(code, ""));
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
    /^1045 .*\(in 50 min\) +no start can be promised yet$/m,
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
  expect((await ertis("curtail cancel evening", "--reason", "taken back")).code).toBe(0);
  expect((await ertis("curtail cancel nope", "--reason", "x")).code).toBe(3);
  expect((await ertis("curtail compliance evening")).out).toContain("2 minutes over the target");
  const report: unknown = JSON.parse((await ertis("curtail compliance evening -o json")).out);
  expect(report).toMatchObject({ overMinuteCount: 2 });
});

test("without a measurement nothing is called kept", () => {
  const narrow = { ...style, width: 80 };
  const lines = renderCompliance(ComplianceReport.fromPartial({}), {
    style: narrow,
    nowMs,
    hasHeaders: true,
  });
  expect(lines[0]).toBe("○ nothing was measured: only bounds are known");
  expect(lines.join("\n")).not.toContain("kWh");
});

test("one that has not begun is told to begin, not called unmeasured", () => {
  const report = ComplianceReport.fromPartial({
    curtailment: { state: CurtailmentState.SCHEDULED, startTimeMs: nowMs + 600_000 },
  });
  const [verdict] = renderCompliance(report, { style, nowMs, hasHeaders: true });
  expect(verdict).toMatch(/it begins .* \(in 10 min\)$/);
});

test("where not every minute fits it is said how many are shown and where the others are", () => {
  const minutes = Array.from({ length: 60 }, (_, at) => ({
    timeMs: nowMs - (60 - at) * 60_000,
    drawWatts: 700,
    targetWatts: 800,
  }));
  const report = ComplianceReport.fromPartial({ minutes });
  const lines = renderCompliance(report, { style, nowMs, hasHeaders: true });
  expect(lines.at(-1)).toContain("30 of 60 minutes; --csv writes all");
});

test("a minute that still runs is shown as running and is no verdict", () => {
  const narrow = { ...style, width: 80 };
  const running = { timeMs: nowMs - 5_000, drawWatts: 900, targetWatts: 800 };
  const report = ComplianceReport.fromPartial({ minutes: [running] });
  const lines = renderCompliance(report, { style: narrow, nowMs, hasHeaders: true });
  expect(lines[0]).toBe("○ its first minute still runs: no verdict yet");
  expect(lines.at(-1)).toMatch(/900 W\s+800 W\s+running$/);
  expect(toCsv(report, nowMs).split("\n")).toHaveLength(2);
  const later = { style: narrow, nowMs: nowMs + 60_000, hasHeaders: true };
  expect(renderCompliance(report, later).at(-1)).toMatch(/over$/);
});

test("energy of a thousand kWh is told in MWh", () => {
  const report = ComplianceReport.fromPartial({
    drawnJoules: 33_264_000_000n,
    unusedJoules: 3_240_000_000n,
  });
  const text = renderCompliance(report, { style, nowMs, hasHeaders: true }).join("\n");
  expect(text).toContain("9.2 MWh drawn, 900.0 kWh of the allowed not used");
});

test("compliance as a file has a line for each minute", async () => {
  const ran = await ertis("curtail compliance evening --csv evening.csv");
  expect(ran).toMatchObject({ code: 0, out: "", err: "evening.csv written\n" });
  const lines = readFileSync(join(folder, "evening.csv"), "utf8").split("\n");
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
  writeFileSync(join(folder, "a.yaml"), accountsText);
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

test("every mistake in a file of accounts is named with its line", () => {
  const wrong = accountsText
    .replace("weight: 3", "weight: 0")
    .replace("600 kW", "600")
    .replace("borrow:", "borow:")
    .replace("university:", "Big University:");
  expect(() => readAccountFile("a.yaml", wrong)).toThrow(
    /a\.yaml:5: unknown key "borow": did you mean borrow\?[\s\S]*a\.yaml:3: "0" is not a whole number from 1[\s\S]*a\.yaml:4: "600" has no unit[\s\S]*a\.yaml:8: "Big University" is no name/,
  );
});

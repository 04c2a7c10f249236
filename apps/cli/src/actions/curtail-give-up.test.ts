import { ComplianceReport, CurtailmentMode, CurtailmentPreview } from "@ertis/api";
import { expect, test } from "vitest";
import { startFakeHub } from "../testing/fake-hub.ts";
import { runErtis } from "../testing/run-ertis.ts";
import { samplePreview, sampleReport } from "../testing/sample-curtailments.ts";
import { renderCompliance, toJobsCsv } from "../views/compliance.ts";
import { renderPreview } from "../views/curtailment-preview.ts";
import { toCurtailmentSpec } from "./curtail-spec.ts";

const nowMs = Date.UTC(2026, 10, 25, 12);
const ask = { domainId: "hub", target: "50%" };
const style = { isColoured: false, isUnicode: true, width: 120 };
const view = { style, nowMs, hasHeaders: true };

test("tiers are named one by one or as a list, each meant once, the most tolerant first", () => {
  const flags = { for: "1h", mode: "emergency" as const };
  const tiersOf = (giveUp: readonly string[]): unknown =>
    toCurtailmentSpec(ask, { ...flags, giveUp }, nowMs).giveUpTierPercents;
  expect(tiersOf(["10,50%", "25", "50", "0"])).toEqual([50, 25, 10, 0]);
  expect(toCurtailmentSpec(ask, flags, nowMs).giveUpTierPercents).toEqual([]);
});

test.each([
  ["7", "no tier: 0, 10, 25 or 50 per cent of throughput may be lost; the nearest is 10"],
  ["all", "no tier"],
  ["50,", "no tier"],
  ["0", "a planned curtailment keeps the floors of jobs that tolerate nothing"],
])("--give-up %s is refused", async (text, expected) => {
  const hub = await startFakeHub();
  const words = `curtail preview pavlodar-hub -30% --for 4h --give-up ${text}`.split(" ");
  const ran = await runErtis(hub.address, words, {});
  await hub.close();
  expect(ran.code).toBe(2);
  expect(ran.err).toContain("--give-up");
  expect(ran.err).toContain(expected);
});

test("a refusal names the option, and what was given up is asked for and told", async () => {
  const hub = await startFakeHub();
  const line = "curtail schedule trip pavlodar-hub 20% --for 4h --mode emergency --reason grid";
  const refused = await runErtis(
    hub.address,
    line.replace("schedule trip", "preview").replace(" --reason grid", "").split(" "),
    {},
  );
  expect(refused.code).toBe(8);
  expect(refused.out).toMatch(/possible +with --give-up 50,25/);
  const done = await runErtis(hub.address, `${line} --give-up 50 --give-up 25`.split(" "), {});
  await hub.close();
  expect(done.code).toBe(0);
  expect(done.out).toMatch(/given up +floors of tier 50 %, tier 25 %/);
});

/** The sample with the floors of tier 10 given up: job 1012 loses 12.5 %. */
const curtailment = { mode: CurtailmentMode.PLANNED, giveUpTierPercents: [10] };
const jobs = samplePreview.jobs.map((job) => ({
  ...job,
  isFloorGivenUp: job.flexibilityTierPercent === 10,
}));

test("a preview tells whose floors are given up, and what each job loses only for that", () => {
  const tiers = samplePreview.tiers.map((tier) => ({
    ...tier,
    isFloorGivenUp: tier.flexibilityTierPercent === 10,
  }));
  const preview = CurtailmentPreview.fromPartial({ ...samplePreview, curtailment, jobs, tiers });
  const text = renderPreview(preview, view).join("\n");
  expect(text).toMatch(/given up +floors of tier 10 %\n/);
  expect(text).toMatch(/10 % .* given up\n/);
  expect(text).toMatch(/1012 .* 12\.5 % +10 % +2\.5 %/);
  expect(text).toMatch(/1010 .* 25 % +-\n/);
  expect(renderPreview(samplePreview, view).join("\n")).not.toMatch(/given up/i);
});

test("compliance tells the same, and how many jobs lost more than their tier tolerates", () => {
  const report = ComplianceReport.fromPartial({ ...sampleReport, curtailment, jobs });
  const text = renderCompliance(report, view).join("\n");
  expect(text).toMatch(/given up +floors of tier 10 %; 1 job lost more than the tier tolerates\n/);
  expect(text).toMatch(/1012 .* 12\.5 % +10 % +2\.5 %/);
});

test("compliance marks every job that lost more than its tier allows, and says so at the top", () => {
  const told = (tierBrokenCount: number, isUnicode = true): string => {
    const rows = samplePreview.jobs.map((job) => ({ ...job, isTierBroken: job.jobId === "1012" }));
    const report = ComplianceReport.fromPartial({ ...sampleReport, jobs: rows, tierBrokenCount });
    const shown = { ...view, style: { ...style, isUnicode } };
    return renderCompliance(report, shown).join("\n");
  };
  const lines = told(3).split("\n");
  expect(lines[0]).toMatch(/over the target|no minute over/);
  expect(lines[1]).toBe("✗ 3 jobs lost more than their tier allows");
  expect(told(1)).toContain("✗ 1 job lost more than its tier allows\n");
  expect(told(3)).toMatch(/1012 .* ✗ 12\.5 % +10 %/);
  expect(told(3)).not.toMatch(/1010 .*✗/);
  expect(told(3, false)).toMatch(/1012 .* ! 12\.5 % /);
  expect(told(0)).not.toContain("lost more");
  const [first, second] = samplePreview.jobs;
  const rows = [
    { ...first, isTierBroken: true, forOthersPermille: 120, afterEndLostMs: 9_000 },
    { ...second, isFloorGivenUp: true },
  ];
  expect(toJobsCsv(ComplianceReport.fromPartial({ jobs: rows })).split("\n")).toEqual([
    "job,loss_permille,tier_percent,is_floor_given_up,is_tier_broken,for_others_permille,after_end_lost_ms",
    `${first?.jobId},${first?.lossPermille},${first?.flexibilityTierPercent},0,1,120,9000`,
    `${second?.jobId},${second?.lossPermille},${second?.flexibilityTierPercent},1,0,0,0`,
    "",
  ]);
});

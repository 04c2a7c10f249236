import { Explanation, ExplanationReason, PlannedStart, type PlanJobResponse } from "@ertis/api";
import { expect, test } from "vitest";
import { sampleNowMs as nowMs } from "../testing/sample-power.ts";
import { renderExplanation } from "./explanation.ts";
import { renderOverQuota } from "./over-quota.ts";
import { renderPlan } from "./plan.ts";

const style = { isColoured: false, isUnicode: true, width: 100 };

function planned(result: PlanJobResponse["result"]): string {
  return renderPlan({ result, promisedStart: undefined }, style).join("\n");
}

test("a start says in which switch its data stays", () => {
  const nodes = ["hub/r1/n1", "hub/r2/n1"].map((nodeId) => ({ nodeId, gpuIndices: [] }));
  const start = PlannedStart.fromPartial({
    site: "hub",
    nodes,
    hasFabric: true,
    fabricDomain: "leaf-03",
    fabricLevel: "leaf",
  });
  expect(planned({ $case: "startNow", value: start })).toMatch(/network +all in leaf-03 \(leaf\)/);
  const spread = { ...start, fabricDomain: "", fabricLevel: "" };
  expect(planned({ $case: "startNow", value: spread })).toMatch(
    /network +no switch or NVLink domain holds all 2 nodes/,
  );
  const unknown = { ...spread, hasFabric: false };
  const afterwards = planned({ $case: "startAfterPreemption", value: unknown });
  expect(afterwards).not.toContain("network");
  // Which GPUs it will be is not known before the others have stopped.
  expect(afterwards).toMatch(/nodes +hub\/r1\/n1$/m);
});

test("a start for which caps of others fall says whose, and by when, where no ramp leaves that open", () => {
  const start = PlannedStart.fromPartial({
    computedAtTimeMs: nowMs,
    startTimeMs: nowMs + 10_000,
    loweredJobIds: ["3", "7"],
  });
  const text = (value: PlannedStart): string => planned({ $case: "startAfterLowering", value });
  expect(text(start)).toMatch(/would start by .* \(in 10 s\), as soon as the caps of others/);
  expect(text(start)).toMatch(/would lower +the caps of jobs 3, 7$/m);
  expect(text({ ...start, startTimeMs: 0 })).toContain("fallen; no moment is promised");
});

test("who would wait is told the start that would be kept for it, with nodes, watts and energy", () => {
  const value = Explanation.fromPartial({
    reason: ExplanationReason.FUTURE_WINDOW,
    computedAtTimeMs: nowMs,
  });
  const promisedStart = PlannedStart.fromPartial({
    site: "hub",
    gpuModel: "H100",
    nodes: [{ nodeId: "hub/r1/n1", gpuIndices: [] }],
    capWatts: 300,
    speedPermille: 750,
    powerReservedWatts: 4_000,
    energyUpperBoundJoules: 14_400_000n,
    computedAtTimeMs: nowMs,
    startTimeMs: nowMs + 900_000,
    endsByTimeMs: nowMs + 4_500_000,
  });
  const result = { $case: "waits", value } as const;
  const text = renderPlan({ result, promisedStart }, style).join("\n");
  expect(text).toMatch(/would be kept for it: a start by .* \(in 15 min\)/);
  for (const field of [
    "site +hub",
    "cap +300 W a GPU, 75 %",
    "power +4.00 kW",
    "energy +4.0 kWh",
  ]) {
    expect(text).toMatch(new RegExp(`^${field}`, "m"));
  }
  expect(text).toMatch(/ends by +.*\(in 1 h 15 min\)/);
  expect(text).toMatch(/nodes +hub\/r1\/n1$/m);
  expect(planned(result)).not.toContain("kept for it");
});

test("a start that comes too late for the deadline says by how much", () => {
  const start = PlannedStart.fromPartial({
    computedAtTimeMs: nowMs,
    endsByTimeMs: nowMs + 3_600_000,
  });
  const text = (deadlineMs: number): string =>
    renderPlan({ result: { $case: "startNow", value: start }, promisedStart: undefined }, style, {
      deadlineMs,
    }).join("\n");
  expect(text(nowMs + 1_800_000)).toMatch(
    /deadline +.* \(in 30 min\): missed by 30 min if it uses its walltime/,
  );
  expect(text(nowMs + 3_600_000)).not.toContain("missed");
  expect(text(0)).not.toContain("missed");
});

test("a least cap that the GPUs found for it do not reach is said to mean that it is never capped there", () => {
  const start = PlannedStart.fromPartial({ gpuModel: "H100", capHighestWatts: 700 });
  const text = (capMinWatts: number): string => {
    const result = { $case: "startNow", value: start } as const;
    return renderPlan({ result, promisedStart: undefined }, style, { capMinWatts }).join("\n");
  };
  expect(text(900)).toMatch(
    /cap +never capped here: it accepts 900 W or more, and H100 takes caps up to 700 W/,
  );
  expect(text(300)).not.toContain("never capped");
  expect(text(0)).not.toContain("never capped");
});

test("who is first in line is told so", () => {
  const explanation = Explanation.fromPartial({ reason: ExplanationReason.QUOTA });
  const text = (changes: Partial<Explanation>): string =>
    renderExplanation({ ...explanation, ...changes }, { style, nowMs }).join("\n");
  expect(text({})).toMatch(/ahead +nobody: it is first/);
  expect(text({})).toMatch(/what helps +no change of the job: others of its account/);
  expect(text({ jobsAheadCount: 2 })).toMatch(/ahead +2 for the same site and model/);
  expect(text({ reason: ExplanationReason.HELD })).not.toContain("ahead");
});

test("what can never start is not said to wait", () => {
  const waits = (reason: ExplanationReason): string =>
    planned({
      $case: "waits",
      value: Explanation.fromPartial({
        reason,
        computedAtTimeMs: nowMs,
        summary: "can never start: account nlp",
      }),
    });
  const never = waits(ExplanationReason.ABOVE_QUOTA);
  expect(never).toContain("✗ would be accepted, but cannot start as things are");
  expect(never).toContain("can never start: account nlp");
  expect(waits(ExplanationReason.QUOTA)).toContain("○ would be accepted and wait");
});

test("behind a promised start: which, when, and estimates as such", () => {
  const waits = (startOptions: { capWatts: number; earliestStartTimeMs: number }[]): string => {
    const explanation = Explanation.fromPartial({
      reason: ExplanationReason.BEHIND_OTHERS,
      headJobId: "10",
      headStartTimeMs: nowMs + 3_600_000,
      earliestStartTimeMs: nowMs + 1_800_000,
      computedAtTimeMs: nowMs,
      startOptions: startOptions.map((one) => ({ ...one, isEstimate: true })),
    });
    return renderExplanation(explanation, { style, nowMs }).join("\n");
  };
  const known = waits([{ capWatts: 0, earliestStartTimeMs: nowMs + 7_200_000 }]);
  expect(known).toMatch(/promised first +job 10 by .*\(in 1 h\)\n/);
  expect(known).toMatch(/starts +full power: by about .*\(in 2 h\)/);
  // A bound that does not count that promise would mislead beside it.
  expect(known).not.toContain("earliest start");
  expect(waits([])).toContain("(in 1 h); its own start can be estimated from then on");
});

test("who only comes back from a pause is not said to be first in the queue", () => {
  const told = (domainId: string): string =>
    renderExplanation(
      Explanation.fromPartial({ reason: ExplanationReason.POWER_CURTAILMENT, domainId }),
      { style, nowMs },
    ).join("\n");
  expect(told("hub/hall-1")).toContain("nobody: it is first");
  expect(told("")).not.toContain("ahead");
});

test("a quota below what is held says who waits, and who for good", () => {
  const over = {
    accountId: "kazllm/nlp",
    gpuUsedCount: 512,
    gpuMaxCount: 256,
    powerReservedWatts: 400_000,
    powerMaxWatts: undefined,
    waitingJobCount: 12,
    neverJobCount: 3,
  };
  expect(renderOverQuota(over, style)).toEqual([
    "▲ kazllm/nlp holds 512 GPUs and may hold 256 GPUs: what runs goes on, nothing more starts until enough of it has ended",
    '  12 jobs wait for it, 3 of them for good: more is needed than it may ever hold; "ertis why ID" says so of each',
  ]);
  const never = { ...over, gpuUsedCount: 8, waitingJobCount: 1, neverJobCount: 1 };
  expect(renderOverQuota(never, style)).toEqual([
    "▲ kazllm/nlp holds 8 GPUs and may hold 256 GPUs",
    '  1 job waits for it, for good: more is needed than it may ever hold; "ertis why ID" says so of each',
  ]);
});

test("a start that passes the limit of a ramp says so", () => {
  const rampSummary = "hub may change by 26.0 kW a minute; its start adds 113 kW even so";
  const start = PlannedStart.fromPartial({ site: "hub", rampSummary });
  expect(planned({ $case: "startNow", value: start })).toMatch(/ramp +hub may change by 26\.0 kW/);
});

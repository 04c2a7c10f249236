import { ComplianceReport, CurtailmentState } from "@ertis/api";
import { expect, test } from "vitest";
import { renderCompliance, toCsv } from "./compliance.ts";

const nowMs = Date.UTC(2026, 10, 25, 12);
const style = { isColoured: false, isUnicode: true, width: 120 };

test("without a measurement nothing is called kept", () => {
  const narrow = { ...style, width: 80 };
  const lines = renderCompliance(ComplianceReport.fromPartial({}), {
    style: narrow,
    nowMs,
    hasHeaders: true,
  });
  expect(lines[0]).toBe("○ nothing was measured so far: only bounds are known");
  expect(lines.join("\n")).not.toContain("kWh");
});

test("one in its first minute is not called unmeasured before the first measurement", () => {
  const verdictAt = (ms: number): string | undefined => {
    const curtailment = { state: CurtailmentState.ACTIVE, startTimeMs: nowMs - ms };
    const report = ComplianceReport.fromPartial({ curtailment });
    return renderCompliance(report, { style, nowMs, hasHeaders: true })[0];
  };
  expect(verdictAt(9_000)).toBe("○ its first minute still runs: no verdict yet");
  expect(verdictAt(60_000)).toBe("○ nothing was measured so far: only bounds are known");
});

test("for which others jobs lost a part is told by name", () => {
  const lineFor = (forOthersIds: readonly string[]): string | undefined =>
    renderCompliance(ComplianceReport.fromPartial({ forOthersIds: [...forOthersIds] }), {
      style: { ...style, width: 200 },
      nowMs,
      hasHeaders: true,
    }).find((line) => line.startsWith("for others"));
  expect(lineFor([])).toBeUndefined();
  expect(lineFor(["e1"])).toMatch(/a part of what jobs lost is for "e1", which gave/);
  expect(lineFor(["e1", "e2"])).toContain('for "e1" and "e2", which gave');
});

test("one that has not begun is told to begin, not called unmeasured", () => {
  const report = ComplianceReport.fromPartial({
    curtailment: { state: CurtailmentState.SCHEDULED, startTimeMs: nowMs + 600_000 },
  });
  const [verdict] = renderCompliance(report, { style, nowMs, hasHeaders: true });
  expect(verdict).toMatch(/it begins .* \(in 10 min\)$/);
});

test("one that was cancelled before it began is told so, not called unmeasured", () => {
  const linesWith = (cancelledTimeMs: number): readonly string[] => {
    const curtailment = { state: CurtailmentState.CANCELLED, startTimeMs: nowMs, cancelledTimeMs };
    const report = ComplianceReport.fromPartial({ curtailment, isFinal: true });
    return renderCompliance(report, { style, nowMs: nowMs + 60_000, hasHeaders: true });
  };
  const before = linesWith(nowMs - 60_000);
  expect(before[0]).toBe("○ it was cancelled before it began: there is nothing to keep");
  expect(before.join("\n")).not.toContain("reached");
  expect(linesWith(nowMs + 30_000)[0]).toBe("○ nothing was measured: only bounds are known");
});

test("a worst second that is known from the mean of a minute alone is told so", () => {
  const worstMinute = { timeMs: nowMs, drawWatts: 12_000, targetWatts: 12_200 };
  const worstWith = (worstSecondWatts: number): string | undefined =>
    renderCompliance(
      ComplianceReport.fromPartial({ curtailment: {}, worstMinute, worstSecondWatts }),
      { style, nowMs, hasHeaders: true },
    ).find((line) => line.startsWith("worst second"));
  expect(worstWith(12_000)).toMatch(
    /12\.0 kW at least, as the worst minute: no measurement wholly after the start was higher$/,
  );
  expect(worstWith(12_100)).toMatch(/12\.1 kW in one measurement/);
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

test("what jobs lose after the end is told beside the rest, and whether that goes on", () => {
  const after = (report: Partial<ComplianceReport>): string | undefined =>
    renderCompliance(ComplianceReport.fromPartial(report), { style, nowMs, hasHeaders: true }).find(
      (line) => line.startsWith("after the end"),
    );
  expect(after({})).toBeUndefined();
  expect(after({ afterEndLostMs: 90_000, afterEndCount: 3, heldBackCount: 1 })).toMatch(
    /3 jobs lost 1 min 30 s of full speed on the way back; 1 not back at full speed yet$/,
  );
  expect(after({ afterEndLostMs: 90_000, afterEndCount: 1 })).toMatch(
    /1 job lost .* on the way back$/,
  );
});

test("that nobody lost speed is told, and of one that runs that losses are of the time so far", () => {
  const minutes = [{ timeMs: nowMs - 60_000, drawWatts: 700, targetWatts: 800 }];
  const lines = (changes: object): string =>
    renderCompliance(ComplianceReport.fromPartial({ minutes, ...changes }), {
      style,
      nowMs,
      hasHeaders: true,
    }).join("\n");
  expect(lines({ isFinal: true })).toMatch(/jobs +none lost speed to it$/m);
  expect(lines({})).toMatch(/jobs +none lost speed to it so far$/m);
  const jobs = [{ jobId: "7", lossPermille: 282, flexibilityTierPercent: 10 }];
  expect(lines({ jobs })).toContain("LOST SO FAR");
  expect(lines({ jobs, isFinal: true })).not.toContain("SO FAR");
});

test("of one that was hardly measured it is told how much was, while it runs and afterwards", () => {
  const linesWith = (measuredMs: number, isFinal: boolean, lastedMs = 600_000): string => {
    const startTimeMs = nowMs - lastedMs;
    const curtailment = { startTimeMs, endTimeMs: isFinal ? nowMs : nowMs + 600_000 };
    const minutes = [{ timeMs: startTimeMs, drawWatts: 700, targetWatts: 800 }];
    const reached = { isTargetMet: true, timeToTargetMs: 60_000 };
    return renderCompliance(
      ComplianceReport.fromPartial({ curtailment, minutes, measuredMs, isFinal, ...reached }),
      { style, nowMs, hasHeaders: true },
    ).join("\n");
  };
  for (const isFinal of [false, true]) {
    const kept = `✓ kept${isFinal ? "" : " so far"}: no minute over the target`;
    const hardly = linesWith(1_000, isFinal);
    expect(hardly).toContain(`${kept}, in the 1 s that were measured\n`);
    expect(hardly).toMatch(/of the start, by whole minutes as far as they were measured$/m);
    // Measurements come a little late.
    const nearlyAll = linesWith(560_000, isFinal);
    expect(nearlyAll).toContain(`${kept}\n`);
  }
  // Soon after the start that is no wait for the next measurement either.
  expect(linesWith(1_000, false, 64_000)).toContain("target, in the 1 s that were measured\n");
  expect(linesWith(600_000, true)).toMatch(/of the start, by whole minutes$/m);
});

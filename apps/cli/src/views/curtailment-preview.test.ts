import { CurtailmentEffect, CurtailmentPreview, CurtailmentRefusal } from "@ertis/api";
import { expect, test } from "vitest";
import { renderPreview } from "./curtailment-preview.ts";
import { renderRefusal } from "./curtailment-refusal.ts";
import { choosePoints } from "./preview-points.ts";

const nowMs = Date.UTC(2026, 10, 25, 12);
const style = { isColoured: false, isUnicode: true, width: 120 };

test("the smallest target is shown as one that is accepted when it is typed back, or not at all", () => {
  const rejection = { reason: "CURTAILMENT_BREAKS_FLOORS", message: "too little" };
  const show = (smallestTargetWatts: number, possibleWatts: number, isRough = false): string => {
    const gain = { flexibilityTierPercent: 50, jobCount: 2, freedWatts: 50_000, possibleWatts };
    const gains = [gain];
    const refusal = CurtailmentRefusal.fromPartial({
      rejection,
      smallestTargetWatts,
      gains,
      isRough,
    });
    return renderRefusal(refusal, { style, nowMs, hasHeaders: true }).join("\n");
  };
  expect(show(209_072, 159_072)).toMatch(/smallest +210 kW keeps/);
  // Where it is not known to be the smallest it is not called that.
  expect(show(209_072, 159_072)).not.toContain("less may");
  expect(show(209_072, 159_072, true)).toMatch(/smallest +210 kW keeps .*; less may, too/);
  expect(show(209_072, 159_072)).toMatch(/50 % +2 +50\.0 kW +160 kW/);
  expect(show(0, 0)).toMatch(/50 % +2 +50\.0 kW +-$/);
  // Nothing is possible that keeps all floors, and something without those.
  expect(show(0, 159_072)).toMatch(/50 % +2 +50\.0 kW +160 kW/);
  expect(show(0, 159_072)).not.toContain("smallest");
  // In a short one it may hold only when that is over.
  expect(show(209_072, 0)).toContain("how soon each is reached, its own preview says");
  expect(show(0, 159_072)).toContain("how soon each is reached");
  expect(show(0, 0)).not.toContain("how soon");
});

test("what no floors free of the smallest target is told: protected jobs, and what nobody can shed", () => {
  const fixed = { protectedJobCount: 3, protectedWatts: 51_000, unsheddableWatts: 480_000 };
  const refusal = CurtailmentRefusal.fromPartial({ smallestTargetWatts: 947_000, ...fixed });
  const show = (one: CurtailmentRefusal): string =>
    renderRefusal(one, { style, nowMs, hasHeaders: true }).join("\n");
  expect(show(refusal)).toMatch(
    /^protected +51\.0 kW: GPUs of 3 jobs of tier 0, neither capped nor paused$/m,
  );
  expect(show(refusal)).toMatch(/^not shed +480 kW: fixed loads, /m);
  expect(show({ ...refusal, protectedJobCount: 0 })).not.toContain("protected");
  expect(show(refusal)).not.toContain("kept free");
  expect(show({ ...refusal, keptFreeWatts: 2_000 })).toMatch(
    /^kept free +2\.00 kW: what jobs there may draw more, as nobody could give it$/m,
  );
});

test("a preview tells by how much some minutes may be over, and nothing where none are expected to be", () => {
  const shown = (overPermille: number): string =>
    renderPreview(CurtailmentPreview.fromPartial({ overPermille }), {
      style,
      nowMs,
      hasHeaders: true,
    }).join(" ");
  expect(shown(12)).toContain("some minutes may be over the target, by at most 1.2 %: jobs");
  expect(shown(0)).not.toContain("risk");
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

test("a ramp is shown in steps of a minute or of what can be seen, with what holds after it and the highest", () => {
  const at = (seconds: number, drawWatts: number): object => ({
    timeMs: nowMs + seconds * 1_000,
    drawWatts,
    targetWatts: 170_000,
  });
  const ramp = Array.from({ length: 14 }, (_, step) =>
    at(1_800 + step * 6, 166_000 - step * 1_000),
  );
  const points = [
    at(0, 165_000),
    ...ramp,
    at(3_000, 153_000),
    at(3_006, 90_000),
    at(9_000, 90_000),
  ];
  const shown = choosePoints(CurtailmentPreview.fromPartial({ points }).points);
  expect(shown.map(({ timeMs }) => (timeMs - nowMs) / 1_000)).toEqual([
    0, 1_800, 1_860, 1_878, 3_000, 3_006, 9_000,
  ]);
  expect(Math.max(...shown.map(({ drawWatts }) => drawWatts))).toBe(166_000);
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

test("a preview of more than one day tells its moments with dates", () => {
  const shown = (hours: number): string => {
    const points = [0, hours, hours + 0.1].map((one, at) => ({
      timeMs: nowMs + one * 3_600_000,
      drawWatts: 50_000 - at * 10_000,
    }));
    const preview = CurtailmentPreview.fromPartial({ points });
    return renderPreview(preview, { style, nowMs, hasHeaders: true }).join("\n");
  };
  expect(shown(24)).toMatch(/^2026-11-25 [\d:]+ .*\n2026-11-26 [\d:]+ /m);
  expect(shown(0.1)).not.toContain("2026-11-25");
});

test("who loses nothing is counted, not listed", () => {
  const { CAPPED, PAUSED, UNTOUCHED } = CurtailmentEffect;
  const show = (jobs: readonly object[]): string =>
    renderPreview(CurtailmentPreview.fromPartial({ jobs: [...jobs] }), {
      style,
      nowMs,
      hasHeaders: true,
    }).join("\n");
  const none = Array.from({ length: 134 }, (_, at) => ({
    jobId: `${5_000 + at}`,
    effect: at === 0 ? UNTOUCHED : CAPPED,
    capWatts: 699,
  }));
  const losing = [
    { jobId: "7", effect: CAPPED, capWatts: 500, lossPermille: 1 },
    { jobId: "8", effect: PAUSED },
  ];
  const text = show([...none, ...losing]);
  expect(text).toMatch(/^7 .*0\.1 %/m);
  expect(text).toMatch(/^8 .*paused/m);
  expect(text).not.toMatch(/^5\d\d\d /m);
  expect(text).toMatch(/^134 more jobs lose 0 % \(-o json shows all\)$/m);
  expect(show(none.slice(0, 1))).toMatch(/^1 job loses 0 %/m);
  expect(show(losing)).not.toContain("more");
});

test("what a common plan does outside the domain is told beside the jobs there, or not at all", () => {
  const view = { style, nowMs, hasHeaders: true };
  const show = (elsewhereCount: number): string =>
    renderPreview(
      CurtailmentPreview.fromPartial({
        cappedCount: 2,
        elsewhereCount,
        togetherWithIds: ["evening", "peak"],
      }),
      view,
    ).join("\n");
  expect(show(12)).toMatch(/^jobs +2 there: 2 capped$/m);
  expect(show(12)).toMatch(
    /^elsewhere +12 jobs outside it touched, as it is planned together with evening, peak$/m,
  );
  expect(show(0)).not.toContain("elsewhere");
});

test("what others that are in force take without it, too, is not told as its own work", () => {
  const view = { style, nowMs, hasHeaders: true };
  const show = (anywayCount: number): string =>
    renderPreview(
      CurtailmentPreview.fromPartial({
        untouchedCount: 3,
        cappedCount: 12,
        anywayCount,
        jobs: [{ jobId: "7", capWatts: 500, lossPermille: 1, isAnyway: anywayCount > 0 }],
      }),
      view,
    ).join("\n");
  expect(show(12)).toMatch(
    /^jobs +15 there: 3 untouched, 12 capped; all of that without it, too, by curtailments in force/m,
  );
  expect(show(5)).toMatch(/12 capped; 5 of these without it, too, by curtailments in force/);
  expect(show(5)).toMatch(/^7 .*500 W, without it, too .*0\.1 %/m);
  expect(show(0)).not.toContain("without it");
});

test("where a tier loses more than it tolerates nothing is called good, whether or not the target holds", () => {
  const view = { style, nowMs, hasHeaders: true };
  const first = (tierBrokenCount: number, isTargetMet = true): string | undefined =>
    renderPreview(CurtailmentPreview.fromPartial({ isTargetMet, tierBrokenCount }), view)[0];
  expect(first(0)).toBe("✓ can be kept: the target holds from the start");
  expect(first(1)).toMatch(
    /^▲ can be kept, but 1 job loses more than its tier allows, since caps alone hold the target/,
  );
  expect(first(7)).toMatch(/^▲ can be kept, but 7 jobs lose more than their tiers allow/);
  expect(first(7, false)).toMatch(/^▲ cannot be kept in time/);
});

test("where caps stand in for idle nodes it is said that these are counted as on for longer than usual", () => {
  const told = (noticeMs: number, lossPermille = 4): string | undefined => {
    const curtailment = { noticeTimeMs: nowMs, startTimeMs: nowMs + noticeMs };
    const preview = CurtailmentPreview.fromPartial({
      curtailment,
      jobs: [{ lossPermille }],
      nodeOffCount: 7,
    });
    const view = { style, nowMs, hasHeaders: true };
    return renderPreview(preview, view).find((line) => line.startsWith("idle nodes"));
  };
  expect(told(75_000)).toMatch(
    /7 switched off, counted as on for 2 min; mostly they are off within seconds, and jobs lose less$/,
  );
  expect(told(120_000)).toMatch(/7 switched off$/);
  expect(told(0, 0)).toMatch(/7 switched off$/);
});

test("what is late only as long as idle nodes count as on is not called late, and by when it mostly holds is told", () => {
  const first = (preview: Partial<CurtailmentPreview>): string => {
    const view = { style, nowMs, hasHeaders: true };
    return renderPreview({ ...CurtailmentPreview.fromPartial({}), ...preview }, view)[0] ?? "";
  };
  expect(first({ isTargetMet: false, waitsForNodes: true, nodeOffCount: 7 })).toBe(
    "▲ may be kept, but not for certain: mostly idle nodes are off within seconds, and it holds from the start; if nodes take the two minutes that each may, the target is not met before its end; to be certain give it a later end, or a longer notice, so that idle nodes are off before it",
  );
  expect(first({ isTargetMet: true, timeToTargetMs: 105_000, waitsForNodes: true })).toBe(
    "✓ can be kept: the target holds 1 min 45 s after the start at the latest; mostly idle nodes are off within seconds, and it holds from the start",
  );
  expect(first({ isTargetMet: true, timeToTargetMs: 105_000 })).toMatch(/at the latest$/);
});

import {
  ComplianceReport,
  Curtailment,
  CurtailmentEffect,
  CurtailmentMode,
  CurtailmentPreview,
  CurtailmentRefusal,
  CurtailmentState,
  MovedStart,
} from "@ertis/api";
import { sampleNowMs } from "./sample-power.ts";

const minuteMs = 60_000;
const baselineWatts = 9_340_000;
const targetWatts = 6_538_000;
const startMs = sampleNowMs + 30 * minuteMs;
const rampMs = 5 * minuteMs;

/** A third less for four hours, in half an hour. */
export const sampleCurtailment: Curtailment = Curtailment.fromPartial({
  id: "evening",
  domainId: "pavlodar-hub",
  mode: CurtailmentMode.PLANNED,
  state: CurtailmentState.SCHEDULED,
  targetWatts,
  baselineWatts,
  startTimeMs: startMs,
  endTimeMs: startMs + 240 * minuteMs,
  rampMs,
  noticeTimeMs: sampleNowMs,
  reason: "order of the dispatcher",
  setBy: "d.akhmetov",
});

const affected = [
  {
    jobId: "1010",
    name: "pretrain-70b",
    owner: "aigerim",
    project: "nlp",
    flexibilityTierPercent: 25,
    effect: CurtailmentEffect.CAPPED,
    capBeforeWatts: 0,
    capWatts: 520,
    nodeCountBefore: 64,
    nodeCount: 64,
    lossPermille: 174,
  },
  {
    jobId: "1011_3",
    name: "sweep",
    owner: "bolat",
    project: "vision",
    flexibilityTierPercent: 50,
    effect: CurtailmentEffect.PAUSED,
    nodeCountBefore: 8,
    nodeCount: 8,
    pauseFromTimeMs: startMs,
    pauseUntilTimeMs: startMs + 90 * minuteMs,
    lossPermille: 392,
  },
  {
    jobId: "1012",
    name: "fine-tune",
    owner: "saule",
    project: "nlp",
    flexibilityTierPercent: 10,
    effect: CurtailmentEffect.SHRUNK,
    capBeforeWatts: 650,
    capWatts: 600,
    nodeCountBefore: 8,
    nodeCount: 7,
    lossPermille: 125,
  },
];

/** The draw falls in the ramp, stays below the target, and rises again after the end. */
function toDrawWatts(timeMs: number): number {
  const intoRamp = (timeMs - startMs) / rampMs;
  if (intoRamp < 0) {
    return baselineWatts;
  }
  const least = targetWatts - 40_000;
  const backMs = timeMs - sampleCurtailment.endTimeMs;
  if (backMs >= 0) {
    return Math.min(baselineWatts, least + backMs * 2);
  }
  return Math.round(baselineWatts - Math.min(1, intoRamp) * (baselineWatts - least));
}

function toAllowedWatts(timeMs: number): number | undefined {
  if (timeMs < startMs || timeMs >= sampleCurtailment.endTimeMs) {
    return undefined;
  }
  const part = Math.min(1, (timeMs - startMs) / rampMs);
  return Math.round(baselineWatts - part * (baselineWatts - targetWatts));
}

const times = Array.from({ length: 300 }, (_, minute) => sampleNowMs + minute * minuteMs);

export const sampleMovedStarts: readonly MovedStart[] = [
  MovedStart.fromPartial({
    jobId: "1044",
    startTimeBeforeMs: startMs + 10 * minuteMs,
    startTimeMs: startMs + 250 * minuteMs,
    capWatts: 520,
  }),
  MovedStart.fromPartial({ jobId: "1045", startTimeBeforeMs: startMs + 20 * minuteMs }),
];

export const samplePreview: CurtailmentPreview = CurtailmentPreview.fromPartial({
  curtailment: { ...sampleCurtailment, id: "" },
  points: times.map((timeMs) => {
    const drawWatts = toDrawWatts(timeMs);
    return {
      timeMs,
      drawWatts,
      boundWatts: Math.round(drawWatts * 1.06),
      targetWatts: toAllowedWatts(timeMs),
    };
  }),
  isTargetMet: true,
  timeToTargetMs: 280_000,
  untouchedCount: 3,
  cappedCount: 7,
  shrunkCount: 1,
  pausedCount: 1,
  nodeOffCount: 14,
  jobs: affected,
  throughputPermille: 912,
  reserved: [{ jobId: "1013", startTimeMs: startMs, nodeCount: 1, heldWatts: 2_500 }],
  tiers: [
    { flexibilityTierPercent: 0, untouchedCount: 2, floorWatts: 1_200_000 },
    {
      flexibilityTierPercent: 10,
      untouchedCount: 1,
      cappedCount: 3,
      shrunkCount: 1,
      lossPermille: 71,
      worstLossPermille: 125,
      floorWatts: 2_410_000,
    },
    {
      flexibilityTierPercent: 25,
      cappedCount: 4,
      lossPermille: 133,
      worstLossPermille: 174,
      floorWatts: 1_390_000,
    },
    {
      flexibilityTierPercent: 50,
      pausedCount: 1,
      lossPermille: 392,
      worstLossPermille: 392,
      floorWatts: 310_000,
    },
  ],
});

/** The last to begin first: one that never began, and one that was ended. */
export const cancelledCurtailments: readonly Curtailment[] = [
  {
    ...sampleCurtailment,
    id: "early",
    state: CurtailmentState.CANCELLED,
    startTimeMs: sampleCurtailment.startTimeMs - 60_000,
    cancelledTimeMs: sampleNowMs - 120_000,
  },
  {
    ...sampleCurtailment,
    id: "dawn",
    state: CurtailmentState.CANCELLED,
    startTimeMs: sampleNowMs - 600_000,
    endTimeMs: sampleNowMs + 240_000,
    cancelledTimeMs: sampleNowMs - 300_000,
  },
];

export const sampleRefusal: CurtailmentRefusal = CurtailmentRefusal.fromPartial({
  rejection: {
    reason: "CURTAILMENT_BREAKS_FLOORS",
    message:
      "2.00 MW at pavlodar-hub cannot be kept: idle nodes, fixed loads and the floors of 12 jobs need 5.10 MW",
  },
  smallestTargetWatts: 5_100_000,
  domainId: "pavlodar-hub",
  reserved: [{ jobId: "1013", startTimeMs: startMs, nodeCount: 16, heldWatts: 29_000 }],
  enoughTierPercents: [50, 25],
  gains: [
    { flexibilityTierPercent: 50, jobCount: 4, freedWatts: 900_000, possibleWatts: 4_200_000 },
    { flexibilityTierPercent: 25, jobCount: 6, freedWatts: 1_400_000, possibleWatts: 3_700_000 },
    { flexibilityTierPercent: 10, jobCount: 2, freedWatts: 150_000, possibleWatts: 4_950_000 },
  ],
});

/** Two minutes over at the edge of the ramp, one without a measurement. */
export const sampleReport: ComplianceReport = ComplianceReport.fromPartial({
  curtailment: { ...sampleCurtailment, state: CurtailmentState.ENDED },
  isFinal: true,
  minutes: times.slice(30, 270).map((timeMs, minute) => {
    const over = minute === 6 || minute === 7 ? 90_000 : 0;
    return {
      timeMs,
      drawWatts: minute === 40 ? undefined : toDrawWatts(timeMs) + over,
      targetWatts: toAllowedWatts(timeMs) ?? 0,
    };
  }),
  overMinuteCount: 2,
  unmeasuredMinuteCount: 1,
  worstMinute: {
    timeMs: startMs + 6 * minuteMs,
    drawWatts: targetWatts + 50_000,
    targetWatts,
  },
  worstSecondWatts: 6_702_000,
  drawnJoules: 94_000_000_000n,
  unusedJoules: 560_000_000n,
  avoidedJoules: 40_100_000_000n,
  measuredMs: 239 * 60_000,
  isTargetMet: true,
  timeToTargetMs: 480_000,
  jobs: affected,
});

import {
  type AffectedJob,
  type ComplianceMinute,
  type ComplianceReport,
  type Curtailment as ApiCurtailment,
  CurtailmentEffect,
  CurtailmentMode,
  type CurtailmentPoint,
  type CurtailmentPreview as ApiPreview,
  CurtailmentState,
} from "@ertis/api";
import { instant, toNumber } from "@ertis/quantities";
import {
  type Compliance,
  type Curtailment,
  type CurtailmentForecast,
  type CurtailmentPhase,
  type CurtailmentPreview,
  type CurtailmentView,
  type EngineState,
  type Job,
  type JobCompliance,
  type JobForecast,
} from "@ertis/scheduler-engine";
import { affectedJobsMax, complianceMinutesMax } from "../limits/limits.ts";
import { reservedToApi } from "./curtailment-refusal.ts";
import { movedToApi } from "./moved-to-api.ts";

const minuteMs = 60_000;
const joulesPerKilowattHour = 3_600_000;

const states: Readonly<Record<CurtailmentPhase, CurtailmentState>> = {
  announced: CurtailmentState.SCHEDULED,
  ramping: CurtailmentState.ACTIVE,
  on: CurtailmentState.ACTIVE,
  over: CurtailmentState.ENDED,
  cancelled: CurtailmentState.CANCELLED,
};

export function curtailmentToApi(view: CurtailmentView): ApiCurtailment {
  const { curtailment } = view;
  return {
    ...askedToApi(curtailment),
    state: states[view.phase],
    cancelledBy: view.cancelledBy,
    cancelReason: view.cancelReason,
  };
}

/** One that is not scheduled. */
function askedToApi(curtailment: Curtailment): ApiCurtailment {
  return {
    id: curtailment.id,
    domainId: curtailment.domain,
    mode: curtailment.mode === "emergency" ? CurtailmentMode.EMERGENCY : CurtailmentMode.PLANNED,
    state: CurtailmentState.UNSPECIFIED,
    targetWatts: toNumber(curtailment.target),
    baselineWatts: toNumber(curtailment.baseline),
    startTimeMs: toNumber(curtailment.start),
    endTimeMs: toNumber(curtailment.end),
    rampMs: toNumber(curtailment.ramp),
    noticeTimeMs: toNumber(curtailment.noticedAt),
    reason: curtailment.reason,
    setBy: curtailment.setBy,
    cancelledBy: "",
    cancelReason: "",
    giveUpTierPercents: [...(curtailment.giveUp ?? [])],
  };
}

export function previewToApi(
  state: EngineState,
  { curtailment, forecast, moved }: Omit<CurtailmentPreview, "kind">,
): ApiPreview {
  const { jobs } = forecast;
  const countOf = (effect: JobForecast["effect"]): number =>
    jobs.filter((job) => job.effect === effect).length;
  const lengthMs = toNumber(curtailment.end) - toNumber(curtailment.start);
  const timeToTargetMs = toNumber(forecast.timeToTarget);
  return {
    curtailment: askedToApi(curtailment),
    points: pointsOf(curtailment, forecast),
    isTargetMet: timeToTargetMs < lengthMs,
    leadMs: toNumber(forecast.lead),
    timeToTargetMs,
    untouchedCount: countOf("untouched"),
    cappedCount: countOf("capped"),
    shrunkCount: countOf("shrunk"),
    pausedCount: countOf("paused"),
    nodeOffCount: forecast.nodesOffCount,
    jobs: jobs
      .filter(({ effect }) => effect !== "untouched")
      .toSorted((a, b) => b.lossPercent - a.lossPercent || a.job - b.job)
      .slice(0, affectedJobsMax)
      .map((one) => forecastToApi(state, curtailment, one)),
    throughputPermille: throughputPermille(state, jobs),
    tiers: forecast.tiers.map((tier) => ({
      flexibilityTierPercent: tier.tierPercent,
      untouchedCount: tier.untouched,
      cappedCount: tier.capped,
      shrunkCount: tier.shrunk,
      pausedCount: tier.paused,
      lossPermille: Math.round(tier.lossPercent * 10),
      worstLossPermille: Math.round(tier.worstLossPercent * 10),
      floorWatts: toNumber(tier.floor),
      isFloorGivenUp: isGivenUp(curtailment, tier.tierPercent),
    })),
    movedStarts: movedToApi(moved),
    reserved: reservedToApi(forecast.reserved),
    togetherWithIds: [...forecast.together],
    elsewhereCount: forecast.elsewhereCount,
    tierBrokenCount: jobs.filter((one) => one.isTierBroken).length,
  };
}

function isGivenUp({ giveUp = [] }: Curtailment, tierPercent: number): boolean {
  return giveUp.some((tier) => tier === tierPercent);
}

/** At most so many points; the last ones are those of the recovery. */
const pointsMax = 500;

/** From now until it has recovered; targets where they hold. An emergency is told in bounds. */
function pointsOf(
  curtailment: Curtailment,
  { steps, rampFrom }: CurtailmentForecast,
): CurtailmentPoint[] {
  const startMs = toNumber(curtailment.start);
  const endMs = toNumber(curtailment.end);
  const rampMs = toNumber(curtailment.ramp);
  const targetWatts = toNumber(curtailment.target);
  const allowedBefore = toNumber(rampFrom);
  const isBound = curtailment.mode === "emergency";
  return withMoment(steps, startMs + rampMs)
    .slice(0, pointsMax)
    .map(({ at, watts }): CurtailmentPoint => {
      const timeMs = toNumber(at);
      const part = rampMs === 0 ? 1 : Math.min(1, (timeMs - startMs) / rampMs);
      const allowed = Math.round(allowedBefore - part * (allowedBefore - targetWatts));
      const isOn = timeMs >= startMs && timeMs < endMs;
      const powerWatts = Math.round(toNumber(watts));
      return {
        timeMs,
        drawWatts: powerWatts,
        boundWatts: isBound ? powerWatts : undefined,
        targetWatts: isOn ? allowed : undefined,
      };
    });
}

type Steps = CurtailmentForecast["steps"];

/** The moment at which the target holds is told even when watts do not change there. */
function withMoment(steps: Steps, atMs: number): Steps {
  const next = steps.findIndex(({ at }) => toNumber(at) >= atMs);
  const before = steps[next - 1];
  const following = steps[next];
  return before === undefined || following === undefined || toNumber(following.at) === atMs
    ? steps
    : steps.toSpliced(next, 0, { at: instant(atMs), watts: before.watts });
}

function forecastToApi(
  state: EngineState,
  curtailment: Curtailment,
  forecast: JobForecast,
): AffectedJob {
  const job = state.jobs.get(forecast.job);
  const attempt = job?.active?.get(forecast.task);
  const nodeCount = attempt?.placement.nodes.length ?? 0;
  const isPaused = forecast.effect === "paused";
  const fromMs = toNumber(curtailment.start) + toNumber(forecast.pausedFrom);
  return {
    ...ownerOf(job, forecast.job, forecast.task),
    effect: effects[forecast.effect],
    capBeforeWatts: attempt?.capWatts ?? 0,
    capWatts: forecast.capWatts,
    nodeCountBefore: nodeCount,
    nodeCount: forecast.nodeCount,
    pauseFromTimeMs: isPaused ? fromMs : 0,
    pauseUntilTimeMs: isPaused ? fromMs + toNumber(forecast.paused) : 0,
    lossPermille: Math.round(forecast.lossPercent * 10),
    isFloorGivenUp: isGivenUp(curtailment, forecast.tierPercent),
    isTierBroken: forecast.isTierBroken,
  };
}

const effects: Readonly<Record<JobForecast["effect"], CurtailmentEffect>> = {
  untouched: CurtailmentEffect.UNTOUCHED,
  capped: CurtailmentEffect.CAPPED,
  shrunk: CurtailmentEffect.SHRUNK,
  paused: CurtailmentEffect.PAUSED,
};

function ownerOf(
  job: Job | undefined,
  number: number,
  task: number,
): Pick<AffectedJob, "jobId" | "name" | "owner" | "project" | "flexibilityTierPercent"> {
  return {
    jobId: (job?.spec.taskCount ?? 1) > 1 ? `${number}_${task}` : `${number}`,
    name: job?.spec.name ?? "",
    owner: job?.owner ?? "",
    project: job?.spec.project ?? "",
    flexibilityTierPercent: job?.spec.flexibilityTier ?? 0,
  };
}

function throughputPermille(state: EngineState, jobs: readonly JobForecast[]): number {
  let gpuCount = 0;
  let left = 0;
  for (const { job, lossPercent } of jobs) {
    const spec = state.jobs.get(job)?.spec;
    const gpus = (spec?.nodeCount ?? 0) * (spec?.gpusPerNode ?? 0);
    gpuCount += gpus;
    left += gpus * (1 - lossPercent / 100);
  }
  return gpuCount === 0 ? 1_000 : Math.round((left / gpuCount) * 1_000);
}

export function complianceToApi(state: EngineState, compliance: Compliance): ComplianceReport {
  const { view } = compliance;
  const { curtailment } = view;
  const minutes = compliance.minutes.map((one): ComplianceMinute => ({
    timeMs: toNumber(one.from),
    drawWatts: one.measuredSeconds === 0 ? undefined : toNumber(one.mean),
    targetWatts: toNumber(one.allowed),
  }));
  const holdsFromMs = toNumber(curtailment.start) + toNumber(curtailment.ramp);
  // A minute that still runs is shown, but is no verdict.
  const whole = minutes.filter((_, minute) => compliance.minutes[minute]?.isRunning === false);
  const first = whole.find((one) => (one.drawWatts ?? Infinity) <= one.targetWatts);
  return {
    curtailment: curtailmentToApi(view),
    isFinal: view.phase === "over" || view.phase === "cancelled",
    minutes: minutes.slice(-complianceMinutesMax),
    overMinuteCount: compliance.minutesOverCount,
    unmeasuredMinuteCount: whole.filter((one) => one.drawWatts === undefined).length,
    worstMinute: worstOf(whole.filter((one) => one.timeMs >= holdsFromMs)),
    worstSecondWatts:
      toNumber(compliance.worstSecond) === 0 ? undefined : toNumber(compliance.worstSecond),
    ...energyOf(compliance),
    isTargetMet: first !== undefined,
    timeToTargetMs: first === undefined ? 0 : first.timeMs + minuteMs - toNumber(curtailment.start),
    jobs: compliance.jobs
      .toSorted((a, b) => b.lossPercent - a.lossPercent || a.job - b.job)
      .slice(0, affectedJobsMax)
      .map((one) => {
        const job = state.jobs.get(one.job);
        return {
          ...ownerOf(job, one.job, one.task),
          flexibilityTierPercent: one.tierPercent,
          effect: effectOf(one),
          capBeforeWatts: 0,
          capWatts: one.lowestCapWatts,
          nodeCountBefore: job?.spec.nodeCount ?? 0,
          nodeCount: one.shrunkNodeCount || (job?.spec.nodeCount ?? 0),
          pauseFromTimeMs: 0,
          pauseUntilTimeMs: 0,
          lossPermille: Math.round(one.lossPercent * 10),
          isFloorGivenUp: isGivenUp(curtailment, one.tierPercent),
          isTierBroken: one.isTierBroken,
        };
      }),
    tierBrokenCount: compliance.jobs.filter((one) => one.isTierBroken).length,
  };
}

function effectOf({ shrunkNodeCount, pausedSeconds }: JobCompliance): CurtailmentEffect {
  if (shrunkNodeCount > 0) {
    return CurtailmentEffect.SHRUNK;
  }
  return pausedSeconds > 0 ? CurtailmentEffect.PAUSED : CurtailmentEffect.CAPPED;
}

function worstOf(minutes: readonly ComplianceMinute[]): ComplianceMinute | undefined {
  let worst: ComplianceMinute | undefined;
  let worstDistance = -Infinity;
  for (const minute of minutes) {
    const distance = (minute.drawWatts ?? -Infinity) - minute.targetWatts;
    if (distance > worstDistance) {
      [worst, worstDistance] = [minute, distance];
    }
  }
  return worst;
}

function energyOf({
  view,
  minutes,
  unusedKilowattHours,
}: Compliance): Pick<ComplianceReport, "drawnJoules" | "unusedJoules" | "avoidedJoules"> {
  const baseline = toNumber(view.curtailment.baseline);
  let drawn = 0;
  let avoided = 0;
  for (const { mean, measuredSeconds } of minutes) {
    drawn += toNumber(mean) * measuredSeconds;
    avoided += Math.max(0, baseline - toNumber(mean)) * measuredSeconds;
  }
  return {
    drawnJoules: BigInt(Math.round(drawn)),
    unusedJoules: BigInt(Math.round(unusedKilowattHours * joulesPerKilowattHour)),
    avoidedJoules: BigInt(Math.round(avoided)),
  };
}

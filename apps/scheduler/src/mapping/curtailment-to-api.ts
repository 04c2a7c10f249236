import {
  type AffectedJob,
  type Curtailment as ApiCurtailment,
  CurtailmentEffect,
  CurtailmentMode,
  type CurtailmentPoint,
  type CurtailmentPreview as ApiPreview,
  CurtailmentState,
  type ForeseenMiss as ApiMiss,
} from "@ertis/api";
import { instant, toNumber } from "@ertis/quantities";
import {
  type Curtailment,
  type CurtailmentForecast,
  type CurtailmentPhase,
  type CurtailmentPreview,
  type CurtailmentView,
  type EngineState,
  type ForeseenMiss,
  isTargetMet,
  tierBrokenCount,
  type Job,
  type JobForecast,
} from "@ertis/scheduler-engine";
import { affectedJobsMax } from "../limits/limits.ts";
import { reservedToApi } from "./curtailment-refusal.ts";
import { movedToApi } from "./moved-to-api.ts";

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
    cancelledTimeMs: view.cancelledAt === undefined ? 0 : toNumber(view.cancelledAt),
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
    baselineMeasuredMs:
      curtailment.baselineMeasured === undefined
        ? undefined
        : toNumber(curtailment.baselineMeasured),
    startTimeMs: toNumber(curtailment.start),
    endTimeMs: toNumber(curtailment.end),
    rampMs: toNumber(curtailment.ramp),
    noticeTimeMs: toNumber(curtailment.noticedAt),
    reason: curtailment.reason,
    setBy: curtailment.setBy,
    cancelledBy: "",
    cancelReason: "",
    cancelledTimeMs: 0,
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
  return {
    curtailment: askedToApi(curtailment),
    points: pointsOf(curtailment, forecast),
    isTargetMet: isTargetMet(curtailment, forecast),
    leadMs: toNumber(forecast.lead),
    timeToTargetMs: toNumber(forecast.timeToTarget),
    ...usualTimeOf(forecast),
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
    tierBrokenCount: tierBrokenCount(forecast),
    anywayCount: jobs.filter((one) => one.isAnyway).length,
    overPermille: forecast.overPermille,
  };
}

export function missToApi(missed: ForeseenMiss): ApiMiss {
  return {
    isTargetMet: missed.isTargetMet,
    timeToTargetMs: toNumber(missed.timeToTarget),
    ...usualTimeOf(missed),
    tierBrokenCount: missed.tierBrokenCount,
    nodeOffCount: missed.nodesOffCount,
  };
}

function usualTimeOf({
  usualTimeToTarget: usual,
}: Pick<ForeseenMiss, "usualTimeToTarget">): Pick<
  ApiMiss,
  "waitsForNodes" | "usualTimeToTargetMs"
> {
  return {
    waitsForNodes: usual !== undefined,
    usualTimeToTargetMs: usual === undefined ? 0 : toNumber(usual),
  };
}

export function isGivenUp({ giveUp = [] }: Curtailment, tierPercent: number): boolean {
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
  const { pause } = forecast;
  return {
    ...ownerOf(job, forecast.job, forecast.task),
    effect: effects[forecast.effect],
    capBeforeWatts: attempt?.capWatts ?? 0,
    capWatts: forecast.capWatts,
    nodeCountBefore: nodeCount,
    nodeCount: forecast.nodeCount,
    pauseFromTimeMs: pause === undefined ? 0 : toNumber(pause.from),
    pauseUntilTimeMs: pause === undefined ? 0 : toNumber(pause.until),
    lossPermille: Math.round(forecast.lossPercent * 10),
    isFloorGivenUp: isGivenUp(curtailment, forecast.tierPercent),
    isTierBroken: forecast.isTierBroken,
    stoppedTimeMs: 0,
    stoppedFor: "",
    forOthersPermille: 0,
    afterEndLostMs: 0,
    isHeldBack: false,
    isAnyway: forecast.isAnyway,
  };
}

const effects: Readonly<Record<JobForecast["effect"], CurtailmentEffect>> = {
  untouched: CurtailmentEffect.UNTOUCHED,
  capped: CurtailmentEffect.CAPPED,
  shrunk: CurtailmentEffect.SHRUNK,
  paused: CurtailmentEffect.PAUSED,
};

export function ownerOf(
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

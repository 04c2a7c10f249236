import { type ComplianceMinute, type ComplianceReport, CurtailmentEffect } from "@ertis/api";
import { toNumber } from "@ertis/quantities";
import type { Compliance, EngineState, JobCompliance } from "@ertis/scheduler-engine";
import { affectedJobsMax, complianceMinutesMax } from "../limits/limits.ts";
import { curtailmentToApi, isGivenUp, ownerOf } from "./curtailment-to-api.ts";

const minuteMs = 60_000;
const joulesPerKilowattHour = 3_600_000;

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
          stoppedTimeMs: one.stopped === undefined ? 0 : toNumber(one.stopped.at),
          stoppedFor: one.stopped?.reason ?? "",
          forOthersPermille: Math.round(one.forOthersPercent * 10),
          afterEndLostMs: one.afterEndSeconds * 1_000,
          isHeldBack: one.isHeldBack,
          isAnyway: false,
        };
      }),
    tierBrokenCount: compliance.jobs.filter((one) => one.isTierBroken).length,
    ...afterEndOf(compliance.jobs),
    forOthersIds: [...compliance.forWhom],
  };
}

function afterEndOf(
  jobs: readonly JobCompliance[],
): Pick<ComplianceReport, "afterEndLostMs" | "afterEndCount" | "heldBackCount"> {
  return {
    afterEndLostMs: jobs.reduce((sum, one) => sum + one.afterEndSeconds * 1_000, 0),
    afterEndCount: jobs.filter((one) => one.afterEndSeconds > 0).length,
    heldBackCount: jobs.filter((one) => one.isHeldBack).length,
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
}: Compliance): Pick<
  ComplianceReport,
  "drawnJoules" | "unusedJoules" | "avoidedJoules" | "measuredMs"
> {
  const baseline = toNumber(view.curtailment.baseline);
  let drawn = 0;
  let seconds = 0;
  for (const { mean, measuredSeconds } of minutes) {
    drawn += toNumber(mean) * measuredSeconds;
    seconds += measuredSeconds;
  }
  // With what was drawn it adds up to the baseline over what was measured.
  const avoided = Math.max(0, baseline * seconds - drawn);
  return {
    drawnJoules: BigInt(Math.round(drawn)),
    unusedJoules: BigInt(Math.round(unusedKilowattHours * joulesPerKilowattHour)),
    avoidedJoules: BigInt(Math.round(avoided)),
    measuredMs: seconds * 1_000,
  };
}

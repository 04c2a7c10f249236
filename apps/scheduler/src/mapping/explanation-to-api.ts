import {
  DomainKind,
  type Explanation as ApiExplanation,
  ExplanationReason as ApiReason,
  type PlanJobResponse,
  type PlannedStart,
  type SuggestedChange,
} from "@ertis/api";
import { type Instant, toJoulesFloor, toNumber } from "@ertis/quantities";
import {
  type Explanation,
  type ExplanationReason,
  explanationSentence,
  type JobPlan,
  type PlannedNetwork,
  type PlannedPromise,
  type Suggestion,
  belowLeast,
  beyondRampSentence,
  whyNotMore,
} from "@ertis/scheduler-engine";
import { domainKindToApi } from "./enums.ts";
import { namedJobsMax } from "../limits/limits.ts";
import { readableLength, readableMoment } from "./readable.ts";
import { rejectionToApi } from "./refusal.ts";

/** The state that an answer was computed on. */
export interface ExplainedAt {
  readonly sequence: number;
  readonly nowMs: number;
}

const reasonToApi: Readonly<Record<ExplanationReason, ApiReason>> = {
  held: ApiReason.HELD,
  "begin-time": ApiReason.BEGIN_TIME,
  dependency: ApiReason.DEPENDENCY,
  "array-throttle": ApiReason.ARRAY_THROTTLE,
  "behind-others": ApiReason.BEHIND_OTHERS,
  gpus: ApiReason.GPUS,
  "power-limit": ApiReason.POWER_LIMIT,
  "power-budget": ApiReason.POWER_BUDGET,
  "power-curtailment": ApiReason.POWER_CURTAILMENT,
  "future-window": ApiReason.FUTURE_WINDOW,
  "nodes-unavailable": ApiReason.NODES_UNAVAILABLE,
  "never-fits-now": ApiReason.NEVER_FITS_NOW,
  quota: ApiReason.QUOTA,
  "above-quota": ApiReason.ABOVE_QUOTA,
  "next-pass": ApiReason.NEXT_PASS,
  starting: ApiReason.STARTING,
  running: ApiReason.RUNNING,
  stopping: ApiReason.STOPPING,
  finished: ApiReason.FINISHED,
};

export function explanationToApi(explanation: Explanation, at: ExplainedAt): ApiExplanation {
  const { place, ahead, pausedUntil, deadlineMissed: missed } = explanation;
  const power = place?.power;
  const endMs = toMsOrZero(power?.curtailment?.end ?? power?.budget?.until);
  return {
    reason: reasonToApi[explanation.reason],
    summary: summaryOf(explanation, at),
    site: place?.site ?? "",
    domainId: power?.domain ?? "",
    domainKind: power === undefined ? DomainKind.UNSPECIFIED : domainKindToApi[power.kind],
    neededGpuCount: explanation.neededNodeCount * explanation.gpusPerNode,
    availableGpuCount: place?.availableGpuCount ?? 0,
    neededNodeCount: explanation.neededNodeCount,
    availableNodeCount: place?.availableNodeCount ?? 0,
    neededWatts: power?.neededWatts ?? 0,
    availableWatts: power?.freeWatts ?? 0,
    windowFromTimeMs: power?.atMs ?? 0,
    windowUntilTimeMs: power?.givesBackUntilMs ?? endMs,
    budgetId: power?.budget?.id ?? "",
    curtailmentId: power?.curtailment?.id ?? pausedUntil?.curtailment ?? "",
    jobsAheadCount: ahead?.count ?? 0,
    jobsAheadIsLowerBound: ahead?.isLowerBound ?? false,
    orderSummary: ahead?.last?.sentence ?? "",
    earliestStartTimeMs: explanation.startLowerBoundMs ?? 0,
    waitingForJobIds: explanation.waitingFor.map(String),
    unavailableNodeCount: place?.unavailableNodeCount ?? 0,
    computedAtSequence: at.sequence,
    computedAtTimeMs: at.nowMs,
    startOptions: explanation.startOptions.map((option) => ({
      capWatts: option.capWatts,
      speedPermille: option.speedPermille,
      earliestStartTimeMs: option.startMs ?? 0,
      endsByTimeMs: option.endsByMs ?? 0,
      isEstimate: option.isEstimate,
    })),
    suggestion:
      explanation.suggestion === undefined
        ? undefined
        : suggestionToApi(explanation.suggestion, at.nowMs),
    promisedStartTimeMs: explanation.reservedStartMs ?? 0,
    headJobId: explanation.head === undefined ? "" : `${explanation.head.job}`,
    headStartTimeMs: explanation.head?.startAtMs ?? 0,
    deadlineMissedByMs: missed === undefined ? 0 : missed.endMs - missed.deadlineMs,
    pausedUntilTimeMs: pausedUntil === undefined || pausedUntil.isReturning ? 0 : pausedUntil.atMs,
    likelyStartTimeMs: explanation.likelyStart?.atMs ?? 0,
    likelyStartCurtailmentId: explanation.likelyStart?.curtailment.id ?? "",
  };
}

function toMsOrZero(moment: Instant | undefined): number {
  return moment === undefined ? 0 : toNumber(moment);
}

/** A change with which it would start at once, or with fewer nodes sooner. */
function suggestionToApi(suggestion: Suggestion, nowMs: number): SuggestedChange {
  switch (suggestion.kind) {
    case "shorter-walltime": {
      const length = readableLength(suggestion.walltimeMs);
      return {
        summary: `with a walltime of ${length} it starts at once`,
        field: "walltime_ms",
        value: length,
        startTimeMs: nowMs,
      };
    }
    case "lower-cap":
      return {
        summary: `with tier ${suggestion.tierPercent} and its GPUs capped to ${suggestion.capWatts} W it starts at once`,
        field: "flexibility_tier_percent",
        value: `${suggestion.tierPercent}`,
        startTimeMs: nowMs,
      };
    case "other-site": {
      const { site, gpuModel, field, startMs = nowMs } = suggestion;
      return {
        summary: `at ${site} (${gpuModel}) it starts ${whenText(startMs, nowMs)}`,
        field: field === "site" ? "site" : "gpu_model",
        value: field === "site" ? site : gpuModel,
        startTimeMs: startMs,
      };
    }
    case "fewer-nodes": {
      const { nodeCount, leastNow, startMs = nowMs } = suggestion;
      const nodes =
        leastNow === undefined
          ? `on ${nodeCount} node${nodeCount === 1 ? "" : "s"}`
          : belowLeast(nodeCount, leastNow);
      return {
        summary: `${nodes} it starts ${whenText(startMs, nowMs)}${whyNotMore(suggestion.boundBy)}`,
        field: leastNow === undefined ? "node_count" : "node_count_min",
        value: `${nodeCount}`,
        startTimeMs: startMs,
      };
    }
  }
}

function whenText(startMs: number, nowMs: number): string {
  return startMs - nowMs < 1_000 ? "at once" : `by about ${readableMoment(startMs, nowMs)}`;
}

function summaryOf(explanation: Explanation, { nowMs }: ExplainedAt): string {
  return explanationSentence(explanation, {
    time: (atMs) => readableMoment(atMs, nowMs),
  });
}

function networkToApi({
  isKnown,
  place,
}: PlannedNetwork): Pick<PlannedStart, "fabricDomain" | "fabricLevel" | "hasFabric"> {
  return {
    fabricDomain: place?.domain ?? "",
    fabricLevel: place?.level ?? "",
    hasFabric: isKnown,
  };
}

function laterStartToApi(
  plan: Omit<PlannedPromise, "capWatts" | "speedPermille">,
  at: ExplainedAt,
): Omit<PlannedStart, "capWatts" | "speedPermille" | "preemptedJobIds" | "loweredJobIds"> {
  return {
    site: plan.site,
    nodes: plan.nodes.map((nodeId) => ({ nodeId, gpuIndices: [] })),
    gpuModel: plan.gpuModel,
    powerReservedWatts: plan.powerReservedWatts,
    energyUpperBoundJoules: toJoulesFloor(plan.energyUpperBound),
    computedAtSequence: at.sequence,
    computedAtTimeMs: at.nowMs,
    endsByTimeMs: plan.endsByMs,
    startTimeMs: plan.startAtMs,
    capHighestWatts: plan.capHighestWatts,
    ...networkToApi(plan.network),
    rampSummary: "",
  };
}

function promisedToApi(promised: PlannedPromise, at: ExplainedAt): PlannedStart {
  const { capWatts, speedPermille } = promised;
  const nobody = { preemptedJobIds: [], loweredJobIds: [] };
  return { ...laterStartToApi(promised, at), capWatts, speedPermille, ...nobody };
}

export function planToApi(plan: JobPlan, at: ExplainedAt): PlanJobResponse {
  switch (plan.kind) {
    case "waits":
      return {
        result: { $case: "waits", value: explanationToApi(plan.explanation, at) },
        promisedStart: plan.promised && promisedToApi(plan.promised, at),
      };
    case "rejected":
      return {
        result: { $case: "refused", value: rejectionToApi(plan) },
        promisedStart: undefined,
      };
    case "start-after-lowering":
      return {
        result: {
          $case: "startAfterLowering",
          value: {
            ...promisedToApi(plan, at),
            ...(plan.isPromised ? {} : { startTimeMs: 0, endsByTimeMs: 0 }),
            loweredJobIds: plan.lowered.slice(0, namedJobsMax).map(String),
          },
        },
        promisedStart: undefined,
      };
    case "start-after-preemption":
      return {
        result: {
          $case: "startAfterPreemption",
          value: {
            ...promisedToApi(plan, at),
            preemptedJobIds: plan.preempted.slice(0, namedJobsMax).map(String),
            loweredJobIds: plan.lowered.slice(0, namedJobsMax).map(String),
          },
        },
        promisedStart: undefined,
      };
    case "start-now":
      return {
        result: {
          $case: "startNow",
          value: {
            site: plan.site,
            nodes: plan.nodes.map(({ node, gpuIndices }) => ({
              nodeId: node,
              gpuIndices: [...gpuIndices],
            })),
            gpuModel: plan.gpuModel,
            powerReservedWatts: plan.powerReservedWatts,
            energyUpperBoundJoules: toJoulesFloor(plan.energyUpperBound),
            computedAtSequence: at.sequence,
            computedAtTimeMs: at.nowMs,
            capWatts: plan.capWatts,
            capHighestWatts: plan.capHighestWatts,
            speedPermille: plan.speedPermille,
            endsByTimeMs: plan.endsByMs,
            preemptedJobIds: [],
            loweredJobIds: [],
            startTimeMs: at.nowMs,
            ...networkToApi(plan.network),
            rampSummary: plan.beyondRamp === undefined ? "" : beyondRampSentence(plan.beyondRamp),
          },
        },
        promisedStart: undefined,
      };
  }
}

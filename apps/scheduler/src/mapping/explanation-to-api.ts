import {
  DomainKind,
  type Explanation as ApiExplanation,
  ExplanationReason as ApiReason,
  type PlanJobResponse,
} from "@ertis/api";
import { toJoulesFloor, toNumber } from "@ertis/quantities";
import {
  type Explanation,
  type ExplanationReason,
  explanationSentence,
  type JobPlan,
} from "@ertis/scheduler-engine";
import { domainKindToApi } from "./enums.ts";
import { readableMoment } from "./readable.ts";
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
  "future-window": ApiReason.FUTURE_WINDOW,
  "nodes-unavailable": ApiReason.NODES_UNAVAILABLE,
  "never-fits-now": ApiReason.NEVER_FITS_NOW,
  "next-pass": ApiReason.NEXT_PASS,
  starting: ApiReason.STARTING,
  running: ApiReason.RUNNING,
  stopping: ApiReason.STOPPING,
  finished: ApiReason.FINISHED,
};

export function explanationToApi(explanation: Explanation, at: ExplainedAt): ApiExplanation {
  const { place, ahead } = explanation;
  const power = place?.power;
  const until = power?.budget?.until;
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
    windowUntilTimeMs: until === undefined ? 0 : toNumber(until),
    budgetId: power?.budget?.id ?? "",
    jobsAheadCount: ahead?.count ?? 0,
    jobsAheadIsLowerBound: ahead?.isLowerBound ?? false,
    earliestStartTimeMs: explanation.startLowerBoundMs ?? 0,
    waitingForJobIds: explanation.waitingFor.map(String),
    unavailableNodeCount: place?.unavailableNodeCount ?? 0,
    computedAtSequence: at.sequence,
    computedAtTimeMs: at.nowMs,
  };
}

function summaryOf(explanation: Explanation, { nowMs }: ExplainedAt): string {
  return explanationSentence(explanation, {
    time: (atMs) => readableMoment(atMs, nowMs),
  });
}

export function planToApi(plan: JobPlan, at: ExplainedAt): PlanJobResponse {
  switch (plan.kind) {
    case "waits":
      return { result: { $case: "waits", value: explanationToApi(plan.explanation, at) } };
    case "rejected":
      return { result: { $case: "refused", value: rejectionToApi(plan) } };
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
          },
        },
      };
  }
}

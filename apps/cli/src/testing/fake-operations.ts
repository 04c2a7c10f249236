import {
  Budget,
  PowerDomain,
  type CancelCurtailmentRequest,
  CurtailmentRefusal,
  CancelCurtailmentResponse,
  type CordonNodeRequest,
  type CurtailmentSpec,
  GetComplianceResponse,
  ListBudgetsResponse,
  type ListCurtailmentsRequest,
  ListCurtailmentsResponse,
  ListNodesResponse,
  type MovedStart,
  Node,
  NodeState,
  type PreviewCurtailmentRequest,
  PreviewCurtailmentResponse,
  type ScheduleCurtailmentRequest,
  ScheduleCurtailmentResponse,
  type SetBudgetRequest,
  SetBudgetResponse,
} from "@ertis/api";
import type { FakeMethods } from "@ertis/client/testing";
import {
  cancelledCurtailments,
  sampleCurtailment,
  sampleMovedStarts,
  samplePreview,
  sampleRefusal,
  sampleReport,
} from "./sample-curtailments.ts";
import { sampleNowMs } from "./sample-power.ts";

const misspelt = "hal-2";
const unknownDomain = {
  code: "NOT_FOUND",
  message: 'site "hal-2" is not known',
  reason: "UNKNOWN_DOMAIN",
} as const;

/** A hub that knows one curtailment. */
export const curtailmentMethods: FakeMethods["unary"] = {
  previewCurtailment: ({ spec }: PreviewCurtailmentRequest) =>
    PreviewCurtailmentResponse.fromPartial({
      computedAtTimeMs: sampleNowMs,
      result: isPossible(spec)
        ? {
            $case: "preview",
            value: {
              ...samplePreview,
              isTargetMet: spec?.domainId !== "slow-hub",
              movedStarts: spec?.rampMs === 0 ? [...sampleMovedStarts] : [],
            },
          }
        : {
            $case: "refusal",
            value:
              spec?.domainId === "nowhere" || spec?.domainId === misspelt
                ? CurtailmentRefusal.fromPartial({ rejection: { reason: "UNKNOWN_DOMAIN" } })
                : sampleRefusal,
          },
    }),
  scheduleCurtailment: ({ curtailmentId, spec }: ScheduleCurtailmentRequest) =>
    spec?.domainId === misspelt
      ? unknownDomain
      : isPossible(spec)
        ? ScheduleCurtailmentResponse.fromPartial({
            curtailment: {
              ...sampleCurtailment,
              id: curtailmentId,
              giveUpTierPercents: spec?.giveUpTierPercents ?? [],
            },
            movedStarts: curtailmentId === "noon" ? [...sampleMovedStarts] : [],
            ...(spec?.domainId === "slow-hub" ? { foreseenMiss: { nodeOffCount: 3 } } : {}),
          })
        : {
            code: "FAILED_PRECONDITION",
            message: sampleRefusal.rejection?.message ?? "",
            reason: "CURTAILMENT_BREAKS_FLOORS",
          },
  cancelCurtailment: ({ curtailmentId }: CancelCurtailmentRequest) =>
    curtailmentId === "evening" || curtailmentId === "falling"
      ? CancelCurtailmentResponse.fromPartial({
          curtailment: { ...sampleCurtailment, cancelledTimeMs: sampleCurtailment.startTimeMs - 1 },
          ...(curtailmentId === "falling" ? { cappedCount: 7, pausedCount: 1 } : {}),
        })
      : { code: "NOT_FOUND", message: "no such curtailment", reason: "UNKNOWN_CURTAILMENT" },
  listCurtailments: ({ includeEnded }: ListCurtailmentsRequest) =>
    ListCurtailmentsResponse.fromPartial({
      curtailments: includeEnded ? [sampleCurtailment, ...cancelledCurtailments] : [],
    }),
  getCompliance: () => GetComplianceResponse.fromPartial({ report: sampleReport }),
};

/** Below 5.1 MW, or 55 % of the baseline, floors do not fit unless two tiers give theirs up. */
function isPossible(spec: CurtailmentSpec | undefined): boolean {
  const target = spec?.target;
  if ((spec?.giveUpTierPercents.length ?? 0) >= 2) {
    return true;
  }
  return target?.$case === "targetPermille"
    ? target.value >= 550
    : (target?.value ?? 0) >= 5_100_000;
}

/** The first node moves a start, the second one moves it on. */
function movedByNode(nodeId: string): MovedStart[] {
  const moved = sampleMovedStarts.slice(0, 1);
  const further = ({ startTimeMs, capWatts, ...rest }: MovedStart): MovedStart => ({
    ...rest,
    startTimeBeforeMs: startTimeMs,
    capBeforeWatts: capWatts,
    startTimeMs: startTimeMs + 3_600_000,
    capWatts: 0,
  });
  return nodeId === "hub/rack/a" ? moved : nodeId === "hub/rack/b" ? moved.map(further) : [];
}

/** Budgets and two nodes. */
export const operatorMethods: FakeMethods["unary"] = {
  listBudgets: () => ListBudgetsResponse.fromPartial({}),
  setBudget: (request: SetBudgetRequest) =>
    request.domainId === misspelt
      ? unknownDomain
      : SetBudgetResponse.fromPartial({
          budget: Budget.fromPartial({
            id: request.budgetId,
            limitWatts: request.limitWatts ?? 0,
            fromTimeMs: request.fromTimeMs,
            untilTimeMs: request.untilTimeMs,
          }),
          movedStarts: request.budgetId === "noon" ? [...sampleMovedStarts] : [],
          domain: PowerDomain.fromPartial({ id: request.domainId, usableWatts: 13_000_000 }),
          ...(request.budgetId === "low"
            ? {
                smallestWatts: 7_400_000,
                floorJobs: [
                  {
                    jobId: "1010",
                    owner: "aigerim",
                    flexibilityTierPercent: 25,
                    floorWatts: 400_000,
                  },
                  {
                    jobId: "1011_3",
                    flexibilityTierPercent: 50,
                    floorWatts: 80_000,
                    isTierAtRisk: true,
                  },
                ],
              }
            : {}),
        }),
  listNodes: () =>
    ListNodesResponse.fromPartial({
      nodes: ["a", "b"].map((name) => ({ id: `hub/rack/${name}`, state: NodeState.READY })),
    }),
  cordonNode: ({ nodeId, reason }: CordonNodeRequest) =>
    nodeId === "nope"
      ? { code: "NOT_FOUND", message: "ListNodes knows", reason: "UNKNOWN_NODE" }
      : {
          node: Node.fromPartial({ id: nodeId, cordoned: true, cordonReason: reason }),
          sequence: 1,
          movedStarts: movedByNode(nodeId),
        },
};

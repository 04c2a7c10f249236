import type { Budget as ApiBudget, PowerDomain as ApiDomain } from "@ertis/api";
import { formatWatts, toNumber, watts } from "@ertis/quantities";
import type { DomainView, PowerBudget } from "@ertis/scheduler-engine";
import { domainKindToApi } from "./enums.ts";

const minuteMs = 60_000;

/** `awaySinceMs`: since when the cluster of the domain's site does not answer; undefined when it does. */
export function domainToApi(view: DomainView, awaySinceMs: number | undefined): ApiDomain {
  const { budget, excess, nextBudgetChange } = view;
  return {
    id: view.id,
    kind: domainKindToApi[view.kind],
    parentId: view.parent ?? "",
    limitWatts: view.limitWatts,
    usableWatts: view.usableWatts,
    budgetWatts: budget === undefined ? undefined : toNumber(budget.ceiling),
    budgetId: budget?.id ?? "",
    boundWatts: view.boundWatts,
    fixedWatts: view.fixedWatts,
    powerReservedWatts: view.reservedWatts,
    excessWatts: excess?.watts ?? 0,
    excessReason: excess === undefined ? "" : excessReason(excess),
    freeWatts: view.freeWatts,
    gpuCount: view.gpuCount,
    gpuUsedCount: view.gpuHeldCount,
    gpuCordonedCount: view.gpuCordonedCount,
    gpuLostCount: view.gpuLostCount,
    gpuAsleepCount: view.gpuAsleepCount,
    nodeAsleepCount: view.nodeAsleepCount,
    nodeCount: view.nodeCount,
    nodeUsedCount: view.nodeHeldCount,
    nodeCordonedCount: view.nodeCordonedCount,
    nodeLostCount: view.nodeLostCount + view.nodeOffCount,
    nextBudgetChange:
      nextBudgetChange === undefined
        ? undefined
        : {
            changeTimeMs: nextBudgetChange.atMs,
            budgetWatts:
              nextBudgetChange.budget === undefined
                ? undefined
                : toNumber(nextBudgetChange.budget.ceiling),
            budgetId: nextBudgetChange.budget?.id ?? "",
          },
    childCount: view.childCount,
    awaySinceTimeMs: view.parent === undefined ? (awaySinceMs ?? 0) : 0,
    drawWatts: view.draw?.watts,
    drawTimeMs: view.draw?.atMs ?? 0,
    targetWatts: view.allowedWatts,
    curtailmentId: view.curtailment?.id ?? "",
    gpuCappedCount: view.gpuCappedCount,
    capSavedWatts: view.capSavedWatts,
    rampWattsPerMinute:
      view.ramp && Math.round((toNumber(view.ramp.watts) * minuteMs) / view.ramp.perMs),
    rampPerMs: view.ramp?.perMs ?? 0,
    rampRecord: view.rampRecord && {
      unplannedCount: view.rampRecord.unplannedCount,
      unplannedWatts: view.rampRecord.unplannedWatts,
      unplannedOverCount: view.rampRecord.unplannedOverCount,
      lastUnplannedTimeMs: view.rampRecord.lastUnplannedAtMs,
      emergencyCount: view.rampRecord.emergencyCount,
      emergencyWatts: view.rampRecord.emergencyWatts,
    },
    rampWindowMs: view.ramp?.windowMs ?? 0,
    remainingWatts: view.lostSupply?.remainingWatts,
    lostSupply: view.lostSupply?.supply ?? "",
    givingBackWatts: view.givingBack?.watts,
    givingBackCurtailmentId: view.givingBack?.curtailment ?? "",
    givingBackUntilTimeMs: view.givingBack?.untilMs ?? 0,
    supplies: view.supplies.map(({ name, usableWatts, boundWatts, failed }) => ({
      name,
      usableWatts,
      boundWatts,
      failedName: failed ?? "",
    })),
  };
}

function excessReason(excess: NonNullable<DomainView["excess"]>): string {
  const { budget, idleWatts, isAboveIdle } = excess;
  const start = `budget ${budget.id} (${budget.reason}) is below what runs; nothing starts here`;
  return isAboveIdle
    ? `${start}, and idle nodes with fixed loads alone draw up to ${formatWatts(watts(idleWatts))}: nodes have to be switched off`
    : `${start} until enough has ended`;
}

export function budgetToApi(budget: PowerBudget): ApiBudget {
  return {
    id: budget.id,
    domainId: budget.domain,
    limitWatts: toNumber(budget.ceiling),
    fromTimeMs: toNumber(budget.from),
    untilTimeMs: budget.until === undefined ? 0 : toNumber(budget.until),
    reason: budget.reason,
    setBy: budget.setBy,
    setTimeMs: 0,
  };
}

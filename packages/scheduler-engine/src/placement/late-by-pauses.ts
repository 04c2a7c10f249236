import { toNumber } from "@ertis/quantities";
import { holdsUntilMs } from "../power/attempt-ends.ts";
import { givesMoreFromMs } from "../power/recovery.ts";
import type { Curtailments, PlannedPause } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";

/**
 * Pauses of a site that are planned, and those of a curtailment that is announced now and not planned yet, each until
 * its job is back.
 */
export function pausesToCome(
  { curtailments }: EngineState,
  { site }: SiteState,
  announced: readonly PlannedPause[],
): readonly PlannedPause[] {
  return [...announced, ...(curtailments.pauses.get(site.id) ?? [])].map((one) => ({
    ...one,
    untilMs: backByMs(curtailments, one),
  }));
}

/** Who pauses to the end of a curtailment may have to wait for the last watts of its recovery. */
function backByMs(
  { records }: Curtailments,
  { curtailment: id = "", untilMs }: PlannedPause,
): number {
  const curtailment = records.get(id)?.curtailment;
  const afterEndMs = curtailment === undefined ? -1 : untilMs - toNumber(curtailment.end);
  return curtailment === undefined || afterEndMs < 0
    ? untilMs
    : Math.max(untilMs, givesMoreFromMs(curtailment) + afterEndMs);
}

/** Until when plans count on what an attempt holds, with the longest of its pauses to come. */
export function laterUntilMs(
  attempt: Attempt,
  pauses: readonly PlannedPause[],
  nowMs: number,
): number {
  const delays = pauses.map((one) => delayMs(attempt, one, nowMs));
  return holdsUntilMs(attempt) + Math.max(0, ...delays);
}

/** Who shrinks leaves its nodes to others; who started since has paused already. */
function delayMs(
  { job, task, phase, startedAtMs, endsByMs }: Attempt,
  { fromMs, untilMs, nodeCount, ...pause }: PlannedPause,
  nowMs: number,
): number {
  const isIts = pause.job === job && (pause.task ?? 0) === task && nodeCount === undefined;
  const isRunning = phase === "starting" || phase === "running";
  const isToCome = startedAtMs < fromMs && fromMs < endsByMs;
  return isIts && isRunning && isToCome ? untilMs - Math.max(nowMs, fromMs) : 0;
}

import { toNumber } from "@ertis/quantities";
import { holdsUntilMs } from "../power/attempt-ends.ts";
import { givesMoreFromMs } from "../power/recovery.ts";
import type { Curtailments, PlannedPause } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";
import type { Pool } from "../state/site-state.ts";

interface StartOnNodes {
  readonly pool: Pool;
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
  readonly startAtMs: number;
}

/**
 * The soonest moment for a promised start by which those are gone who hold its GPUs and are to pause: they come back
 * to their nodes before any promised start, and are done later by as long as they pause.
 * @param announced pauses of a curtailment that is announced by this and not planned yet
 */
export function backFromPauseMs(
  { nowMs, curtailments }: EngineState,
  { pool: { site }, nodes, gpusPerNode, startAtMs }: StartOnNodes,
  announced: readonly PlannedPause[] = [],
): number {
  const pauses = [...announced, ...(curtailments.pauses.get(site.site.id) ?? [])].map((one) => ({
    ...one,
    untilMs: backByMs(curtailments, one),
  }));
  let latestMs = startAtMs;
  for (const node of pauses.length === 0 ? [] : nodes) {
    const late = (site.attemptsOnNode[node] ?? [])
      .map((one) => ({ gpus: one.gpusPerNode, untilMs: laterUntilMs(one, pauses, nowMs) }))
      .filter(({ untilMs }) => untilMs > startAtMs)
      .toSorted((a, b) => a.untilMs - b.untilMs);
    let held = late.reduce((sum, { gpus }) => sum + gpus, 0);
    for (const { gpus, untilMs } of late) {
      if (held + gpusPerNode > (site.nodeGpuCount[node] ?? 0) && untilMs < Infinity) {
        latestMs = Math.max(latestMs, untilMs);
        held -= gpus;
      }
    }
  }
  return latestMs;
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
function laterUntilMs(attempt: Attempt, pauses: readonly PlannedPause[], nowMs: number): number {
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

import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import { holdsUntilMs } from "../power/attempt-ends.ts";
import { givesMoreFromMs } from "../power/recovery.ts";
import { isBelow } from "../power/shedding/effects.ts";
import type { Curtailments, PlannedPause } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Attempt } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";
import { nodesToKeep } from "./nodes-to-keep.ts";

/**
 * Pauses of a site that are planned, and those that are foreseen for what is announced and not planned yet, each until
 * its job is back; in their order.
 */
export function pausesToCome(
  { curtailments }: EngineState,
  { site }: SiteState,
): readonly PlannedPause[] {
  const { records, pauses } = curtailments;
  const foreseen = [...records.values()].flatMap((one) =>
    one.curtailment.site === site.id ? one.foreseen : [],
  );
  return [...foreseen, ...(pauses.get(site.id) ?? [])]
    .map((one) => ({ ...one, untilMs: backByMs(curtailments, one) }))
    .toSorted((a, b) => a.fromMs - b.fromMs);
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

/** What an attempt holds beyond its end of now. */
export interface Later {
  readonly nodes: readonly number[];
  readonly untilMs: number;
}

/**
 * With all of its pauses to come, where one overlaps another once, on all of its nodes; with shrinks on those that it
 * keeps, if it never grows again.
 * @param pauses in their order
 */
export function laterOf(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  pauses: readonly PlannedPause[],
): Later {
  let nodes = attempt.heldNodes;
  let laterMs = 0;
  let isPaused = false;
  let backMs = state.nowMs;
  for (const { fromMs, untilMs, nodeCount, ...pause } of pauses) {
    const startMs = Math.max(backMs, fromMs);
    const endsByMs = attempt.endsByMs + laterMs;
    if (!isOwnToCome(attempt, { fromMs, ...pause }) || startMs >= endsByMs) {
      continue;
    }
    if (nodeCount === undefined) {
      isPaused = true;
      laterMs += Math.max(0, untilMs - startMs);
      backMs = Math.max(backMs, untilMs);
    } else if (nodeCount < nodes.length) {
      const isAsked = below(site, state.curtailments, pause.curtailment);
      laterMs += shrinkMs(state, { job: attempt.job, endsByMs, nodes }, { startMs, nodeCount });
      nodes = nodesToKeep({ nodes, nodeCount, isAsked });
    }
  }
  return {
    nodes: isPaused ? attempt.heldNodes : nodes,
    untilMs: holdsUntilMs(attempt) + laterMs,
  };
}

/** Who started since has paused already. */
function isOwnToCome(
  { job, task, phase, startedAtMs }: Attempt,
  pause: Pick<PlannedPause, "job" | "task" | "fromMs">,
): boolean {
  return (
    pause.job === job &&
    (pause.task ?? 0) === task &&
    (phase === "starting" || phase === "running") &&
    startedAtMs < pause.fromMs
  );
}

function below(
  site: SiteState,
  { records }: Curtailments,
  id: string = "",
): (node: number) => boolean {
  const domain = records.get(id)?.curtailment.domain;
  return (node) => domain !== undefined && isBelow(site, [node], domain);
}

interface OnNodes extends Pick<Attempt, "job" | "endsByMs"> {
  readonly nodes: readonly number[];
}

/** By so much more what is left takes on fewer nodes, with the checkpoint that it goes on from. */
function shrinkMs(
  { jobs }: EngineState,
  { job, endsByMs, nodes }: OnNodes,
  { startMs, nodeCount }: { readonly startMs: number; readonly nodeCount: number },
): number {
  const { save = 0, restore = 0 } = jobs.get(job)?.spec.checkpoint ?? {};
  const factor = nodes.length / nodeCount;
  const checkpointMs = (Number(save) + Number(restore) + stopGraceMs) * factor;
  return Math.ceil((endsByMs - startMs) * (factor - 1) + checkpointMs);
}

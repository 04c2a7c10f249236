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

/** What an attempt holds beyond its end of now. */
export interface Later {
  readonly nodes: readonly number[];
  readonly untilMs: number;
}

/** With the longest of its pauses to come on all its nodes; with a shrink on those that it keeps, if it never grows again. */
export function laterOf(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  pauses: readonly PlannedPause[],
): Later {
  const isOwn = ownToCome(attempt, state.nowMs);
  let pausedMs = 0;
  let shrunkMs = 0;
  let nodes = attempt.heldNodes;
  for (const { fromMs, untilMs, nodeCount, ...pause } of pauses) {
    if (!isOwn({ fromMs, ...pause })) {
      continue;
    }
    const startMs = Math.max(state.nowMs, fromMs);
    if (nodeCount === undefined) {
      pausedMs = Math.max(pausedMs, untilMs - startMs);
    } else if (nodeCount < attempt.heldNodes.length) {
      const asked = below(site, state.curtailments, pause.curtailment);
      nodes = nodesToKeep({ nodes: attempt.heldNodes, nodeCount, isAsked: asked });
      shrunkMs = Math.max(shrunkMs, shrinkMs(state, attempt, { startMs, nodeCount }));
    }
  }
  return {
    nodes: pausedMs > 0 ? attempt.heldNodes : nodes,
    untilMs: holdsUntilMs(attempt) + Math.max(pausedMs, shrunkMs),
  };
}

/** Who started since has paused already. */
function ownToCome(
  { job, task, phase, startedAtMs, endsByMs }: Attempt,
  nowMs: number,
): (pause: Pick<PlannedPause, "job" | "task" | "fromMs">) => boolean {
  const isRunning = phase === "starting" || phase === "running";
  return (pause) =>
    pause.job === job &&
    (pause.task ?? 0) === task &&
    isRunning &&
    startedAtMs < pause.fromMs &&
    Math.max(nowMs, pause.fromMs) < endsByMs;
}

function below(
  site: SiteState,
  { records }: Curtailments,
  id: string = "",
): (node: number) => boolean {
  const domain = records.get(id)?.curtailment.domain;
  return (node) => domain !== undefined && isBelow(site, [node], domain);
}

/** By so much more what is left takes on fewer nodes, with the checkpoint that it goes on from. */
function shrinkMs(
  { jobs }: EngineState,
  { job, endsByMs, heldNodes }: Attempt,
  { startMs, nodeCount }: { readonly startMs: number; readonly nodeCount: number },
): number {
  const { save = 0, restore = 0 } = jobs.get(job)?.spec.checkpoint ?? {};
  const factor = heldNodes.length / nodeCount;
  const checkpointMs = (Number(save) + Number(restore) + stopGraceMs) * factor;
  return Math.ceil((endsByMs - startMs) * (factor - 1) + checkpointMs);
}

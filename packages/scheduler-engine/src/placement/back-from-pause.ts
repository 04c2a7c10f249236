import { type MoreGpus, noMoreGpus } from "../power/ledger.ts";
import type { PlannedPause } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Pool } from "../state/site-state.ts";
import { laterOf, pausesToCome } from "./late-by-pauses.ts";
import { wattsAfterPausesMs } from "./watts-after-pauses.ts";

interface StartOnNodes {
  readonly pool: Pool;
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
  readonly startAtMs: number;
  readonly holdsUntilMs: number;
  /** What it adds to the ledgers on each of its nodes; absent: it is in them, being kept already. */
  readonly more?: MoreGpus;
}

/**
 * The soonest moment for a promised start by which those are gone who hold its GPUs or its watts and are to pause: they
 * come back before any promised start, and are done later by as long as they pause.
 */
export function backFromPauseMs(state: EngineState, start: StartOnNodes): number {
  const { site } = start.pool;
  const pauses = pausesToCome(state, site);
  if (pauses.length === 0) {
    return start.startAtMs;
  }
  const more = start.more ?? noMoreGpus;
  return Math.max(
    gpusAfterPausesMs(state, start, pauses),
    wattsAfterPausesMs(state, site, { ...start, more }, pauses),
  );
}

function gpusAfterPausesMs(
  state: EngineState,
  { pool: { site }, nodes, gpusPerNode, startAtMs }: StartOnNodes,
  pauses: readonly PlannedPause[],
): number {
  let latestMs = startAtMs;
  for (const node of nodes) {
    const late = (site.attemptsOnNode[node] ?? [])
      .map((one) => ({ gpus: one.gpusPerNode, ...laterOf(state, site, one, pauses) }))
      .filter((one) => one.untilMs > startAtMs && one.nodes.includes(node))
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

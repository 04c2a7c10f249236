import { workLeftMs } from "../../power/shedding/work.ts";
import { cutWatts } from "../../state/caps.ts";
import type { Attempt } from "../../state/job.ts";
import { nodeLost, type SiteState } from "../../state/site-state.ts";

/**
 * When the GPUs that are held now come free at the soonest, if they use their walltimes, in columns, so that
 * a question about many moments walks over numbers only.
 */
export interface Endings {
  /** Entries of node n stand from `from[n]` to `from[n + 1]`, in rising order of their end. */
  readonly from: Int32Array;
  /** Infinity: the node does not answer, no walltime ends it. */
  readonly endMs: Float64Array;
  readonly gpuCount: Uint8Array;
  /** What its cap takes off the bound of the node. */
  readonly cutWatts: Float64Array;
  readonly lastMs: number;
}

export function endingsOf(site: SiteState, nowMs: number): Endings {
  const nodeCount = site.nodeFlags.length;
  const from = new Int32Array(nodeCount + 1);
  for (let node = 0; node < nodeCount; node += 1) {
    from[node + 1] = (from[node] ?? 0) + (site.attemptsOnNode[node]?.length ?? 0);
  }
  const total = from[nodeCount] ?? 0;
  const endMs = new Float64Array(total);
  const gpuCount = new Uint8Array(total);
  const cuts = new Float64Array(total);
  let lastMs = nowMs;
  for (let node = 0; node < nodeCount; node += 1) {
    const attempts = site.attemptsOnNode[node] ?? [];
    const isLost = ((site.nodeFlags[node] ?? 0) & nodeLost) !== 0;
    const first = from[node] ?? 0;
    for (let index = 0; index < attempts.length; index += 1) {
      const attempt = attempts[index];
      if (attempt === undefined) {
        continue;
      }
      const end = isLost ? Infinity : endOf(attempt, nowMs);
      const held = attempt.gpusPerNode;
      const cut = cutWatts(site, node, held, attempt.capWatts);
      insert({ endMs, gpuCount, cutWatts: cuts }, { first, at: first + index, end, held, cut });
      if (end > lastMs && end < Infinity) {
        lastMs = end;
      }
    }
  }
  return { from, endMs, gpuCount, cutWatts: cuts, lastMs };
}

/** What has ended, is told to stop or is overdue may go at any moment, and a cap may rise at any. */
function endOf(attempt: Attempt, nowMs: number): number {
  if (attempt.phase === "exited" || attempt.phase === "stopping") {
    return nowMs;
  }
  const fromMs = Math.max(nowMs, attempt.workAtMs);
  return Math.max(
    nowMs,
    Math.min(attempt.endsByMs, fromMs + Math.floor(workLeftMs(attempt, nowMs))),
  );
}

interface Insertion {
  /** Where the entries of the node begin. */
  readonly first: number;
  /** The first place that is empty. */
  readonly at: number;
  readonly end: number;
  readonly held: number;
  readonly cut: number;
}

/** Sorted by insertion: a node carries sixteen attempts at most. */
function insert(
  { endMs, gpuCount, cutWatts: cuts }: Pick<Endings, "endMs" | "gpuCount" | "cutWatts">,
  one: Insertion,
): void {
  let at = one.at;
  for (; at > one.first && (endMs[at - 1] ?? 0) > one.end; at -= 1) {
    endMs[at] = endMs[at - 1] ?? 0;
    gpuCount[at] = gpuCount[at - 1] ?? 0;
    cuts[at] = cuts[at - 1] ?? 0;
  }
  endMs[at] = one.end;
  gpuCount[at] = one.held;
  cuts[at] = one.cut;
}

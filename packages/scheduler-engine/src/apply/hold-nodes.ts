import { rerank } from "../power/attempt-ranks.ts";
import { refreshCut } from "../state/caps.ts";
import { domainOfColumn, visitAbove } from "../state/columns.ts";
import { curveOf, floorCap } from "../power/shedding/curves.ts";
import { holdingOf } from "../power/holding.ts";
import { refreshNode } from "../power/ledger.ts";
import { assert, known } from "../state/assert.ts";
import type { Attempt, Job } from "../state/job.ts";
import { noteLow } from "../state/low-attempts.ts";
import { positionIn } from "../state/positions.ts";
import { noAttemptsOnNode, type SiteState } from "../state/site-state.ts";

/** Gives an attempt its GPUs on the nodes it still holds. */
export function hold(site: SiteState, attempt: Attempt): void {
  attempt.held = holdingOf(site, attempt);
  if (attempt.heldNodes.length > 0) {
    site.attempts.add(attempt);
    if (attempt.capWatts !== 0) {
      site.cappedCount += 1;
      site.raisedInVainAt = -1;
    }
    site.capTakerCount += attempt.floorCapWatts === 0 ? 0 : 1;
  }
  noteLow(site, attempt);
  rerank(site, attempt);
  for (const node of attempt.heldNodes) {
    const mask = maskOn(attempt, node);
    assert(((site.gpuMaskHeld[node] ?? 0) & mask) === 0, "no GPU is in two placements");
    site.gpuMaskHeld[node] = (site.gpuMaskHeld[node] ?? 0) | mask;
    site.gpusHeld[node] = (site.gpusHeld[node] ?? 0) + attempt.gpusPerNode;
    // Sorted, so that the order of later events does not depend on how the state was rebuilt.
    site.attemptsOnNode[node] = [...(site.attemptsOnNode[node] ?? []), attempt].toSorted(
      (a, b) => a.job - b.job || a.task - b.task || a.attempt - b.attempt,
    );
    refreshCut(site, node);
    refreshNode(site, node);
  }
}

function maskOn(attempt: Attempt, node: number): number {
  const { nodes, gpuMasks } = attempt.placement;
  return known(gpuMasks[positionIn(nodes, node)], "GPU mask of a held node");
}

/** Takes back its GPUs, on the nodes that have confirmed its stop. */
export function giveBack(site: SiteState, attempt: Attempt, released: readonly number[]): void {
  const gone = new Set(released);
  for (const node of released) {
    const mask = maskOn(attempt, node);
    site.gpuMaskHeld[node] = (site.gpuMaskHeld[node] ?? 0) & ~mask;
    site.gpusHeld[node] = (site.gpusHeld[node] ?? 0) - attempt.gpusPerNode;
    const rest = (site.attemptsOnNode[node] ?? []).filter((one) => one !== attempt);
    site.attemptsOnNode[node] = rest.length === 0 ? noAttemptsOnNode : rest;
    refreshCut(site, node);
    refreshNode(site, node);
  }
  attempt.heldNodes =
    released === attempt.heldNodes ? [] : attempt.heldNodes.filter((node) => !gone.has(node));
  if (attempt.heldNodes.length === 0) {
    site.attempts.delete(attempt);
    site.cappedCount -= attempt.capWatts === 0 ? 0 : 1;
    site.capTakerCount -= attempt.floorCapWatts === 0 ? 0 : 1;
    noteLow(site, attempt);
  }
  rerank(site, attempt);
  if (attempt.capInForce !== undefined) {
    const rest = [...attempt.capInForce].filter(([node]) => !gone.has(node));
    attempt.capInForce = rest.length === 0 ? undefined : new Map(rest);
  }
}

/** What follows from the job and the place for an attempt, also after a restart or a site edit. */
export function learnCurve(site: SiteState, attempt: Attempt, job: Job): void {
  const pool = site.nodePool[attempt.placement.nodes[0] ?? -1];
  if (pool?.gpuCap !== undefined) {
    attempt.curve = curveOf(pool, job.spec.workloadClass);
    attempt.floorCapWatts = floorCap(pool, job.spec);
  }
}

/**
 * The promise of Ertis, checked a second time where it could be broken: no domain above a node
 * that begins to carry more (an attempt, a higher cap, its idle watts) is over its limit. Stays on in production.
 */
export function assertWithinLimits(site: SiteState, nodes: readonly number[]): void {
  const now = known(site.horizons[0], "the horizon of now");
  for (const node of nodes) {
    visitAbove(site, node, 0, (column) => {
      assert(
        (now.load[column] ?? 0) <= (site.usableScaled[column] ?? 0),
        `bounds in ${site.site.domains[domainOfColumn(site, column)]?.id ?? ""} are within its limit`,
      );
    });
  }
}

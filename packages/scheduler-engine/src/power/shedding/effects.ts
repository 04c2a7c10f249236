import { toNumber } from "@ertis/quantities";
import {
  beginsAtMs,
  type CurtailmentRecord,
  type JobEffect,
  type PausedTask,
} from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { AttemptKey } from "../../words/attempt.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { workDoneMs } from "./work.ts";

/**
 * Time at full speed that an attempt has lost since its start to caps, and to nodes that this curtailment
 * took. Where it began on fewer nodes than it asks for, or an earlier one took some, that is its full speed.
 */
export function lossMs(
  { jobs }: EngineState,
  record: CurtailmentRecord,
  attempt: Attempt,
  atMs: number,
): number {
  const nodeCount = attempt.placement.nodes.length;
  const asked = jobs.get(attempt.job)?.spec.nodeCount ?? nodeCount;
  const workedMs =
    (workDoneMs(attempt, atMs) * asked) / nodeCountBefore(record, attempt, nodeCount);
  return Math.max(0, atMs - attempt.startedAtMs - workedMs);
}

/** Nodes that a task, which has so many now, would have without a curtailment. */
export function nodeCountBefore(
  { effects }: CurtailmentRecord,
  key: Pick<AttemptKey, "job" | "task">,
  nodeCount: number,
): number {
  return Math.max(nodeCount, effects.get(taskIdOf(key))?.nodeCountBefore ?? 0);
}

export function effectOf(record: CurtailmentRecord, id: TaskId): JobEffect {
  let effect = record.effects.get(id);
  if (effect === undefined) {
    effect = { cappedLossMs: 0, pausedMs: 0, lowestCapWatts: 0, shrunkNodeCount: 0 };
    record.effects.set(id, effect);
  }
  return effect;
}

/** Curtailments of a site whose time has begun and that are not over. */
export function* runningRecords(
  state: EngineState,
  site: string,
): Generator<CurtailmentRecord, void, void> {
  for (const record of state.curtailments.records.values()) {
    const { curtailment } = record;
    if (!record.isOver && curtailment.site === site && beginsAtMs(record) <= state.nowMs) {
      yield record;
    }
  }
}

/**
 * Domains that must not go on as they are. Only below them may watts fall at once, whatever ramps say:
 * what must not be exceeded comes first.
 */
export function forcedDomains(state: EngineState, site: SiteState): ReadonlySet<number> {
  const forced = new Set<number>(site.lostSupplies.keys());
  site.horizons[0]?.load.forEach((load, domain) => {
    if (load > (site.forcedCeiling[domain] ?? Infinity)) {
      forced.add(domain);
    }
  });
  for (const { curtailment } of runningRecords(state, site.site.id)) {
    const domain = site.domainIndexById.get(curtailment.domain);
    if (curtailment.mode === "emergency" && domain !== undefined) {
      forced.add(domain);
    }
  }
  return forced;
}

/** Does a curtailment give up the floor of a job of such a tier, where it is over it? */
export function givesUp(
  { curtailment: { giveUp } }: CurtailmentRecord,
  { flexibilityTier }: Pick<JobSpec, "flexibilityTier">,
): boolean {
  return giveUp?.includes(flexibilityTier) === true;
}

/** Does one of the nodes hang below one of these domains? */
export function isBelowAny(
  { nodeDomain, parent }: SiteState,
  nodes: readonly number[],
  domains: ReadonlySet<number>,
): boolean {
  return (
    domains.size > 0 &&
    nodes.some((node) => {
      let at = nodeDomain[node] ?? -1;
      while (at >= 0 && !domains.has(at)) {
        at = parent[at] ?? -1;
      }
      return at >= 0;
    })
  );
}

/** Is one of these nodes below the domain of a curtailment? Then it asks the whole gang, whose cap is one. */
export function isBelow(site: SiteState, nodes: readonly number[], domain: string): boolean {
  const top = site.domainIndexById.get(domain) ?? -1;
  return nodes.some((node) => isNodeBelow(site, node, top));
}

function isNodeBelow(site: SiteState, node: number, top: number): boolean {
  let at = site.nodeDomain[node] ?? -1;
  while (at >= 0 && at !== top) {
    at = site.parent[at] ?? -1;
  }
  return at >= 0;
}

/** Does a curtailment hold a task that is paused? Elsewhere at its site it costs it nothing. */
export function isPausedBelow(
  site: SiteState,
  paused: PausedTask,
  { domain }: Pick<Curtailment, "domain">,
): boolean {
  return paused.site === site.site.id && isBelow(site, paused.nodes, domain);
}

/** A curtailment holds an attempt that it is over, and one that goes on elsewhere without the nodes that it gave back for it. */
export function isHeldBy(site: SiteState, record: CurtailmentRecord, attempt: Attempt): boolean {
  const { job, task, placement } = attempt;
  const { nodes } = placement;
  return isBelow(site, nodes, record.curtailment.domain) || isWithout(record, { job, task, nodes });
}

/** Did a task that has these nodes give others back below a curtailment, which it has not got again? */
export function isWithout(
  record: CurtailmentRecord,
  at: Pick<AttemptKey, "job" | "task"> & { readonly nodes: readonly number[] },
): boolean {
  const hasShrunk = (record.effects.get(taskIdOf(at))?.shrunkNodeCount ?? 0) > 0;
  return hasShrunk && nodeCountBefore(record, at, at.nodes.length) > at.nodes.length;
}

/** What a curtailment that holds an attempt has cost it and is not counted yet; elsewhere it costs nothing. */
export function openLossMs(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  attempt: Attempt,
): number {
  return isHeldBy(site, record, attempt) ? lossOpen(state, record, attempt) : 0;
}

/** As `openLossMs`, of an attempt that it is over. */
export function lossOpen(state: EngineState, record: CurtailmentRecord, attempt: Attempt): number {
  const untilMs = Math.min(state.nowMs, toNumber(record.curtailment.end));
  const fromMs = Math.min(untilMs, Math.max(beginsAtMs(record), attempt.startedAtMs));
  const counted =
    record.countedLossMs.get(taskIdOf(attempt)) ?? lossMs(state, record, attempt, fromMs);
  return Math.max(0, lossMs(state, record, attempt, untilMs) - counted);
}

/** Since when an attempt that a curtailment is over has gone at the speed at which it loses now. */
export function openFromMs(record: CurtailmentRecord, attempt: Attempt, untilMs: number): number {
  return Math.min(untilMs, Math.max(beginsAtMs(record), attempt.startedAtMs, attempt.workAtMs));
}

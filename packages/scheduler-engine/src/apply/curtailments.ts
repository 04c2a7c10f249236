import { instant, toNumber } from "@ertis/quantities";
import { followAfter, pausedAfter } from "../power/shedding/count-after.ts";
import { count, countPauseFor } from "../power/shedding/count-loss.ts";
import {
  effectOf,
  isBelow,
  isHeldBy,
  isPausedBelow,
  runningRecords,
} from "../power/shedding/effects.ts";
import { refreshHorizons } from "../power/horizons.ts";
import { recordAtNotice } from "../power/shedding/record-at-notice.ts";
import { known } from "../state/assert.ts";
import { beginsAtMs, type CurtailmentRecord, type PlannedPause } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import { type TaskId, taskIdOf } from "../state/task-id.ts";
import type { Event } from "../words/event.ts";
import type { AttemptKey } from "../words/attempt.ts";
import type { JobNumber } from "../words/job-spec.ts";
import { queueIfEligible } from "./jobs.ts";
import { holdPausedTasks, isStillWanted, pauseOver } from "./paused-tasks.ts";
import { dropBrokenReservations } from "./power.ts";

export function curtailmentScheduled(
  state: EngineState,
  { curtailment, foreseen = [] }: Extract<Event, { readonly kind: "curtailment-scheduled" }>,
): void {
  const site = siteOf(state, curtailment.site);
  const record = recordAtNotice(state, site, curtailment);
  record.foreseen = foreseen.map((one) => ({ ...one, curtailment: curtailment.id }));
  state.curtailments.records.set(curtailment.id, record);
  site.curtailments.push(curtailment);
  refreshHorizons(site, state.nowMs);
  dropBrokenReservations(state, site);
  state.releaseCount += 1;
}

export function curtailmentCancelled(
  state: EngineState,
  event: Extract<Event, { readonly kind: "curtailment-cancelled" }>,
): void {
  const record = known(state.curtailments.records.get(event.id), "curtailment");
  record.cancelled = { atMs: state.nowMs, by: event.by, reason: event.reason };
  close(state, record);
}

export function curtailmentsEnded(state: EngineState, ids: readonly string[]): void {
  for (const id of ids) {
    close(state, known(state.curtailments.records.get(id), "curtailment"));
  }
}

/** Its target no longer binds. What it has cost is counted up to here. */
function close(state: EngineState, record: CurtailmentRecord): void {
  const { curtailment } = record;
  const site = siteOf(state, curtailment.site);
  if (beginsAtMs(record) <= state.nowMs) {
    for (const attempt of site.attempts) {
      if (isHeldBy(site, record, attempt)) {
        count(state, site, record, attempt);
      }
    }
    for (const paused of state.curtailments.paused.values()) {
      if (isPausedBelow(site, paused, curtailment)) {
        countPauseFor(state, site, record, { paused, untilMs: state.nowMs });
      }
    }
    followAfter(state, site, record);
  }
  record.isOver = true;
  record.sleepers = [];
  record.foreseen = [];
  record.countedLossMs.clear();
  record.steering = undefined;
  const at = site.curtailments.findIndex((one) => one.id === curtailment.id);
  if (at !== -1) {
    const end = instant(Math.min(toNumber(curtailment.end), state.nowMs));
    const hasBegun = toNumber(curtailment.start) <= state.nowMs;
    // What had begun gives its watts back step by step.
    site.curtailments.splice(at, 1, ...(hasBegun ? [{ ...curtailment, end }] : []));
  }
  refreshHorizons(site, state.nowMs);
  state.releaseCount += 1;
}

export function curtailmentsForgotten(state: EngineState, ids: readonly string[]): void {
  for (const id of ids) {
    state.curtailments.records.delete(id);
  }
}

export function curtailmentPlanned(
  state: EngineState,
  {
    id,
    sleepers = [],
    widenedBy = 0,
    isAwaitingAnswers,
  }: Extract<Event, { readonly kind: "curtailment-planned" }>,
): void {
  const record = known(state.curtailments.records.get(id), "curtailment");
  record.isPlanned = true;
  record.foreseen = [];
  record.sleepers = sleepers;
  record.plannedAtMs = state.nowMs;
  record.isPlannedUnmeasured = record.steered === undefined;
  record.isAwaitingAnswers = isAwaitingAnswers === true;
  record.widenedBy = widenedBy;
}

export function pausesPlanned(
  state: EngineState,
  { site, curtailment, pauses: own }: Extract<Event, { readonly kind: "pauses-planned" }>,
): void {
  const before = state.curtailments.pauses.get(site) ?? [];
  const others = before.filter((one) => one.curtailment !== curtailment);
  const named = own.map((one) => (curtailment === undefined ? one : { ...one, curtailment }));
  const pauses: readonly PlannedPause[] = [...others, ...named].toSorted(
    (a, b) => a.fromMs - b.fromMs || a.job - b.job || (a.task ?? 0) - (b.task ?? 0),
  );
  if (pauses.length === 0) {
    state.curtailments.pauses.delete(site);
  } else {
    state.curtailments.pauses.set(site, pauses);
  }
}

/** It will not be started again before it is resumed; what shrinks, on no other nodes. */
export function jobPaused(
  state: EngineState,
  event: Extract<Event, { readonly kind: "job-paused" }>,
): void {
  const job = known(state.jobs.get(event.job), "paused job");
  const { task = 0 } = event;
  const id = taskIdOf({ job: event.job, task });
  const before = state.curtailments.paused.get(id);
  pausedAfter(state, id, event.curtailment);
  const nodes = event.nodes ?? before?.nodes ?? job.active?.get(task)?.placement.nodes ?? [];
  const isShrinking = event.nodes !== undefined || before?.isShrinking === true;
  const held = job.active?.get(task)?.placement.nodes ?? nodes;
  const heldCount = held.length;
  const isGrowing = nodes.length > heldCount;
  const capWatts = job.active?.get(task)?.capWatts ?? before?.capWatts ?? 0;
  state.curtailments.paused.set(id, {
    job: event.job,
    task,
    site: event.site,
    nodes,
    gpusPerNode: job.spec.gpusPerNode,
    ...(isShrinking && capWatts !== 0 ? { capWatts } : {}),
    fromMs: before?.fromMs ?? state.nowMs,
    untilMs: toNumber(event.until),
    ...(event.curtailment === undefined ? {} : { curtailment: event.curtailment }),
    isReturning: false,
    isShrinking,
    ...(isGrowing ? { isGrowing } : {}),
  });
  if (isGrowing) {
    state.curtailments.shrunk.delete(id);
    for (const record of runningRecords(state, event.site)) {
      if (isBelow(siteOf(state, event.site), nodes, record.curtailment.domain)) {
        effectOf(record, id).hasGrown = true;
      }
    }
  } else {
    rememberNodes(state, event, { id, nodes, held });
  }
  holdPausedTasks(state, event.job);
  job.generation += 1;
}

/**
 * How many nodes a task had before: those that it may not find again after a pause are lost to every curtailment over it
 * that is on, those that it gives back also to every one that begins before the end of the one that takes them. What
 * begins after it took nothing, though it was announced: others may have the nodes by then.
 */
function rememberNodes(
  state: EngineState,
  event: Extract<Event, { readonly kind: "job-paused" }>,
  at: {
    readonly id: TaskId;
    readonly nodes: readonly number[];
    readonly held: readonly number[];
  },
): void {
  const site = siteOf(state, event.site);
  const { shrunk, records } = state.curtailments;
  if (event.nodes !== undefined || mayBendOn(state, event.job, at.held.length)) {
    const { job, task = 0, site: id, curtailment } = event;
    const nodeCount = Math.max(at.held.length, shrunk.get(at.id)?.nodeCount ?? 0);
    const owner = curtailment === undefined ? {} : { curtailment };
    shrunk.set(at.id, { job, task, site: id, nodeCount, ...owner });
  }
  // What is not for a planned one has no name, and no end that is known.
  const taker = records.get(event.curtailment ?? "")?.curtailment;
  const takenUntilMs =
    event.nodes === undefined ? state.nowMs : taker === undefined ? Infinity : toNumber(taker.end);
  for (const record of records.values()) {
    const { curtailment, isOver } = record;
    const beginsMs = beginsAtMs(record);
    const isMeant =
      curtailment.site === event.site &&
      !isOver &&
      (beginsMs <= state.nowMs || beginsMs < takenUntilMs);
    if (isMeant && isBelow(site, at.held, curtailment.domain)) {
      const effect = effectOf(record, at.id);
      effect.nodeCountBefore ??= at.held.length;
      if (event.nodes !== undefined) {
        effect.shrunkNodeCount = at.nodes.length < effect.nodeCountBefore ? at.nodes.length : 0;
      }
    }
  }
}

/** May it come back from a pause on fewer nodes, and have the others again by its checkpoint? */
function mayBendOn({ jobs }: EngineState, number: JobNumber, nodeCount: number): boolean {
  const { checkpoint, nodeCountMin } = known(jobs.get(number), "paused job").spec;
  return checkpoint !== undefined && nodeCountMin < nodeCount;
}

/** It goes back to the queue. During a curtailment its watts stay reserved until it starts. */
export function jobResumed(state: EngineState, key: Pick<AttemptKey, "job" | "task">): void {
  const id = taskIdOf(key);
  const job = state.jobs.get(key.job);
  const paused = state.curtailments.paused.get(id);
  const isOver = job === undefined || job.finishedAtMs !== undefined;
  if (paused !== undefined && isStillWanted(state, paused) && !isOver) {
    state.curtailments.paused.set(id, { ...paused, isReturning: true });
    holdPausedTasks(state, key.job);
  } else {
    pauseOver(state, key);
  }
  if (job !== undefined) {
    job.generation += 1;
    queueIfEligible(state, job);
  }
  state.releaseCount += 1;
}

/** A supply of a domain is gone: until it is back the domain carries less. */
export function supplyChanged(
  state: EngineState,
  event: Extract<Event, { readonly kind: "supply-lost" | "supply-back" }>,
): void {
  const site = siteOf(state, event.site);
  if (event.kind === "supply-lost") {
    const { domain, remaining, supply = "" } = event;
    site.lostSupplies.set(domain, { remainingWatts: toNumber(remaining), supply });
  } else {
    site.lostSupplies.delete(event.domain);
  }
  refreshHorizons(site, state.nowMs);
  dropBrokenReservations(state, site);
  state.releaseCount += 1;
}

function siteOf(state: EngineState, id: string): SiteState {
  return known(state.sites.get(id), "site of a curtailment");
}

import { toNumber } from "@ertis/quantities";
import { reservationOf } from "../../placement/find.ts";
import { neverFits } from "../../decide/commands/submit.ts";
import { everFits, poolsFor } from "../../placement/capacity.ts";
import { dependencyState } from "../../state/dependencies.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { keptTaskCount } from "../../state/array-places.ts";
import { activeAttempts, type Job, jobState } from "../../state/job.ts";
import type { Pool, SiteState } from "../../state/site-state.ts";
import { hasTask } from "../../state/task-ranges.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { aboveQuota, aboveQuotaText } from "../accounts/above-quota.ts";
import { jobsAhead } from "./ahead.ts";
import { deadlineMissed } from "./deadline-missed.ts";
import { openGuarantee } from "../accounts/open-guarantee.ts";
import { type Endings, endingsOf } from "./endings.ts";
import { explainPaused, hasPausedTask, pausedTasksOf } from "./explain-paused.ts";
import { explainIn, type PoolAnswer } from "./explain-place.ts";
import { explainQuota } from "./explain-quota.ts";
import {
  type Answer,
  bareExplanation,
  type Explanation,
  type ExplanationReason,
} from "./explanation.ts";
import { heldBack } from "./held-back.ts";
import { isByPlanned, movedBy } from "../curtailments/moved-by.ts";
import { helpsBefore, likelyStart, type OtherStarts } from "./likely-start.ts";
import { mayPreemptFrom } from "./may-preempt.ts";
import { pausedAhead } from "./paused-ahead.ts";
import { rampBlock } from "./ramp-block.ts";
import { toldOptions } from "./told-options.ts";
import { onItsWay } from "./on-its-way.ts";
import { stoppingBecause } from "./stopping-because.ts";
import { elsewhere, smallerNow, suggestChange } from "./suggest.ts";
import { startQuotaBlock } from "../accounts/start-quota-block.ts";
import { pendingState } from "../jobs/job-view.ts";
import { isBeforeBegin, isThrottled } from "../jobs/state-reason.ts";

/** Jobs waited for that are named. */
const waitingForMax = 16;

/** From the nearest to a start to the farthest: of several places, the nearest is told. */
const nearness: readonly ExplanationReason[] = [
  "next-pass",
  "behind-others",
  "future-window",
  "power-budget",
  "power-curtailment",
  "power-limit",
  "gpus",
  "nodes-unavailable",
  "never-fits-now",
];

/**
 * Why a job does not run. Of an array its next task is explained, or the one named. State is as it
 * was when this returns: what is tried is taken back.
 *
 * @returns undefined when the job or the task is not known (any more)
 */
export function explainJob(
  state: EngineState,
  number: JobNumber,
  task?: number,
): Explanation | undefined {
  const job = state.jobs.get(number);
  if (job === undefined || (task !== undefined && (task < 0 || task >= job.spec.taskCount))) {
    return undefined;
  }
  if (task !== undefined && !hasTask(job.pending, task)) {
    const attempt = job.active?.get(task);
    const isOver = attempt === undefined || (attempt.phase === "exited" && !attempt.isRetried);
    const phase = attempt?.phase === "exited" ? "stopping" : attempt?.phase;
    const reason = isOver || phase === undefined ? "finished" : phase;
    const message = reason === "stopping" ? stoppingBecause(state, job, task) : "";
    return { ...bareExplanation(reason, jobState(job), job.spec), message };
  }
  return explain(state, job, job.spec.taskCount === 1 ? undefined : task);
}

/** Also for a job that was never submitted (`planJob`). Of an array its next task, or one that waits. */
export function explain(state: EngineState, job: Job, task?: number): Explanation {
  const found = explainState(state, job, task);
  const pausedTasks = task === undefined ? pausedTasksOf(state, job) : [];
  return { ...found, pausedTasks, deadlineMissed: deadlineMissed(state, job, found) };
}

function explainState(state: EngineState, job: Job, task: number | undefined): Explanation {
  const own = task === undefined ? jobState(job) : pendingState(job);
  const bare = bareExplanation("finished", own, job.spec);
  if (job.finishedAtMs !== undefined) {
    return bare;
  }
  if (job.pending.length === 0) {
    const isRunning = own === "starting" || own === "running";
    return isRunning
      ? { ...bare, reason: own, heldBack: heldBack(state, job) }
      : { ...bare, reason: "stopping", message: stoppingBecause(state, job) };
  }
  const beginAtMs = job.spec.beginAt === undefined ? undefined : toNumber(job.spec.beginAt);
  if (job.isHeld) {
    return { ...bare, reason: "held" };
  }
  const waitingFor = job.isReady ? [] : unmetDependencies(state, job);
  if (isBeforeBegin(state, job)) {
    const then = waitingFor.length > 0 ? {} : startThen(state, job, beginAtMs ?? 0);
    return {
      ...bare,
      reason: "begin-time",
      beginAtMs,
      startLowerBoundMs: beginAtMs,
      waitingFor,
      ...then,
    };
  }
  if (waitingFor.length > 0) {
    return { ...bare, reason: "dependency", waitingFor };
  }
  const { taskThrottle } = job.spec;
  const { runningCount } = job;
  const pausedCount = keptTaskCount(job);
  const throttle =
    taskThrottle === 0 ? undefined : { runningCount, pausedCount, maxCount: taskThrottle };
  // A paused task keeps its place.
  const isPaused = task !== undefined && hasPausedTask(state, job, task);
  if (isThrottled(job) && !isPaused) {
    // When a paused task comes back, no end of another one says.
    const startLowerBoundMs = pausedCount === 0 ? firstEndMs(state, job) : undefined;
    const answer = { reason: "array-throttle", throttle, startLowerBoundMs } as const;
    return { ...bare, ...explainPaused(state, job, answer, task) };
  }
  return onItsWay(state, job, (asked) => ({
    ...bareExplanation("finished", own, asked.spec),
    throttle,
    ...explainPaused(state, job, explainQueued(state, asked), task),
  }));
}

/**
 * What would keep it from a start now may do so beyond its begin: bounds later than that are told, and estimates, beside
 * which the begin itself would mislead.
 */
function startThen(state: EngineState, job: Job, beginAtMs: number): Partial<Explanation> {
  const { startLowerBoundMs = 0, startOptions = [] } = explainQueued(state, job);
  const isEstimated = startOptions.every(
    ({ startMs = Infinity, isEstimate }) => isEstimate && startMs > beginAtMs,
  );
  if (startOptions.length > 0 && isEstimated) {
    return { startOptions, startLowerBoundMs: undefined };
  }
  return { startLowerBoundMs: Math.max(beginAtMs, startLowerBoundMs) };
}

function unmetDependencies(state: EngineState, job: Job): JobNumber[] {
  return job.spec.dependencies
    .filter((dependency) => dependencyState(state, dependency) !== "met")
    .slice(0, waitingForMax)
    .map((dependency) => dependency.job);
}

/** When the first of the tasks that run has used up its walltime. */
function firstEndMs(state: EngineState, job: Job): number | undefined {
  const ends = activeAttempts(job).map((attempt) =>
    attempt.phase === "starting" || attempt.phase === "running" ? attempt.endsByMs : 0,
  );
  const first = ends.reduce((least, atMs) => Math.min(least, atMs), Infinity);
  return first > state.nowMs && first < Infinity ? first : undefined;
}

function explainQueued(state: EngineState, job: Job): Answer {
  const refused = explainRefused(state, job);
  if (refused !== undefined) {
    return refused;
  }
  // What could never hold the gang, even empty, is not what it waits for.
  const pools = poolsFor(state, job.spec).filter((pool) => everFits(pool, job.spec));
  if (pools.length > 0 && pools.every((pool) => pool.site.awaySinceMs !== undefined)) {
    return explainAway(state, job, pools);
  }
  const endings = new Map<SiteState, Endings>();
  const endingsIn = (site: SiteState): Endings => {
    const known = endings.get(site) ?? endingsOf(site, state.nowMs);
    endings.set(site, known);
    return known;
  };
  const answers = pools.map((pool) => ({
    pool,
    ...explainIn(pool, job, state.nowMs, () => endingsIn(pool.site)),
  }));
  const nearest = answers.toSorted(isNearer)[0];
  if (nearest === undefined) {
    return { reason: "never-fits-now" };
  }
  const behind = nearest.reason === "next-pass" ? explainBehind(state, job) : undefined;
  if (behind !== undefined) {
    return { ...behind, place: nearest.place };
  }
  const bound = answers.reduce(
    (least, one) => Math.min(least, one.startLowerBoundMs ?? Infinity),
    Infinity,
  );
  const own = reservationOf(state, job);
  const moved = own === undefined ? undefined : movedBy(state, job, own);
  // Bounds know nothing of planned curtailments: beside the start that one puts off they would mislead.
  const isTold = !isByPlanned(moved) && bound > state.nowMs && bound < Infinity;
  const { options: startOptions, head } = toldOptions(state, job, nearest, endingsIn);
  const told = { boundMs: isTold ? bound : 0, keptMs: own?.startAtMs, startOptions };
  return {
    reason: nearest.reason,
    place: nearest.place,
    head,
    ahead: jobsAhead(state, job),
    startLowerBoundMs: isTold ? bound : undefined,
    startUnknown:
      own === undefined && !isTold && startOptions.length === 0 ? whyUnknown(nearest, bound) : "",
    startOptions,
    reservedStartMs: own?.startAtMs,
    movedBy: moved,
    ...(nearest.reason === "next-pass" ? {} : soonerStarts(state, job, pools, told)),
  };
}

/** What keeps it from every place: it never fits, or accounts. */
function explainRefused(state: EngineState, job: Job): Answer | undefined {
  const refused = neverFits({ state }, job.spec);
  if (refused !== undefined) {
    return { reason: "never-fits-now", message: refused.message };
  }
  const above = aboveQuota(state, job);
  if (above !== undefined) {
    return { reason: "above-quota", message: aboveQuotaText(above, job) };
  }
  const block = startQuotaBlock(state, job);
  return block === undefined ? undefined : explainQuota(state, job, block);
}

/** There is a place for it now, and yet the next pass will not take it: for whom or what. */
function explainBehind(state: EngineState, job: Job): Answer | undefined {
  const paused = pausedAhead(state, job);
  if (paused !== undefined) {
    return { reason: "behind-others", ahead: jobsAhead(state, job), paused };
  }
  const held = rampBlock(state, job);
  if (held === undefined) {
    return undefined;
  }
  const reason = held.ramp === undefined ? "behind-others" : "power-limit";
  return { reason, ahead: jobsAhead(state, job), head: held.head, ramp: held.ramp };
}

/** What would let it start sooner, and what does not. */
function soonerStarts(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
  told: OtherStarts,
): Partial<Explanation> {
  const likely = likelyStart(state, job, pools, told);
  return {
    likelyStart: likely,
    suggestion: helpsBefore(likely, suggestChange(state, job, pools)),
    smallerNodeCount: smallerNow(state, job, pools),
    mayPreempt: mayPreemptFrom(state, job),
    guarantee: openGuarantee(state, job),
  };
}

/** No cluster that could run it answers. */
function explainAway(state: EngineState, job: Job, pools: readonly Pool[]): Answer {
  const sites = new Set(pools.map((pool) => pool.site.site.id));
  return {
    reason: "nodes-unavailable",
    message: `the cluster of ${[...sites].join(" and of ")} does not answer, so nothing can be started there`,
    ahead: jobsAhead(state, job),
    startUnknown: "nobody knows when it answers again",
    suggestion: elsewhere(state, job, pools),
  };
}

/** Where nodes are missing that nothing known brings back, or that come back by themselves. */
function whyUnknown({ reason, place }: PoolAnswer, bound: number): string {
  if (reason !== "nodes-unavailable" && reason !== "gpus") {
    return "";
  }
  if (bound < Infinity) {
    return place.asleepNodeCount > 0
      ? "its nodes sleep for a curtailment, and wake when that ends or has watts to spare"
      : "";
  }
  return "it needs nodes that are out of service, and nobody knows when they come back";
}

function isNearer(a: PoolAnswer, b: PoolAnswer): number {
  const byReason = nearness.indexOf(a.reason) - nearness.indexOf(b.reason);
  const aMs = a.startLowerBoundMs ?? Number.MAX_SAFE_INTEGER;
  const bMs = b.startLowerBoundMs ?? Number.MAX_SAFE_INTEGER;
  return byReason === 0 ? aMs - bMs : byReason;
}

import { toNumber } from "@ertis/quantities";
import { addWalltimeTimers, warningAtMs } from "../../apply/walltime-timers.ts";
import { isStartAllowed } from "../../apply/jobs.ts";
import { nextCeilingChangeMs } from "../../power/horizons.ts";
import { type EngineState, nextRetirementMs, retirableCount } from "../../state/engine-state.ts";
import { type Attempt, findAttempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Timer } from "../../state/timers.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { Reply } from "../../words/reply.ts";
import type { Deciding } from "../deciding.ts";
import { nextRampMs } from "../ramp/ramp.ts";
import { windDownEnds } from "../ramp/wind-down.ts";
import { curtailmentMoments, runCurtailments } from "../shed/run-curtailments.ts";

/** At most this many timers in one tick, so that one tick never holds up the loop for long. */
const timersPerTickMax = 10_000;
/** Retention lets go in steps, so that a log row stays small. */
const retiredPerTickMax = 10_000;
const forgottenPerTickMax = 100_000;

/** Everything that falls due by the passing of time alone. */
export function tick(deciding: Deciding): Reply {
  const { state } = deciding;
  const ready: JobNumber[] = [];
  for (let taken = 0; taken < timersPerTickMax; taken += 1) {
    const timer = state.timers.takeDue(state.nowMs);
    if (timer === undefined) {
      break;
    }
    ring(deciding, timer, ready);
  }
  if (ready.length > 0) {
    deciding.emit({ kind: "jobs-became-ready", jobs: ready });
  }
  for (const site of state.sites.values()) {
    enforceDrains(deciding, site);
  }
  runCurtailments(deciding);
  windDownEnds(deciding);
  retain(deciding);
  return { kind: "done" };
}

function ring({ state, emit }: Deciding, timer: Timer, ready: JobNumber[]): void {
  const job = state.jobs.get(timer.job);
  if (job === undefined || job.finishedAtMs !== undefined) {
    return;
  }
  if (timer.kind === "begin") {
    if (!job.isReady && !job.isCancelled && isStartAllowed(state, job)) {
      ready.push(job.number);
    }
    return;
  }
  const attempt = findAttempt(job, timer.task, timer.attempt);
  if (attempt === undefined || attempt.phase === "stopping" || attempt.phase === "exited") {
    return;
  }
  const key = { job: timer.job, task: timer.task, attempt: timer.attempt };
  if (isTooEarly(state, attempt, timer)) {
    return;
  }
  if (timer.kind === "warn-walltime") {
    if (!attempt.isWarned) {
      emit({ kind: "walltime-warned", attempt: key });
    }
  } else {
    emit({ kind: "stop-requested", attempt: key, reason: "walltime" });
  }
}

/** A cap that was lowered since has moved the end: the timer is set again. */
function isTooEarly(state: EngineState, attempt: Attempt, timer: Timer): boolean {
  const isEnd = timer.kind === "end-walltime";
  const dueMs = isEnd ? attempt.endsByMs : warningAtMs(attempt);
  // Also when it is due by now: what falls due in one tick comes in the order of the true moments.
  if (timer.atMs >= dueMs) {
    return false;
  }
  if (isEnd && timer.atMs === attempt.endTimerMs) {
    attempt.endTimerMs = Infinity;
  } else if (!isEnd && timer.atMs === attempt.warningTimerMs) {
    attempt.warningTimerMs = Infinity;
  }
  addWalltimeTimers(state, attempt);
  return true;
}

/** At its deadline a drain does with what still runs there what its operator asked for. */
function enforceDrains(deciding: Deciding, site: SiteState): void {
  const { state, emit } = deciding;
  const due = [...site.drains.entries()]
    .filter(([, drain]) => !drain.isEnforced && drain.deadlineMs <= state.nowMs)
    .map(([node]) => node)
    .toSorted((a, b) => a - b);
  if (due.length === 0) {
    return;
  }
  for (const node of due) {
    const thenDo = site.drains.get(node)?.thenDo;
    if (thenDo === "wait") {
      continue;
    }
    for (const attempt of site.attemptsOnNode[node] ?? []) {
      const { job, task, attempt: number, phase } = attempt;
      if (phase !== "starting" && phase !== "running") {
        continue;
      }
      const reason = thenDo === "cancel" ? "cancelled" : "drain";
      emit({ kind: "stop-requested", attempt: { job, task, attempt: number }, reason });
    }
  }
  emit({ kind: "drain-enforced", site: site.site.id, nodes: due });
}

/** Finished jobs, request ids and budgets that are over: bounded in count and in age. */
function retain({ state, limits, emit }: Deciding): void {
  const retired = Math.min(retirableCount(state, limits), retiredPerTickMax);
  if (retired > 0) {
    emit({ kind: "jobs-retired", count: retired });
  }
  const { requestIds } = state;
  const old = requestIds.countAcceptedUpTo(
    state.nowMs - toNumber(limits.requestIdAgeMax),
    forgottenPerTickMax,
  );
  const surplus = Math.min(requestIds.count - limits.requestIdsMax, forgottenPerTickMax);
  const forgotten = Math.max(old, surplus);
  if (forgotten > 0) {
    emit({ kind: "request-ids-forgotten", count: forgotten });
  }
  const ids = [...state.budgets.values()]
    .filter((budget) => budget.until !== undefined && toNumber(budget.until) <= state.nowMs)
    .map((budget) => budget.id);
  if (ids.length > 0) {
    emit({ kind: "budgets-expired", ids });
  }
}

/** When the next tick has something to do, or undefined. */
export function nextTickAtMs({
  state,
  limits,
}: Pick<Deciding, "state" | "limits">): number | undefined {
  const moments: number[] = [];
  const timer = state.timers.nextAtMs();
  if (timer !== undefined) {
    moments.push(timer);
  }
  for (const site of state.sites.values()) {
    for (const drain of site.drains.values()) {
      if (!drain.isEnforced) {
        moments.push(drain.deadlineMs);
      }
    }
    const change = nextCeilingChangeMs(site, state.nowMs);
    if (change !== undefined) {
      moments.push(change);
    }
  }
  const rampMs = nextRampMs(state);
  if (rampMs < Infinity) {
    moments.push(rampMs);
  }
  const againMs = Math.min(state.preemptsAgainAtMs, state.preemptsGoOnAtMs);
  if (againMs < Infinity) {
    moments.push(againMs);
  }
  moments.push(...curtailmentMoments(state));
  const oldest = state.requestIds.oldestAcceptedAtMs();
  if (oldest !== undefined) {
    const isTooMany = state.requestIds.count > limits.requestIdsMax;
    moments.push(isTooMany ? state.nowMs : oldest + toNumber(limits.requestIdAgeMax));
  }
  const retireAt = nextRetirementMs(state, limits);
  if (retireAt !== undefined) {
    moments.push(retireAt);
  }
  return moments.length === 0 ? undefined : Math.min(...moments);
}

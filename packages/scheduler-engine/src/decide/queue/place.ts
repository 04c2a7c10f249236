import { nodesAheadPerPassMax, startsPerPassMax } from "../../limits.ts";
import type { Candidate } from "../../state/candidate.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { isEligible } from "../../state/job.ts";
import type { Reply } from "../../words/reply.ts";
import { countPromised, dropInVain, dropOncePromised, isInVain, setBlocked } from "./blocked.ts";
import type { Deciding } from "../deciding.ts";
import { letGoBlocked, reserveIfHead } from "./head.ts";
import type { Line } from "./line.ts";
import { lineUp } from "./line-up.ts";
import { preemptFor } from "./preempt.ts";
import { PreemptionLooks } from "./preempt-looks.ts";
import { RestOfLine } from "./rest-of-line.ts";
import { growBack } from "./grow-back.ts";
import { raiseRecovering, raiseWhereFree } from "../caps/raise.ts";
import { squeezeFor } from "../caps/squeeze.ts";
import { tryStart } from "./try-start.ts";

/** Makes the next pass look at everything. */
const neverPassed = -1;

/**
 * One placement pass, in order of the queue: start what fits; for the first that does not fit in a
 * pool, keep nodes, watts and a start; let later ones fill in where they do not delay it.
 *
 * Only shapes whose answer may have changed are probed: everything after a release, else those that
 * got a job. The rest would fail again (see `Shape.blockedAtRelease`). Where the pass itself lets go
 * of a reservation it ends, and the next one looks at everything: else what it still did would
 * depend on which shapes it happened to look at, and younger jobs would slip past older ones.
 */
export function place(deciding: Deciding): Reply {
  const { state } = deciding;
  if (goFirst(deciding)) {
    // It let go of what was kept: the next pass looks at everything.
    return { kind: "done" };
  }
  const releaseAtStart = state.releaseCount;
  const isFull = state.passedAtRelease !== releaseAtStart;
  const line = lineUp(deciding, isFull);
  const looks = new PreemptionLooks(state, isFull);
  const aheadAtStart = nodesLookedAhead(state);
  let startsLeft = startsPerPassMax;
  // What is known by the next pass: without it that one would do the same again.
  let isFurther = false;
  let promisedCount = countPromised(state);
  const rest = new RestOfLine(line);
  let next = line.next();
  for (; next !== undefined && state.releaseCount === releaseAtStart; next = line.next()) {
    if (startsLeft === 0 || (isFurther && hasLookedFar(state, aheadAtStart))) {
      state.passedAtRelease = neverPassed;
      return { kind: "done" };
    }
    promisedCount = dropOncePromised(state, line, promisedCount);
    const { shape, job, isFirst } = next;
    if (isFirst && isInVain({ state, line }, next)) {
      line.offerReclaim(shape, next.account);
      continue;
    }
    const answer = tryStart(deciding, job);
    if (answer === "started") {
      isFurther = true;
      startsLeft -= 1;
      line.started();
      line.offer(shape);
      state.queue.removeIfEmpty(shape);
      continue;
    }
    if (answer === "ramp") {
      continue;
    }
    if (answer === "quota-block" || answer === "promised-away") {
      if (answer === "quota-block") {
        letGoBlocked(deciding, job);
      }
      line.passOver(next);
      continue;
    }
    if (isFirst) {
      isFurther = true;
    }
    standInLine(deciding, { line, looks, rest }, next);
  }
  if (state.releaseCount === releaseAtStart) {
    rest.isTold(deciding, looks);
  }
  state.areRaisesLeft = state.releaseCount === releaseAtStart && raiseWhereFree(deciding);
  state.passedAtRelease = releaseAtStart;
  return { kind: "done" };
}

interface Pass {
  readonly line: Line;
  readonly looks: PreemptionLooks;
  readonly rest: RestOfLine;
}

/** It does not start: caps fall for it, or a start is kept for it and others are stopped where it may ask for that. */
function standInLine(deciding: Deciding, { line, looks, rest }: Pass, next: Candidate): void {
  const { state } = deciding;
  const { shape, job, isFirst } = next;
  // Who is left to a later pass is not known to wait in vain.
  if (!looks.leaves(job) && isFirst) {
    setBlocked(state, next);
  }
  if (looks.areLeft) {
    line.offerReclaim(shape, next.account);
  } else if (state.preemptsGoOnAtMs === Infinity && line.mayOfferReclaim(shape, next.account)) {
    looks.goOn();
  }
  if (squeezeFor(deciding, job)) {
    // While its orders are on their way nobody else is squeezed for.
    dropInVain(state, line);
    return;
  }
  reserveIfHead(deciding, job);
  if (looks.areLeft) {
    line.hasReclaimed(next);
    if (looks.take(job)) {
      preemptFor(deciding, job);
    }
  }
  if (!looks.areLeft) {
    rest.leave(state);
  }
}

function hasLookedFar(state: EngineState, aheadAtStart: number): boolean {
  return nodesLookedAhead(state) - aheadAtStart > nodesAheadPerPassMax;
}

function nodesLookedAhead({ sites }: EngineState): number {
  let count = 0;
  for (const site of sites.values()) {
    count += site.nodesLookedAhead;
  }
  return count;
}

/**
 * Before the line: promised starts that are due, and then those that a curtailment which is over held back, or took
 * nodes from.
 *
 * @returns whether a pass should begin anew
 */
function goFirst(deciding: Deciding): boolean {
  if (startDue(deciding)) {
    return true;
  }
  raiseRecovering(deciding);
  growBack(deciding);
  return false;
}

/** Who is promised a start by now goes first: whoever stands before them may have its room no more than others. */
function startDue(deciding: Deciding): boolean {
  const { state } = deciding;
  let hasStarted = false;
  for (const site of state.sites.values()) {
    for (const reservation of site.pools.flatMap((pool) => pool.reservations)) {
      const job = state.jobs.get(reservation.job);
      const shape = job?.shape;
      if (
        reservation.startAtMs <= state.nowMs &&
        job !== undefined &&
        shape !== undefined &&
        isEligible(job) &&
        tryStart(deciding, job) === "started"
      ) {
        hasStarted = true;
        state.queue.removeIfEmpty(shape);
      }
    }
  }
  return hasStarted;
}

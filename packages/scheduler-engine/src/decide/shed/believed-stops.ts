import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";

/**
 * Until then the shed decision believes that its nodes come free: a checkpoint or a grace after it was asked; once it has exited
 * they only have to say so. Later it is late and its watts count, whatever starts were planned on (`goneByMs` of an attempt).
 */
export function stopBelievedUntilMs({ jobs }: EngineState, attempt: Attempt): number {
  const { phase, stopReason, workAtMs, exitedAtMs } = attempt;
  if (phase === "exited") {
    return (exitedAtMs ?? workAtMs) + stopGraceMs;
  }
  const checkpoint = jobs.get(attempt.job)?.spec.checkpoint;
  const saveMs = checkpoint === undefined ? 0 : toNumber(checkpoint.save);
  return phase === "stopping" && stopReason === "preemption"
    ? workAtMs + saveMs + stopGraceMs
    : -Infinity;
}

/**
 * Is it counted on to be gone by a moment to come? One that runs ends by its walltime; one that is told to stop, for
 * whatever reason, may hold nodes for a grace more, and counts again once it is late. Not who is believed to leave:
 * its nodes are counted as coming free already.
 */
export function isGoneBy(state: EngineState, attempt: Attempt, atMs: number): boolean {
  switch (attempt.phase) {
    case "starting":
    case "running":
      return attempt.endsByMs <= atMs;
    case "stopping": {
      const goneMs = holdsUntilMs(attempt);
      const isOnItsWay = state.nowMs < goneMs && state.nowMs >= stopBelievedUntilMs(state, attempt);
      return isOnItsWay && goneMs <= atMs;
    }
    case "exited":
      return false;
  }
}

import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
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

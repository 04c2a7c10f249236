/** A gang that gives nodes back and gets them again, and the emergency that takes one, for tests of those that shrink and grow. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { type Hub, hourMs } from "./test-hub.ts";
import { assert } from "../state/assert.ts";
import type { Attempt } from "../state/job.ts";
import type { AttemptKey } from "../words/attempt.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { JobSpec } from "../words/job-spec.ts";

const minuteMs = 60_000;

export const longWalltime: JobSpec["walltime"] = milliseconds(20 * hourMs);

/** Of four nodes, goes on with two, and takes no lower cap. */
export const malleable: Partial<JobSpec> = {
  nodeCount: 4,
  nodeCountMin: 2,
  walltime: longWalltime,
  flexibilityTier: 50,
  workloadClass: "straight",
  capMin: watts(400),
  checkpoint: { save: milliseconds(minuteMs), restore: milliseconds(minuteMs) },
};

/** An hour of 39.5 kW: a full hub with the gang has to do without one of its nodes. */
export function oneNodeLess(startMs: number, changes: Partial<Curtailment> = {}): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "emergency",
    target: watts(39_500),
    baseline: watts(42_600),
    start: instant(startMs),
    end: instant(startMs + hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
    ...changes,
  };
}

/** @throws when it is refused */
export function announce(hub: Hub, curtailment: Curtailment): void {
  const at = instant(hub.nowMs);
  const command = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
  const { reply } = hub.engine.execute(command);
  assert(reply.kind === "done", JSON.stringify(reply));
}

/** Its checkpoint is written, and it has ended. */
export function saved(hub: Hub, { job, task, attempt }: AttemptKey): void {
  const key = { job, task, attempt };
  const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
  hub.report(
    { kind: "checkpointed", attempt: key },
    { kind: "attempt-exited", attempt: key, outcome },
  );
}

/** The same, and its nodes are free. */
export function savedAndGone(hub: Hub, attempt: Attempt): void {
  saved(hub, attempt);
  const { job, task, attempt: count } = attempt;
  hub.report({ kind: "stop-confirmed", attempt: { job, task, attempt: count }, nodes: [] });
}

/** A hub whose nodes all run capped work, for tests of curtailments. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { cappedHub, Hub, hourMs, startMs } from "./test-hub.ts";
import { assert, known } from "../state/assert.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { Event } from "../words/event.ts";
import type { JobSpec } from "../words/job-spec.ts";
import type { Reply } from "../words/reply.ts";

export const minuteMs = 60_000;
const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(2 * minuteMs) };
export const bending: Partial<JobSpec> = {
  flexibilityTier: 50,
  workloadClass: "straight",
  checkpoint,
};

/** An emergency of three hours that begins now. */
export function curtailment(changes: Partial<Curtailment> = {}): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "emergency",
    target: watts(24_000),
    baseline: watts(0),
    start: instant(startMs),
    end: instant(startMs + 3 * hourMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
    ...changes,
  };
}

export function schedule(hub: Hub, changes: Partial<Curtailment> = {}): Reply {
  const at = instant(hub.nowMs);
  const command = { kind: "schedule-curtailment", at, by: "olga" } as const;
  return hub.engine.execute({ ...command, curtailment: curtailment(changes) }).reply;
}

export function attemptOf(hub: Hub, job: number): Attempt {
  return known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "attempt");
}

/** Orders of the past, all of them carried out. */
export function capped(
  hub: Hub,
  caps: readonly (readonly [job: number, capWatts: number])[],
): void {
  const at = instant(hub.nowMs);
  const events = caps.flatMap(([job, capWatts]): readonly Event[] => {
    const { attempt: count, endsByMs } = attemptOf(hub, job);
    const attempt = { job, task: 0, attempt: count };
    return [
      { kind: "cap-set", attempt, capWatts, endsBy: instant(endsByMs) },
      { kind: "cap-acknowledged", attempt, nodes: [], capWatts },
    ];
  });
  hub.engine.replay({ at, command: { kind: "place", at }, events });
}

/** Four gangs of two nodes fill the hub: 16 kW idle, 8 × 3.2 kW of GPUs, 1 kW fixed. */
export function fullHub(changes: object = bending): Hub {
  const hub = new Hub(cappedHub());
  for (let gang = 0; gang < 4; gang += 1) {
    hub.run({ ...changes, nodeCount: 2, walltime: milliseconds(10 * hourMs) });
  }
  assert(hub.feedWatts() === 8 * 5_200 + 1_000, "all run at full power");
  return hub;
}

/** What came of it, in a word. */
export function code(reply: Reply): string {
  return reply.kind === "rejected" ? reply.code : reply.kind;
}

/** Ends one before its time. */
export function cancel(hub: Hub, id = "evening"): Reply {
  const at = instant(hub.nowMs);
  const reason = "taken back";
  return hub.engine.execute({ kind: "cancel-curtailment", at, by: "olga", reason, id }).reply;
}

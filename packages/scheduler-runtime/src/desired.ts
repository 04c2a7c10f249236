import {
  activeAttempts,
  type Attempt,
  type AttemptKey,
  type EngineState,
  type Entry,
  type Event,
  findAttempt,
  type Job,
  lostNodes,
  nodesUp,
  stopGraceMs,
} from "@ertis/scheduler-engine";
import { instant, milliseconds, toNumber } from "@ertis/quantities";
import type { DesiredAttempt, DesiredChange, Sequence } from "./ports.ts";

/** The polite half of the stop grace; the rest is for the confirmation. */
const grace = milliseconds(stopGraceMs / 2);

/** Everything a site should run, for a start or a reconnect. */
export function desiredOfSite(
  state: EngineState,
  site: string,
  generation: Sequence,
): DesiredChange {
  const attempts: DesiredAttempt[] = [];
  for (const job of state.jobs.after(0)) {
    for (const attempt of activeAttempts(job)) {
      if (attempt.placement.site === site) {
        attempts.push(desiredAttempt(job, attempt));
      }
    }
  }
  return {
    generation,
    isComplete: true,
    attempts,
    forget: [],
    powerOff: lostNodes(state, site),
    powerOn: nodesUp(state, site),
  };
}

/** What entries that have just become durable change in what each site should run. */
export function desiredChanges(
  state: EngineState,
  entries: readonly Entry[],
  generation: Sequence,
): Map<string, DesiredChange> {
  const touched = new Map<string, AttemptKey>();
  const changes = new Map<string, ChangeBuilder>();
  for (const { events } of entries) {
    for (const event of events) {
      if (event.kind === "node-lost") {
        movePower(builder(changes, event.site), event.node, "powerOff");
      }
      if (event.kind === "node-returned") {
        movePower(builder(changes, event.site), event.node, "powerOn");
      }
      if (event.kind === "node-sleep-requested") {
        for (const node of event.nodes) {
          movePower(builder(changes, event.site), node, "powerOff");
        }
      }
      // A wake grants no watts: they come with the return of each node.
      if (event.kind === "node-wake-requested") {
        for (const node of event.nodes) {
          forgetPower(builder(changes, event.site), node);
        }
      }
      const key = touchedAttempt(event);
      if (key !== undefined) {
        touched.set(`${key.job}/${key.task}/${key.attempt}`, key);
      }
    }
  }
  for (const key of touched.values()) {
    addAttempt(state, changes, key);
  }
  return new Map(
    [...changes].map(([site, { attempts, forget, powerOff, powerOn }]) => [
      site,
      {
        generation,
        isComplete: false,
        attempts,
        forget,
        powerOff: [...powerOff],
        powerOn: [...powerOn],
      },
    ]),
  );
}

interface ChangeBuilder {
  readonly attempts: DesiredAttempt[];
  readonly forget: AttemptKey[];
  /** Sets: a whole hall may go to sleep in one batch. */
  readonly powerOff: Set<number>;
  readonly powerOn: Set<number>;
}

function forgetPower({ powerOff }: ChangeBuilder, node: number): void {
  powerOff.delete(node);
}

/** The last word on a node counts: it may be lost and back, or back and lost, in one batch. */
function movePower(change: ChangeBuilder, node: number, to: "powerOff" | "powerOn"): void {
  change.powerOff.delete(node);
  change.powerOn.delete(node);
  change[to].add(node);
}

function builder(changes: Map<string, ChangeBuilder>, site: string): ChangeBuilder {
  let change = changes.get(site);
  if (change === undefined) {
    change = { attempts: [], forget: [], powerOff: new Set(), powerOn: new Set() };
    changes.set(site, change);
  }
  return change;
}

function addAttempt(
  state: EngineState,
  changes: Map<string, ChangeBuilder>,
  key: AttemptKey,
): void {
  const job = state.jobs.get(key.job);
  const attempt = job === undefined ? undefined : findAttempt(job, key.task, key.attempt);
  if (job !== undefined && attempt !== undefined) {
    builder(changes, attempt.placement.site).attempts.push(desiredAttempt(job, attempt));
    return;
  }
  // Over. Which site it ran on may be forgotten with its job, so every site hears of it.
  const over = job?.history.find((one) => one.task === key.task && one.attempt === key.attempt);
  for (const site of over === undefined ? state.sites.keys() : [over.placement.site]) {
    builder(changes, site).forget.push(key);
  }
}

function desiredAttempt(job: Job, attempt: Attempt): DesiredAttempt {
  const { job: number, task, attempt: count, placement } = attempt;
  return {
    attempt: { job: number, task, attempt: count },
    placement,
    startedAt: instant(attempt.startedAtMs),
    endsBy: instant(attempt.endsByMs),
    name: job.spec.name,
    workload: job.spec.workload,
    workloadClass: job.spec.workloadClass,
    want: wanted(attempt),
    ...stopOf(job, attempt),
    capWatts: attempt.capWatts,
    capOrder: attempt.capOrder,
    work: milliseconds(Math.round(attempt.workMs)),
    workDone: milliseconds(job.tries?.get(task)?.workDoneMs ?? 0),
  };
}

/** Who is preempted and can save its work gets the time for it on top. */
function stopOf(job: Job, attempt: Attempt): Pick<DesiredAttempt, "grace" | "savesWork"> {
  const { checkpoint } = job.spec;
  const savesWork = attempt.stopReason === "preemption" && checkpoint !== undefined;
  return {
    savesWork,
    grace: savesWork ? milliseconds(toNumber(checkpoint.save) + stopGraceMs / 2) : grace,
  };
}

function wanted(attempt: Attempt): DesiredAttempt["want"] {
  switch (attempt.phase) {
    case "starting":
    case "running":
      return attempt.isWarned ? "warn" : "run";
    case "stopping":
    case "exited":
      return "stop";
  }
}

function touchedAttempt(event: Event): AttemptKey | undefined {
  switch (event.kind) {
    case "attempt-started":
    case "cap-set":
    case "walltime-warned":
    case "stop-requested":
    case "attempt-exited":
    case "placement-released":
      return event.attempt;
    default:
      return undefined;
  }
}

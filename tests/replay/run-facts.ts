import { toNumber } from "@ertis/quantities";
import type { Entry, Event, JobsSubmitted } from "@ertis/scheduler-engine";

/** What the log says of one job. Milliseconds since the Unix epoch. */
export interface JobFacts {
  readonly requestId: string;
  readonly gpuCount: number;
  readonly submittedAtMs: number;
  placedAtMs: number | undefined;
  exitedAtMs: number | undefined;
  releasedAtMs: number | undefined;
  /** The job's outcome; undefined while it is not over. */
  outcome: "succeeded" | "failed" | undefined;
  /** Why it failed, for example `application` or `walltime`; empty when it did not. */
  failureCategory: string;
  powerReservedWatts: number;
  /** Nodes that are not confirmed free yet. */
  nodesHeld: number;
  /** What the simulated cluster measured; 0 when it said nothing. */
  energyJoules: number;
}

/** Jobs by number, as the entries of a log tell them; knows nothing of the engine's state. */
export interface RunFacts {
  readonly jobs: ReadonlyMap<number, JobFacts>;
  readonly entryCount: number;
  readonly eventCount: number;
  observe(entry: Entry): void;
}

/** Reads the entries of a log in order, from its first one. Arrays and retries are not expected. */
export function createRunFacts(): RunFacts {
  const jobs = new Map<number, JobFacts>();
  let entryCount = 0;
  let eventCount = 0;
  return {
    jobs,
    get entryCount() {
      return entryCount;
    },
    get eventCount() {
      return eventCount;
    },
    observe(entry) {
      entryCount += 1;
      eventCount += entry.events.length;
      for (const event of entry.events) {
        apply(jobs, event, toNumber(entry.at));
      }
    },
  };
}

function apply(jobs: Map<number, JobFacts>, event: Event, atMs: number): void {
  switch (event.kind) {
    case "jobs-submitted":
      submit(jobs, event, atMs);
      return;
    case "attempt-started": {
      const job = jobs.get(event.attempt.job);
      if (job !== undefined) {
        job.placedAtMs ??= atMs;
        job.powerReservedWatts = toNumber(event.placement.powerReserved);
        job.nodesHeld = event.placement.nodes.length;
      }
      return;
    }
    case "attempt-exited": {
      const job = jobs.get(event.attempt.job);
      if (job !== undefined && event.next === "finish") {
        job.exitedAtMs = atMs;
        job.outcome = event.outcome.kind;
        job.failureCategory = event.outcome.kind === "failed" ? event.outcome.category : "";
        job.energyJoules += event.energyJoules ?? 0;
      }
      return;
    }
    case "placement-released": {
      const job = jobs.get(event.attempt.job);
      if (job !== undefined) {
        job.nodesHeld = event.nodes.length === 0 ? 0 : job.nodesHeld - event.nodes.length;
        job.releasedAtMs = job.nodesHeld === 0 ? atMs : undefined;
      }
      return;
    }
    default:
  }
}

function submit(jobs: Map<number, JobFacts>, event: JobsSubmitted, atMs: number): void {
  for (const [index, { requestId, spec }] of event.items.entries()) {
    const gpuCount = spec.nodeCount * spec.gpusPerNode;
    jobs.set(event.firstJob + index, submittedFacts({ requestId, gpuCount, submittedAtMs: atMs }));
  }
}

/** A job of which nothing is known but that it was submitted. */
export function submittedFacts(
  job: Pick<JobFacts, "requestId" | "gpuCount" | "submittedAtMs">,
): JobFacts {
  return {
    ...job,
    placedAtMs: undefined,
    exitedAtMs: undefined,
    releasedAtMs: undefined,
    outcome: undefined,
    failureCategory: "",
    powerReservedWatts: 0,
    nodesHeld: 0,
    energyJoules: 0,
  };
}

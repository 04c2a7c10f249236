import type { Entry, Event } from "@ertis/scheduler-engine";

/** What a stretch of history changed about jobs. */
export interface ChangedJobs {
  readonly jobs: Set<number>;
  /** Old finished jobs left memory; history says how many, not which. */
  didRetire: boolean;
}

export function addChanges(entry: Entry, changes: ChangedJobs): void {
  for (const event of entry.events) {
    addEvent(event, changes);
  }
}

function addEvent(event: Event, changes: ChangedJobs): void {
  switch (event.kind) {
    case "jobs-submitted":
      for (let index = 0; index < event.items.length; index += 1) {
        changes.jobs.add(event.firstJob + index);
      }
      return;
    case "jobs-held":
    case "jobs-released":
    case "jobs-cancelled":
    case "jobs-became-ready":
      for (const job of event.jobs) {
        changes.jobs.add(job);
      }
      return;
    case "attempt-started":
    case "attempt-running":
    case "walltime-warned":
    case "stop-requested":
    case "attempt-exited":
    case "placement-released":
    case "attempt-checkpointed":
    case "cap-set":
      changes.jobs.add(event.attempt.job);
      return;
    case "job-paused":
    case "job-resumed":
      changes.jobs.add(event.job);
      return;
    case "jobs-retired":
      changes.didRetire = true;
      return;
    case "request-ids-forgotten":
    case "reservation-made":
    case "reservation-dropped":
    case "nodes-cordoned":
    case "nodes-uncordoned":
    case "nodes-draining":
    case "drain-enforced":
    case "node-lost":
    case "node-powered-off":
    case "node-returned":
    case "budget-set":
    case "budget-removed":
    case "budgets-expired":
    case "cap-acknowledged":
    case "node-sleep-requested":
    case "node-wake-requested":
    case "draw-measured":
    case "needs-learned":
    case "curtailment-scheduled":
    case "curtailment-cancelled":
    case "curtailment-ended":
    case "curtailments-forgotten":
    case "curtailment-planned":
    case "pauses-planned":
    case "supply-lost":
    case "supply-back":
    case "accounts-set":
    case "site-registered":
    case "site-away":
    case "site-back":
    case "restarted":
      return;
  }
}

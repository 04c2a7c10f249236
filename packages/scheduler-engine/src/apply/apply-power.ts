import { rerank } from "../power/attempt-ranks.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { AttemptKey } from "../words/attempt.ts";
import type { Event } from "../words/event.ts";
import { lookUp } from "./attempts.ts";
import { attemptCheckpointed, capAcknowledged, capSet } from "./caps.ts";
import {
  curtailmentCancelled,
  curtailmentPlanned,
  curtailmentScheduled,
  curtailmentsEnded,
  curtailmentsForgotten,
  jobPaused,
  jobResumed,
  pausesPlanned,
  supplyChanged,
} from "./curtailments.ts";
import { drawMeasured } from "./measured.ts";
import { needsLearned } from "./needs.ts";
import { nodesAsleep } from "./nodes.ts";
import { budgetRemoved, budgetSet } from "./power.ts";
import { accountsSet } from "./shares.ts";

/** What is asked of watts: budgets, caps, curtailments, shares. */
export type PowerEvent = Extract<
  Event,
  {
    readonly kind:
      | "budget-set"
      | "budget-removed"
      | "budgets-expired"
      | "attempt-checkpointed"
      | "cap-set"
      | "cap-acknowledged"
      | "node-sleep-requested"
      | "node-wake-requested"
      | "draw-measured"
      | "needs-learned"
      | "curtailment-scheduled"
      | "curtailment-cancelled"
      | "curtailment-ended"
      | "curtailments-forgotten"
      | "curtailment-planned"
      | "pauses-planned"
      | "job-paused"
      | "job-resumed"
      | "supply-lost"
      | "supply-back"
      | "accounts-set";
  }
>;

/** The part of `applyEvent` that is about watts. */
export function applyPower(state: EngineState, event: PowerEvent): void {
  switch (event.kind) {
    case "budget-set":
      return budgetSet(state, event.budget);
    case "budget-removed":
      return budgetRemoved(state, [event.id]);
    case "budgets-expired":
      return budgetRemoved(state, event.ids);
    case "attempt-checkpointed":
      return attemptCheckpointed(state, event.attempt);
    case "cap-set":
      capSet(state, event);
      return rerankOne(state, event.attempt);
    case "cap-acknowledged":
      capAcknowledged(state, event);
      return rerankOne(state, event.attempt);
    case "node-sleep-requested":
    case "node-wake-requested":
      return nodesAsleep(state, event.site, event.nodes, event.kind === "node-sleep-requested");
    case "draw-measured":
      return drawMeasured(state, event);
    case "needs-learned":
      return needsLearned(state, event);
    case "curtailment-scheduled":
      return curtailmentScheduled(state, event);
    case "curtailment-cancelled":
      return curtailmentCancelled(state, event);
    case "curtailment-ended":
      return curtailmentsEnded(state, event.ids);
    case "curtailments-forgotten":
      return curtailmentsForgotten(state, event.ids);
    case "curtailment-planned":
      return curtailmentPlanned(state, event);
    case "pauses-planned":
      return pausesPlanned(state, event);
    case "job-paused":
      return jobPaused(state, event);
    case "job-resumed":
      return jobResumed(state, { job: event.job, task: event.task ?? 0 });
    case "supply-lost":
    case "supply-back":
      return supplyChanged(state, event);
    case "accounts-set":
      return accountsSet(state, event.accounts);
  }
}

function rerankOne(state: EngineState, key: AttemptKey): void {
  const { attempt } = lookUp(state, key);
  rerank(known(state.sites.get(attempt.placement.site), "site of a placement"), attempt);
}

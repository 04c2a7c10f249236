import type { EngineState } from "../state/engine-state.ts";
import type { Event } from "../words/event.ts";
import { attemptCheckpointed, capAcknowledged, capSet } from "./caps.ts";
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
      | "curtailment-scheduled"
      | "curtailment-cancelled"
      | "curtailment-ended"
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
      return capSet(state, event);
    case "cap-acknowledged":
      return capAcknowledged(state, event);
    case "node-sleep-requested":
    case "node-wake-requested":
    case "draw-measured":
    case "curtailment-scheduled":
    case "curtailment-cancelled":
    case "curtailment-ended":
      return;
    case "accounts-set":
      return accountsSet(state, event.accounts);
  }
}

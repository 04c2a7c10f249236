import type { EngineLimits } from "../limits.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { Event } from "../words/event.ts";
import type { Rejection, RejectionCode } from "../words/rejection.ts";

/** What a decision works with: state to read, and `emit`, which applies an event and records it. */
export interface Deciding {
  readonly state: EngineState;
  readonly limits: EngineLimits;
  readonly emit: (event: Event) => void;
}

export function rejected(code: RejectionCode, message: string): Rejection {
  return { kind: "rejected", code, message };
}

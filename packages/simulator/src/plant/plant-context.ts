import type { Observation } from "@ertis/scheduler-engine";
import type { RandomStream } from "../chance/random-stream.ts";
import type { TimeHeap } from "../chance/time-heap.ts";
import type { PlantAttempt } from "./plant-attempt.ts";
import type { PlantRules, Range } from "./plant-rules.ts";

/** What happens in the plant by itself. */
export type Happening = ProgramHappening | CapHappening | NodeHappening | WakeHappening;

export type ProgramHappening =
  | { readonly kind: "runs" | "saved" | "stopped"; readonly attempt: PlantAttempt }
  | { readonly kind: "ends"; readonly attempt: PlantAttempt; readonly plan: number }
  | {
      readonly kind: "confirms";
      readonly attempt: PlantAttempt;
      readonly nodes: readonly number[];
    };

export interface CapHappening {
  readonly kind: "cap-holds" | "cap-told";
  readonly attempt: PlantAttempt;
  readonly capWatts: number;
  readonly order: number;
}

export interface NodeHappening {
  readonly kind: "node-lost" | "node-fenced" | "node-repaired" | "node-off" | "node-on";
  readonly node: number;
}

export interface WakeHappening {
  readonly kind: "node-comes" | "node-stays-off";
  readonly node: number;
  readonly ask: number;
}

/** What the parts of the plant share. */
export interface PlantContext {
  readonly rules: PlantRules;
  readonly chance: RandomStream;
  readonly heap: TimeHeap<Happening>;
  /** What an executor has to say, in order. */
  readonly say: (observation: Observation) => void;
}

/** A delay by a range. */
export function drawMs({ chance }: PlantContext, { min, max }: Range): number {
  return min === max ? min : Math.round(chance.within(min, max));
}

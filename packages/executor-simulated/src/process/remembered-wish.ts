import type { AttemptKey, Observation } from "@ertis/scheduler-engine";
import type { DesiredAttempt, DesiredChange } from "@ertis/scheduler-runtime";
import { textOf } from "../cluster/attempt-record.ts";
import { lightened } from "./change-pieces.ts";

/** All that is wanted of a cluster, for the next connection to it. */
export class RememberedWish {
  readonly #desired = new Map<string, DesiredAttempt>();
  readonly #powerOff = new Set<number>();
  readonly #powerOn = new Set<number>();
  /** Attempts seen on the cluster and not yet released: if a new incarnation lacks them, they are gone. */
  readonly #seen = new Map<string, AttemptKey>();
  #generation = 0;
  /** Only a scheduler that has said everything may call the rest unwanted. */
  #knowsEverything = false;

  get generation(): number {
    return this.#generation;
  }

  /** Nothing was ever wished. */
  get isEmpty(): boolean {
    return this.#generation === 0 && !this.#knowsEverything;
  }

  add(change: DesiredChange): void {
    this.#generation = change.generation;
    if (change.isComplete) {
      this.#desired.clear();
      this.#powerOff.clear();
      this.#powerOn.clear();
      this.#knowsEverything = true;
    }
    for (const wish of change.attempts) {
      this.#desired.set(textOf(wish.attempt), lightened(wish));
    }
    for (const key of change.forget) {
      this.#desired.delete(textOf(key));
      this.#seen.delete(textOf(key));
    }
    for (const node of change.powerOff) {
      this.#powerOff.add(node);
      this.#powerOn.delete(node);
    }
    for (const node of change.powerOn) {
      this.#powerOn.add(node);
      this.#powerOff.delete(node);
    }
    if (change.isComplete) {
      for (const text of this.#seen.keys()) {
        if (!this.#desired.has(text)) {
          this.#seen.delete(text);
        }
      }
    }
  }

  everything(): DesiredChange {
    return {
      generation: this.#generation,
      isComplete: this.#knowsEverything,
      attempts: [...this.#desired.values()],
      forget: [],
      powerOff: [...this.#powerOff],
      powerOn: [...this.#powerOn],
    };
  }

  /** The cluster knows it. */
  see(key: AttemptKey): void {
    this.#seen.set(textOf(key), key);
  }

  /** Seen before, and not among what the cluster knows now. */
  seenOutside(known: ReadonlySet<string>): readonly AttemptKey[] {
    return [...this.#seen].flatMap(([text, key]) => (known.has(text) ? [] : [key]));
  }

  /** What follows from a report that the scheduler has taken in. */
  noteTaken(observation: Observation): void {
    switch (observation.kind) {
      case "attempt-running":
        if (this.#desired.has(textOf(observation.attempt))) {
          this.see(observation.attempt);
        }
        return;
      case "node-powered-off":
        this.#powerOff.delete(observation.node);
        return;
      case "attempt-exited":
      case "stop-confirmed":
      case "cap-applied":
      case "checkpointed":
      case "node-lost":
      case "node-ready":
      case "cluster-away":
      case "cluster-back":
      case "supply-lost":
      case "supply-back":
        return;
    }
  }
}

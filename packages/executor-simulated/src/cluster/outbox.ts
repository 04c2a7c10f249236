import type { Observation } from "@ertis/scheduler-engine";

/** An observation with its place in the cluster's history of reports. */
export interface NumberedObservation {
  /** From 1, without a gap. */
  readonly sequence: number;
  /** When it happened, in milliseconds since 1970. */
  readonly atMs: number;
  readonly observation: Observation;
}

/**
 * Reports in order, kept until acknowledged. It needs no limit of its own: an attempt adds a few
 * reports and one per node, and no attempt starts while the scheduler does not listen.
 */
export class Outbox {
  #items: NumberedObservation[] = [];
  #lastSequence = 0;
  #acknowledged = 0;

  get acknowledged(): number {
    return this.#acknowledged;
  }

  add(atMs: number, observation: Observation): number {
    this.#lastSequence += 1;
    this.#items.push({ sequence: this.#lastSequence, atMs, observation });
    return this.#lastSequence;
  }

  /** Reports after `afterSequence` that are not acknowledged, at most `countMax`. */
  pending(afterSequence: number, countMax: number): readonly NumberedObservation[] {
    const first = this.#items[0];
    if (first === undefined) {
      return [];
    }
    const skip = Math.max(0, afterSequence - first.sequence + 1);
    return this.#items.slice(skip, skip + countMax);
  }

  /** Everything up to `sequence` is durable at the scheduler. Older or unknown numbers are harmless. */
  acknowledge(sequence: number): void {
    const upTo = Math.min(sequence, this.#lastSequence);
    if (upTo <= this.#acknowledged) {
      return;
    }
    this.#items = this.#items.slice(upTo - this.#acknowledged);
    this.#acknowledged = upTo;
  }
}

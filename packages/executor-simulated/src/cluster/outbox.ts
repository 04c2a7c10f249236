import type { Observation } from "@ertis/scheduler-engine";

/** An observation with its place in the cluster's history of reports. */
export interface NumberedObservation {
  /** From 1, ascending; an edit of the site may leave gaps. */
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
    const skip = this.#countUpTo(afterSequence);
    return this.#items.slice(skip, skip + countMax);
  }

  /** Everything up to `sequence` is durable at the scheduler. Older or unknown numbers are harmless. */
  acknowledge(sequence: number): void {
    const upTo = Math.min(sequence, this.#lastSequence);
    if (upTo <= this.#acknowledged) {
      return;
    }
    this.#items = this.#items.slice(this.#countUpTo(upTo));
    this.#acknowledged = upTo;
  }

  /** Puts another observation, or none, in the place of each that is not acknowledged. */
  replaceEach(replace: (observation: Observation) => Observation | undefined): void {
    this.#items = this.#items.flatMap((item) => {
      const observation = replace(item.observation);
      return observation === undefined ? [] : [{ ...item, observation }];
    });
  }

  /** How many items have this sequence or an earlier one, by halving. */
  #countUpTo(sequence: number): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle]?.sequence ?? 0) <= sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

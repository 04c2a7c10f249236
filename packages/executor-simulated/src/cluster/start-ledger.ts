import type { AttemptKey } from "@ertis/scheduler-engine";
import { textOf } from "./attempt-record.ts";

/** How many released attempts are remembered, to notice when one is wanted again. */
const forgottenMax = 200_000;

/** Starts per attempt, also of those released, so that a double start cannot hide. */
export class StartLedger {
  readonly #startCounts = new Map<string, number>();
  readonly #forgotten = new Map<string, number>();
  #startCount = 0;
  #perAttemptMax = 0;

  /** Every start ever. */
  get startCount(): number {
    return this.#startCount;
  }

  /** The most starts that one attempt had: 1 at most, or something is badly wrong. */
  get perAttemptMax(): number {
    return this.#perAttemptMax;
  }

  countOf(key: AttemptKey): number {
    const text = textOf(key);
    return this.#startCounts.get(text) ?? this.#forgotten.get(text) ?? 0;
  }

  isForgotten(key: AttemptKey): boolean {
    return this.#forgotten.has(textOf(key));
  }

  /** @returns how often this attempt has now been started */
  start(key: AttemptKey): number {
    const count = this.countOf(key) + 1;
    this.#startCounts.set(textOf(key), count);
    this.#startCount += 1;
    this.#perAttemptMax = Math.max(this.#perAttemptMax, count);
    return count;
  }

  forget(key: AttemptKey): void {
    const text = textOf(key);
    this.#forgotten.set(text, this.countOf(key));
    this.#startCounts.delete(text);
    if (this.#forgotten.size > forgottenMax) {
      for (const oldest of this.#forgotten.keys()) {
        this.#forgotten.delete(oldest);
        break;
      }
    }
  }
}

import type { Attempt } from "./job.ts";

interface Young {
  readonly attempt: Attempt;
  readonly fromMs: number;
}

/** Attempts of a site that are not protected from preemption. In no order that may decide. */
export class Stoppable {
  readonly #fromMs = new Map<Attempt, number>();
  /** Those that were too young when this was last asked, few of all that run. Some may be gone. */
  #young: Young[] = [];
  #isSorted = true;

  get size(): number {
    return this.#fromMs.size;
  }

  add(attempt: Attempt, fromMs: number): void {
    this.#fromMs.set(attempt, fromMs);
    this.#isSorted &&= (this.#young.at(-1)?.fromMs ?? -Infinity) <= fromMs;
    this.#young.push({ attempt, fromMs });
  }

  delete(attempt: Attempt): void {
    this.#fromMs.delete(attempt);
  }

  attempts(): IterableIterator<Attempt> {
    return this.#fromMs.keys();
  }

  /** Old enough by now, whatever phase they are in. */
  *oldEnough(nowMs: number): Generator<Attempt, void, void> {
    for (const [attempt, fromMs] of this.#fromMs) {
      if (fromMs <= nowMs) {
        yield attempt;
      }
    }
  }

  /** Too young to be stopped now, those first that are the oldest. */
  *young(nowMs: number): Generator<Young, void, void> {
    if (!this.#isSorted || (this.#young[0]?.fromMs ?? Infinity) <= nowMs) {
      this.#young = this.#young
        .filter(({ attempt, fromMs }) => fromMs > nowMs && this.#fromMs.has(attempt))
        .toSorted((a, b) => a.fromMs - b.fromMs);
      this.#isSorted = true;
    }
    for (const one of this.#young) {
      if (this.#fromMs.has(one.attempt)) {
        yield one;
      }
    }
  }
}

import { Heap } from "./heap.ts";
import { isEligible, type Job } from "./job.ts";

/**
 * Jobs of one shape, each account's in a line of its own: the first due first, then the oldest. May
 * hold jobs that are no longer eligible; they leave when they come to the front.
 */
export class ShapeJobs {
  readonly #byAccount = new Map<number, Heap<Job>>();
  /** The line of the only account that has one: most shapes are of one account, and every pass asks for all. */
  #only: OnlyLine | undefined;
  /** None of them goes ahead by age or deadline before this; it may be earlier than need be. */
  earliestDueMs: number = Infinity;

  /** No line is left; a line may still hold jobs that are no longer eligible. */
  get isEmpty(): boolean {
    return this.#byAccount.size === 0;
  }

  get accountCount(): number {
    return this.#byAccount.size;
  }

  /** In no order that may decide anything. */
  accounts(): IterableIterator<number> {
    return this.#byAccount.keys();
  }

  has(account: number): boolean {
    return this.#byAccount.has(account);
  }

  /** Each line in heap order, not sorted. */
  *lines(): Generator<readonly Job[], void, void> {
    for (const heap of this.#byAccount.values()) {
      yield heap.items();
    }
  }

  push(job: Job, account: number): void {
    let heap = this.#byAccount.get(account);
    if (heap === undefined) {
      heap = new Heap(isFirst);
      this.#byAccount.set(account, heap);
      this.#only = this.#byAccount.size === 1 ? { account, heap } : undefined;
    }
    heap.push(job);
    this.earliestDueMs = Math.min(this.earliestDueMs, job.dueAtMs);
  }

  /** Any job, eligible or not: for what is the same of all. */
  any(): Job | undefined {
    for (const heap of this.#byAccount.values()) {
      return heap.peek();
    }
    return undefined;
  }

  /** Any account that has an eligible job; where there is only one, that one. */
  firstAccount(): number | undefined {
    for (const account of this.#byAccount.keys()) {
      if (this.first(account) !== undefined) {
        return account;
      }
    }
    return undefined;
  }

  /** Where only one account has jobs: that one and its first, as `first` finds it. */
  firstOfOnly(): { readonly account: number; readonly job: Job } | undefined {
    const account = this.#only?.account;
    const job = account === undefined ? undefined : this.first(account);
    return account === undefined || job === undefined ? undefined : { account, job };
  }

  /** The first eligible job of an account; those before it that no longer are leave, and empty lines. */
  first(account: number): Job | undefined {
    const only = this.#only;
    const heap = only?.account === account ? only.heap : this.#byAccount.get(account);
    for (let job = heap?.peek(); job !== undefined; job = heap?.peek()) {
      if (isEligible(job)) {
        return job;
      }
      heap?.pop();
      job.isQueued = false;
      job.shape = undefined;
    }
    if (this.#byAccount.delete(account)) {
      const [left] = this.#byAccount;
      this.#only =
        left === undefined || this.#byAccount.size > 1
          ? undefined
          : { account: left[0], heap: left[1] };
    }
    return undefined;
  }
}

interface OnlyLine {
  readonly account: number;
  readonly heap: Heap<Job>;
}

function isFirst(a: Job, b: Job): boolean {
  return a.dueAtMs === b.dueAtMs ? a.number < b.number : a.dueAtMs < b.dueAtMs;
}

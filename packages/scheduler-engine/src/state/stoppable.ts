import { priorityClasses } from "../words/job-spec.ts";
import { type Attempt, type Job, priorityOf } from "./job.ts";

/** An attempt that is not protected from preemption. */
export interface Listed {
  readonly attempt: Attempt;
  readonly job: Job;
  /** Position of its account. */
  readonly account: number;
  /** From then on it is old enough to be stopped. */
  readonly fromMs: number;
}

/** Attempts of a site that are not protected from preemption. In no order that may decide. */
export class Stoppable {
  readonly #listed = new Map<Attempt, Listed>();
  /** By account and class. */
  readonly #groups = new Map<number, Set<Listed>>();
  /** Those that were too young when this was last asked, few of all that run. Some may be gone. */
  #young: Listed[] = [];
  #isSorted = true;

  get size(): number {
    return this.#listed.size;
  }

  add(one: Listed): void {
    this.delete(one.attempt);
    this.#listed.set(one.attempt, one);
    const key = groupOf(one);
    const group = this.#groups.get(key) ?? new Set();
    this.#groups.set(key, group.add(one));
    this.#isSorted &&= (this.#young.at(-1)?.fromMs ?? -Infinity) <= one.fromMs;
    this.#young.push(one);
  }

  delete(attempt: Attempt): void {
    const one = this.#listed.get(attempt);
    if (one !== undefined) {
      this.#listed.delete(attempt);
      const group = this.#groups.get(groupOf(one));
      group?.delete(one);
      if (group?.size === 0) {
        this.#groups.delete(groupOf(one));
      }
    }
  }

  attempts(): IterableIterator<Attempt> {
    return this.#listed.keys();
  }

  /** Those of one account and class, old enough or not: the same rules say whether they may be stopped for another job. */
  groups(): IterableIterator<ReadonlySet<Listed>> {
    return this.#groups.values();
  }

  /** Too young to be stopped now, the oldest first. */
  *young(nowMs: number): Generator<Listed, void, void> {
    if (!this.#isSorted || (this.#young[0]?.fromMs ?? Infinity) <= nowMs) {
      this.#young = this.#young
        .filter((one) => one.fromMs > nowMs && this.#isListed(one))
        .toSorted((a, b) => a.fromMs - b.fromMs);
      this.#isSorted = true;
    }
    for (const one of this.#young) {
      if (this.#isListed(one)) {
        yield one;
      }
    }
  }

  #isListed(one: Listed): boolean {
    return this.#listed.get(one.attempt) === one;
  }
}

function groupOf({ job, account }: Listed): number {
  return account * priorityClasses.length + priorityOf(job);
}

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

/** So many that are gone may be among the young ones. */
const goneMax = 1_000;

/** Attempts of a site that are not protected from preemption. In no order that may decide. */
export class Stoppable {
  readonly #listed = new Map<Attempt, Listed>();
  /** By account and class. */
  readonly #groups = new Map<number, Set<Listed>>();
  readonly #asked = new Set<Attempt>();
  /** From `#youngFrom` on those that were too young when this was last asked. Some may be gone. */
  #young: Listed[] = [];
  #youngFrom = 0;
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
    if (this.#young.length > 2 * this.#listed.size + goneMax) {
      // Nobody asks for them.
      this.#tidyYoung();
    }
  }

  delete(attempt: Attempt): void {
    const one = this.#listed.get(attempt);
    if (one !== undefined) {
      this.#listed.delete(attempt);
      this.#asked.delete(attempt);
      const group = this.#groups.get(groupOf(one));
      group?.delete(one);
      if (group?.size === 0) {
        this.#groups.delete(groupOf(one));
      }
    }
  }

  /** It is asked to stop for another job. */
  ask(attempt: Attempt): void {
    if (this.#listed.has(attempt)) {
      this.#asked.add(attempt);
    }
  }

  /** Those that have been asked and are not gone. */
  asked(): IterableIterator<Attempt> {
    return this.#asked.values();
  }

  /** Those of one account and class, old enough or not: the same rules say whether they may be stopped for another job. */
  groups(): IterableIterator<ReadonlySet<Listed>> {
    return this.#groups.values();
  }

  /** Too young to be stopped now, the oldest first. Some may have exited since. */
  *young(nowMs: number): Generator<Listed, void, void> {
    if (!this.#isSorted || this.#youngFrom > this.#young.length / 2) {
      this.#tidyYoung();
    }
    while ((this.#young[this.#youngFrom]?.fromMs ?? Infinity) <= nowMs) {
      this.#youngFrom += 1;
    }
    for (let at = this.#youngFrom; at < this.#young.length; at += 1) {
      const one = this.#young[at];
      if (one !== undefined) {
        yield one;
      }
    }
  }

  #tidyYoung(): void {
    this.#young = this.#young
      .slice(this.#youngFrom)
      .filter((one) => this.#listed.get(one.attempt) === one)
      .toSorted((a, b) => a.fromMs - b.fromMs);
    this.#youngFrom = 0;
    this.#isSorted = true;
  }
}

function groupOf({ job, account }: Listed): number {
  return account * priorityClasses.length + priorityOf(job);
}

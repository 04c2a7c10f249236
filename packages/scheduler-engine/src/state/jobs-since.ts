import type { JobNumber } from "../words/job-spec.ts";

/** Jobs of which something has been noted since something was released last. */
export class JobsSince {
  #releaseCount = -1;
  readonly #jobs = new Set<JobNumber>();

  add(job: JobNumber, releaseCount: number): void {
    if (this.#releaseCount !== releaseCount) {
      this.clear();
      this.#releaseCount = releaseCount;
    }
    this.#jobs.add(job);
  }

  has(job: JobNumber, releaseCount: number): boolean {
    return this.#releaseCount === releaseCount && this.#jobs.has(job);
  }

  clear(): void {
    this.#releaseCount = -1;
    this.#jobs.clear();
  }
}

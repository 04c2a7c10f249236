import type { JobNumber } from "../words/job-spec.ts";
import type { Job } from "./job.ts";

const pageBits = 12;
const pageSize = 1 << pageBits;

interface Page {
  readonly jobs: (Job | undefined)[];
  count: number;
}

/** Jobs by number, in pages: dense, ordered, and without the 16.7 million keys limit of a Map. */
export class JobTable {
  readonly #pages = new Map<number, Page>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get(number: JobNumber): Job | undefined {
    return this.#pages.get(Math.floor(number / pageSize))?.jobs[number & (pageSize - 1)];
  }

  add(job: Job): void {
    const pageNumber = Math.floor(job.number / pageSize);
    let page = this.#pages.get(pageNumber);
    if (page === undefined) {
      page = { jobs: [], count: 0 };
      this.#pages.set(pageNumber, page);
    }
    page.jobs[job.number & (pageSize - 1)] = job;
    page.count += 1;
    this.#count += 1;
  }

  remove(number: JobNumber): void {
    const pageNumber = Math.floor(number / pageSize);
    const page = this.#pages.get(pageNumber);
    const at = number & (pageSize - 1);
    if (page?.jobs[at] === undefined) {
      return;
    }
    page.jobs[at] = undefined;
    page.count -= 1;
    this.#count -= 1;
    if (page.count === 0) {
      this.#pages.delete(pageNumber);
    }
  }

  /** In rising order of number, starting after `afterNumber`. */
  *after(afterNumber: JobNumber): Generator<Job, void, void> {
    const numbers = [...this.#pages.keys()].toSorted((a, b) => a - b);
    for (const pageNumber of numbers) {
      if ((pageNumber + 1) * pageSize <= afterNumber) {
        continue;
      }
      for (const job of this.#pages.get(pageNumber)?.jobs ?? []) {
        if (job !== undefined && job.number > afterNumber) {
          yield job;
        }
      }
    }
  }

  /** In falling order of number, starting before `beforeNumber`. */
  *before(beforeNumber: JobNumber): Generator<Job, void, void> {
    const numbers = [...this.#pages.keys()].toSorted((a, b) => b - a);
    for (const pageNumber of numbers) {
      if (pageNumber * pageSize >= beforeNumber) {
        continue;
      }
      const jobs = this.#pages.get(pageNumber)?.jobs ?? [];
      for (let index = jobs.length - 1; index >= 0; index -= 1) {
        const job = jobs[index];
        if (job !== undefined && job.number < beforeNumber) {
          yield job;
        }
      }
    }
  }
}

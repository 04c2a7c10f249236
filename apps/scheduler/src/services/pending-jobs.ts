/**
 * Counts jobs between the border and the log. While a disk stalls, callers go on sending: what waits
 * must not grow with their number.
 */
export class PendingJobs {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Does the work for so many jobs; undefined when too many are waiting already. A call alone is
   * always let in, whatever its size: it could never come at a better time.
   */
  async hold<T>(count: number, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#count > 0 && this.#count + count > this.#max) {
      return undefined;
    }
    this.#count += count;
    try {
      return await work();
    } finally {
      this.#count -= count;
    }
  }
}

/**
 * Whose jobs of a shape have asked to have a guarantee back in vain: until something is released, they would again. A
 * cache: never decides anything by itself.
 */
export class ReclaimsInVain {
  #releaseCount = -1;
  /** By the account that is guaranteed it: the walltime of the job that asked; a shorter one asks anew. */
  readonly #walltimesMs = new Map<number, number>();

  add(holder: number, walltimeMs: number, releaseCount: number): void {
    if (this.#releaseCount !== releaseCount) {
      this.#releaseCount = releaseCount;
      this.#walltimesMs.clear();
    }
    this.#walltimesMs.set(holder, walltimeMs);
  }

  has(holder: number, walltimeMs: number, releaseCount: number): boolean {
    const askedMs = this.#walltimesMs.get(holder);
    return this.#releaseCount === releaseCount && askedMs !== undefined && walltimeMs >= askedMs;
  }

  clear(): void {
    this.#releaseCount = -1;
  }
}

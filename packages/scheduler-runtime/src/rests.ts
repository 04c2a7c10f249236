/** So many batches in a row that nobody asked for, and the engine runs in a circle: a bug, which must not fill the log. */
const batchesMax = 10_000;

/** How long it rests after every further one. */
const restMs = 1000;

/**
 * When the engine may go on by itself. It comes to rest after every change; one that does not, never would, and works at
 * an even, slow pace from then on. Commands and reads are not held up.
 */
export class Rests {
  #batchCount = 0;
  #untilMs = -Infinity;

  /** For how long it does nothing yet that nobody asks for; a clock that steps back lengthens no rest. */
  leftMs(nowMs: number): number {
    const leftMs = Math.max(0, this.#untilMs - nowMs);
    return leftMs > restMs ? 0 : leftMs;
  }

  /** @returns whether its first rest begins with this one */
  afterBatch(isAtRest: boolean, nowMs: number): boolean {
    if (isAtRest) {
      this.#batchCount = 0;
      this.#untilMs = -Infinity;
      return false;
    }
    this.#batchCount += 1;
    if (this.#batchCount < batchesMax) {
      return false;
    }
    this.#untilMs = nowMs + restMs;
    return this.#batchCount === batchesMax;
  }
}

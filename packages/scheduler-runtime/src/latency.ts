/** What is known of many measured times, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Every doubling is split into this many equal steps, so that a figure is right to 1/16. */
const stepsPerDoubling = 16;
/** 2^44 microseconds are half a year; the last step holds everything longer. */
const doublingsMax = 40;

/**
 * Counts of measured times in steps that grow with the time: bounded memory for any number of them.
 * Percentiles are the upper edge of their step: never too low, too high by at most 1/16 and 1 µs.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array((doublingsMax + 2) * stepsPerDoubling);
  #count = 0;
  #maxMs = 0;

  add(elapsedMs: number): void {
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, elapsedMs);
    const index = Math.min(stepOf(Math.ceil(elapsedMs * 1_000)), this.#counts.length - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  summary(): LatencySummary {
    return {
      count: this.#count,
      p50Ms: this.#percentileMs(0.5),
      p99Ms: this.#percentileMs(0.99),
      maxMs: this.#maxMs,
    };
  }

  #percentileMs(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) {
        const isLast = index === this.#counts.length - 1;
        return isLast ? this.#maxMs : Math.min(edgeMicroseconds(index) / 1_000, this.#maxMs);
      }
    }
    return this.#maxMs;
  }
}

/** Below 16 µs one step each; above, 16 steps from every power of two to the next. */
function stepOf(microseconds: number): number {
  let doublings = 0;
  let scaled = Math.max(microseconds, 0);
  while (scaled >= 2 * stepsPerDoubling && doublings < doublingsMax) {
    scaled /= 2;
    doublings += 1;
  }
  return doublings * stepsPerDoubling + Math.ceil(scaled);
}

function edgeMicroseconds(step: number): number {
  const doublings = Math.max(Math.ceil(step / stepsPerDoubling) - 2, 0);
  return (step - doublings * stepsPerDoubling) * 2 ** doublings;
}

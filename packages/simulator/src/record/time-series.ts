/** One stretch of time: mean and highest of each column over it. */
export interface Bucket {
  readonly fromMs: number;
  readonly means: readonly number[];
  readonly maxima: readonly number[];
}

/**
 * Columns of values that stay as they are between two moments, kept in buckets of equal width. When
 * there are too many, neighbours are put together and the width doubles, so a run of any length fits.
 */
export class TimeSeries {
  readonly startMs: number;
  readonly #columnCount: number;
  readonly #bucketsMax: number;
  #widthMs = 1_000;
  /** Value × ms, and highest, by bucket and column. */
  #sums: Float64Array[] = [];
  #maxima: Float64Array[] = [];
  #coveredMs: number[] = [];

  constructor(startMs: number, columnCount: number, bucketsMax: number) {
    this.startMs = startMs;
    this.#columnCount = columnCount;
    this.#bucketsMax = bucketsMax;
  }

  get widthMs(): number {
    return this.#widthMs;
  }

  add(fromMs: number, untilMs: number, values: Float64Array): void {
    while (untilMs - this.startMs > this.#widthMs * this.#bucketsMax) {
      this.#halve();
    }
    for (let at = fromMs; at < untilMs;) {
      const index = Math.floor((at - this.startMs) / this.#widthMs);
      const next = Math.min(untilMs, this.startMs + (index + 1) * this.#widthMs);
      this.#addTo(index, next - at, values);
      at = next;
    }
  }

  buckets(): readonly Bucket[] {
    return this.#sums.flatMap((sums, index) => {
      const coveredMs = this.#coveredMs[index] ?? 0;
      return coveredMs === 0
        ? []
        : [
            {
              fromMs: this.startMs + index * this.#widthMs,
              means: Array.from(sums, (sum) => sum / coveredMs),
              maxima: Array.from(this.#maxima[index] ?? []),
            },
          ];
    });
  }

  #addTo(index: number, lengthMs: number, values: Float64Array): void {
    while (this.#sums.length <= index) {
      this.#sums.push(new Float64Array(this.#columnCount));
      this.#maxima.push(new Float64Array(this.#columnCount).fill(-Infinity));
      this.#coveredMs.push(0);
    }
    const sums = this.#sums[index];
    const maxima = this.#maxima[index];
    if (sums === undefined || maxima === undefined) {
      return;
    }
    this.#coveredMs[index] = (this.#coveredMs[index] ?? 0) + lengthMs;
    for (let column = 0; column < this.#columnCount; column += 1) {
      const value = values[column] ?? 0;
      sums[column] = (sums[column] ?? 0) + value * lengthMs;
      if (value > (maxima[column] ?? -Infinity)) {
        maxima[column] = value;
      }
    }
  }

  #halve(): void {
    this.#widthMs *= 2;
    const sums: Float64Array[] = [];
    const maxima: Float64Array[] = [];
    const coveredMs: number[] = [];
    for (let at = 0; at < this.#sums.length; at += 2) {
      const left = this.#sums[at] ?? new Float64Array(this.#columnCount);
      const right = this.#sums[at + 1];
      const leftMax = this.#maxima[at] ?? new Float64Array(this.#columnCount);
      const rightMax = this.#maxima[at + 1];
      sums.push(right === undefined ? left : left.map((sum, column) => sum + (right[column] ?? 0)));
      maxima.push(
        rightMax === undefined
          ? leftMax
          : leftMax.map((one, column) => Math.max(one, rightMax[column] ?? -Infinity)),
      );
      coveredMs.push((this.#coveredMs[at] ?? 0) + (this.#coveredMs[at + 1] ?? 0));
    }
    this.#sums = sums;
    this.#maxima = maxima;
    this.#coveredMs = coveredMs;
  }
}

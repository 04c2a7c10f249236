/** A stretch of time over which every value stays as it is. */
export interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly values: Float64Array;
}

/** Time that is not counted yet: whether it belongs to the run shows when something moves again, or never does. */
export class QuietTime {
  #stretches: Stretch[] = [];

  /** Values are copied; stretches that follow each other with the same values become one. */
  push({ fromMs, untilMs, values }: Stretch): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && areSame(last.values, values)) {
      this.#stretches[this.#stretches.length - 1] = { ...last, untilMs };
    } else {
      this.#stretches.push({ fromMs, untilMs, values: Float64Array.from(values) });
    }
  }

  take(): readonly Stretch[] {
    const taken = this.#stretches;
    this.#stretches = [];
    return taken;
  }
}

function areSame(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, at) => Object.is(value, b[at]));
}

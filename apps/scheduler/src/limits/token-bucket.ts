/** How often one caller may call. */
export interface Rate {
  /** In the long run. */
  readonly callsPerSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
}

export const defaultRate: Rate = { callsPerSecond: 200, burst: 1_000 };

/** Lets `burst` calls through at once and refills by `callsPerSecond`. */
export class TokenBucket {
  readonly rate: Rate;
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.rate = rate;
    this.#tokens = rate.burst;
    this.#filledAtMs = nowMs;
  }

  /**
   * Takes one call. `nowMs` is monotonic.
   *
   * @returns 0 when it may go on, else after how many milliseconds the next one may
   */
  take(nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#filledAtMs = nowMs;
    const { burst, callsPerSecond } = this.rate;
    this.#tokens = Math.min(burst, this.#tokens + (passedMs * callsPerSecond) / 1_000);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1_000) / callsPerSecond));
  }
}

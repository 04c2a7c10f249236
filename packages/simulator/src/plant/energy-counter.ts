/** Counts the watt-ms of a draw that stays as it is from one change to the next. */
export class EnergyCounter {
  #watts: number;
  #sinceMs: number;
  #wattMs = 0;

  constructor(watts: number, nowMs: number) {
    this.#watts = watts;
    this.#sinceMs = nowMs;
  }

  /** What is drawn now. */
  get watts(): number {
    return this.#watts;
  }

  set(watts: number, nowMs: number): void {
    this.#wattMs = this.wattMsAt(nowMs);
    this.#sinceMs = nowMs;
    this.#watts = watts;
  }

  /** What was drawn since the beginning. */
  wattMsAt(nowMs: number): number {
    return this.#wattMs + this.#watts * (nowMs - this.#sinceMs);
  }
}

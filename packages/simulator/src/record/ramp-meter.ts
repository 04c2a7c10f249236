const minuteMs = 60_000;

/** How fast the mean draw of each whole minute differs from the one before it. */
export class RampMeter {
  /** Highest change up and down, watts a minute. */
  highestUpWatts = 0;
  highestDownWatts = 0;
  /** Watts a minute, of the minute that was closed last. */
  lastWatts = 0;
  readonly #startMs: number;
  #minute = 0;
  #wattMs = 0;
  #beforeWatts: number | undefined;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  add(fromMs: number, untilMs: number, watts: number): void {
    for (let at = fromMs; at < untilMs;) {
      const minute = Math.floor((at - this.#startMs) / minuteMs);
      if (minute > this.#minute) {
        this.#close();
        this.#minute = minute;
      }
      const next = Math.min(untilMs, this.#startMs + (minute + 1) * minuteMs);
      // Whole minutes in which nothing changes need no look at each.
      const skipped = next - at === minuteMs ? Math.floor((untilMs - next) / minuteMs) : 0;
      this.#wattMs += watts * (next - at);
      at = next;
      if (skipped > 1) {
        this.#close();
        this.#wattMs = watts * minuteMs;
        this.#close();
        this.#minute = minute + skipped;
        this.#wattMs = watts * minuteMs;
        at = next + (skipped - 1) * minuteMs + minuteMs;
      }
    }
  }

  #close(): void {
    const mean = this.#wattMs / minuteMs;
    if (this.#beforeWatts !== undefined) {
      this.lastWatts = mean - this.#beforeWatts;
      this.highestUpWatts = Math.max(this.highestUpWatts, this.lastWatts);
      this.highestDownWatts = Math.max(this.highestDownWatts, -this.lastWatts);
    }
    this.#beforeWatts = mean;
    this.#wattMs = 0;
  }
}

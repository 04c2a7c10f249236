/** A call whose time runs. */
export interface TimedCall {
  readonly endsAtMs: number;
  readonly end: () => void;
}

/** How much later than its time a call may be ended. */
const sweepMsMax = 1_000;

/**
 * Ends calls that take too long. One timer for all of them: calls end in the order in which they came,
 * because all have the same time, so a look at the oldest is enough.
 */
export class CallTimer {
  readonly #callMsMax: number;
  readonly #nowMs: () => number;
  readonly #calls = new Set<TimedCall>();
  #sweep: NodeJS.Timeout | undefined;

  /** @param nowMs monotonic */
  constructor(callMsMax: number, nowMs: () => number) {
    this.#callMsMax = callMsMax;
    this.#nowMs = nowMs;
  }

  add(end: () => void): TimedCall {
    const call: TimedCall = { endsAtMs: this.#nowMs() + this.#callMsMax, end };
    this.#calls.add(call);
    this.#sweep ??= setInterval(
      () => this.#endOld(),
      Math.min(sweepMsMax, Math.ceil(this.#callMsMax / 4)),
    ).unref();
    return call;
  }

  remove(call: TimedCall | undefined): void {
    if (call !== undefined) {
      this.#calls.delete(call);
    }
  }

  #endOld(): void {
    const nowMs = this.#nowMs();
    for (const call of this.#calls) {
      if (call.endsAtMs > nowMs) {
        break;
      }
      this.#calls.delete(call);
      call.end();
    }
    if (this.#calls.size === 0) {
      clearInterval(this.#sweep);
      this.#sweep = undefined;
    }
  }
}

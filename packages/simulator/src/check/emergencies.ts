import { toNumber } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";

interface Cut {
  readonly startMs: number;
  /** When it has given all watts back. */
  readonly overMs: number;
  readonly backMs: number;
}

/** What is cut gives watts back over its ramp, over a minute at least. */
const backMsMin = 60_000;

/** Lost feeds and emergency curtailments, from events alone: while one is on, watts may fall at once. */
export class Emergencies {
  readonly #lost = new Set<number>();
  readonly #cuts = new Map<string, Cut>();

  observe(event: Event, nowMs: number): void {
    switch (event.kind) {
      case "supply-lost":
        this.#lost.add(event.domain);
        return;
      case "supply-back":
        this.#lost.delete(event.domain);
        return;
      case "curtailment-scheduled": {
        const { id, mode, start, end, ramp } = event.curtailment;
        if (mode === "emergency") {
          const backMs = Math.max(backMsMin, toNumber(ramp));
          const overMs = toNumber(end) + backMs;
          this.#cuts.set(id, { startMs: toNumber(start), overMs, backMs });
        }
        return;
      }
      case "curtailment-cancelled": {
        const cut = this.#cuts.get(event.id);
        if (cut !== undefined) {
          this.#cuts.set(event.id, { ...cut, overMs: nowMs + cut.backMs });
        }
        return;
      }
      default:
    }
  }

  get isSupplyLost(): boolean {
    return this.#lost.size > 0;
  }

  /** Is one on, or giving watts back, now? */
  isOn(nowMs: number): boolean {
    for (const [id, { startMs, overMs }] of this.#cuts) {
      if (overMs <= nowMs) {
        this.#cuts.delete(id);
      } else if (startMs <= nowMs) {
        return true;
      }
    }
    return this.#lost.size > 0;
  }
}

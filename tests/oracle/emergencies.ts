import { toNumber } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";

/** An emergency that is over gives watts back for a minute at least. */
const backMsMin = 60_000;

/** Lost feeds and emergency curtailments by site: while one is on, watts may fall at once. */
export class Emergencies {
  readonly #lost = new Map<string, Set<number>>();
  readonly #cuts = new Map<
    string,
    { site: string; fromMs: number; untilMs: number; backMs: number }
  >();

  observe(event: Event, nowMs: number): void {
    switch (event.kind) {
      case "supply-lost":
        this.#lost.set(event.site, (this.#lost.get(event.site) ?? new Set()).add(event.domain));
        return;
      case "supply-back":
        this.#lost.get(event.site)?.delete(event.domain);
        return;
      case "curtailment-scheduled": {
        const { id, site, mode, start, end, ramp } = event.curtailment;
        if (mode === "emergency") {
          const backMs = Math.max(backMsMin, toNumber(ramp));
          const times = { fromMs: toNumber(start), untilMs: toNumber(end) + backMs, backMs };
          this.#cuts.set(id, { site, ...times });
        }
        return;
      }
      case "curtailment-cancelled": {
        const cut = this.#cuts.get(event.id);
        if (cut !== undefined) {
          cut.untilMs = nowMs + cut.backMs;
        }
        return;
      }
      default:
    }
  }

  isOn(site: string, nowMs: number): boolean {
    const isCut = [...this.#cuts.values()].some(
      (cut) => cut.site === site && cut.fromMs <= nowMs && nowMs <= cut.untilMs,
    );
    return isCut || (this.#lost.get(site)?.size ?? 0) > 0;
  }
}

import { toNumber } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";
import type { Report } from "./violation.ts";
import type { SiteBook } from "./site-book.ts";

interface Ceiling {
  readonly id: string;
  readonly domain: string;
  readonly watts: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Bounds may be above it: it is a target for mean draw. */
  readonly isTarget: boolean;
}

/** Nothing grows where a budget in force, or an emergency's target, would be passed. */
export class BudgetCheck {
  readonly ceilings: Map<string, Ceiling> = new Map();
  readonly #book: SiteBook;
  readonly #report: Report;

  constructor(book: SiteBook, report: Report) {
    this.#book = book;
    this.#report = report;
  }

  observe(event: Event, atMs: number): void {
    switch (event.kind) {
      case "budget-set": {
        const { id, domain, ceiling, from, until } = event.budget;
        this.ceilings.set(id, {
          id,
          domain,
          watts: toNumber(ceiling),
          fromMs: toNumber(from),
          untilMs: until === undefined ? Infinity : toNumber(until),
          isTarget: false,
        });
        return;
      }
      case "curtailment-scheduled": {
        const { id, domain, target, start, end, ramp, mode } = event.curtailment;
        this.ceilings.set(id, {
          id,
          domain,
          watts: toNumber(target),
          fromMs: toNumber(start) + (mode === "planned" ? toNumber(ramp) : 0),
          untilMs: toNumber(end),
          isTarget: mode === "planned",
        });
        return;
      }
      case "budget-removed":
        this.ceilings.delete(event.id);
        return;
      case "budgets-expired":
      case "curtailment-ended":
        for (const id of event.ids) {
          this.ceilings.delete(id);
        }
        return;
      case "curtailment-cancelled": {
        const found = this.ceilings.get(event.id);
        if (found !== undefined) {
          this.ceilings.set(event.id, { ...found, untilMs: atMs });
        }
        return;
      }
      default:
    }
  }

  /** The lowest ceiling at a domain now, or Infinity. */
  ceilingWatts(domain: number, atMs: number, isTarget: boolean): number {
    const id = this.#book.site.domains[domain]?.id;
    let lowest = Infinity;
    for (const one of this.ceilings.values()) {
      const isInForce = one.domain === id && one.fromMs <= atMs && atMs < one.untilMs;
      if (isInForce && one.isTarget === isTarget) {
        lowest = Math.min(lowest, one.watts);
      }
    }
    return lowest;
  }

  checkGrowth(domain: number, event: Event, atMs: number): void {
    if (this.ceilings.size === 0) {
      return;
    }
    const ceiling = this.ceilingWatts(domain, atMs, false);
    if (this.#book.loadWatts(domain) > ceiling) {
      this.#report(
        "budget",
        `after ${event.kind}: ${this.#book.site.domains[domain]?.id ?? ""} grew to ${this.#book.loadWatts(domain).toFixed(1)} W above ${ceiling} W`,
      );
    }
  }
}

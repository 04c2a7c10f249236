import { toNumber } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";
import type { SiteBook } from "./site-book.ts";
import { keyText, type Report } from "./violation.ts";

/** What became of the watts after part of a supply was lost. */
export interface SupplyScore {
  readonly domain: number;
  readonly leftWatts: number;
  readonly lostAtMs: number;
  /** Until the bounds in force were within what was left; undefined: they never were while it lasted. */
  readonly boundedAfterMs: number | undefined;
  /** How long more was really drawn than was left, and how much more at most. */
  readonly drawnOverMs: number;
  readonly drawnOverWatts: number;
}

interface Loss extends SupplyScore {
  boundedAfterMs: number | undefined;
  drawnOverMs: number;
  drawnOverWatts: number;
  isOver: boolean;
}

/**
 * After a loss everything that was ordered fits into what is left, and until it is carried out nothing
 * grows; how long that takes is the nodes' and the programs' time: it is measured.
 */
export class SupplyCheck {
  readonly #book: SiteBook;
  readonly #report: Report;
  readonly #losses: Loss[] = [];
  /** Attempts that are told to stop, and those that ended and have not confirmed it. */
  readonly #leaving = new Set<string>();
  /** Nodes that are told to switch off. */
  readonly #sleeping = new Set<number>();

  constructor(book: SiteBook, report: Report) {
    this.#book = book;
    this.#report = report;
  }

  get losses(): readonly SupplyScore[] {
    return this.#losses;
  }

  observe(event: Event, atMs: number): void {
    switch (event.kind) {
      case "stop-requested":
      case "attempt-exited":
        this.#leaving.add(keyText(event.attempt));
        break;
      case "placement-released":
        if (event.nodes.length === 0) {
          this.#leaving.delete(keyText(event.attempt));
        }
        break;
      case "node-sleep-requested":
        event.nodes.forEach((node) => this.#sleeping.add(node));
        break;
      case "node-wake-requested":
        event.nodes.forEach((node) => this.#sleeping.delete(node));
        break;
      case "node-returned":
        this.#sleeping.delete(event.node);
        break;
      case "supply-lost":
        this.#end(event.domain);
        this.#begin(event.domain, toNumber(event.remaining), atMs);
        break;
      case "supply-back":
        this.#end(event.domain);
        this.#book.setLeft(event.domain, undefined);
        break;
      default:
    }
    for (const loss of this.#losses) {
      if (!loss.isOver && loss.boundedAfterMs === undefined && !this.#book.isOver(loss.domain)) {
        loss.boundedAfterMs = atMs - loss.lostAtMs;
      }
    }
  }

  /** A command was carried out to its end. */
  checkOrders(): void {
    for (const { domain, leftWatts, isOver, boundedAfterMs } of this.#losses) {
      if (isOver || boundedAfterMs !== undefined) {
        continue;
      }
      const { watts, runningCount } = this.#book.orderedWatts(domain, {
        isLeaving: (key) => this.#leaving.has(keyText(key)),
        isGoingOff: (node) => this.#sleeping.has(node),
      });
      if (watts > leftWatts && runningCount > 0) {
        const id = this.#book.site.domains[domain]?.id ?? "";
        this.#report(
          "supply",
          `${leftWatts} W are left at ${id}, and what is ordered comes to ${watts.toFixed(1)} W, while ${runningCount} attempts there are not told to stop`,
        );
      }
    }
  }

  /** Everything stayed as it is for so long. */
  passFor(lengthMs: number, drawnWatts: (domain: number) => number): void {
    for (const loss of this.#losses) {
      const over = loss.isOver ? 0 : drawnWatts(loss.domain) - loss.leftWatts;
      if (over > 0) {
        loss.drawnOverMs += lengthMs;
        loss.drawnOverWatts = Math.max(loss.drawnOverWatts, over);
      }
    }
  }

  #begin(domain: number, leftWatts: number, lostAtMs: number): void {
    this.#book.setLeft(domain, leftWatts);
    this.#losses.push({
      domain,
      leftWatts,
      lostAtMs,
      boundedAfterMs: undefined,
      drawnOverMs: 0,
      drawnOverWatts: 0,
      isOver: false,
    });
  }

  #end(domain: number): void {
    for (const loss of this.#losses) {
      if (loss.domain === domain) {
        loss.isOver = true;
      }
    }
  }
}

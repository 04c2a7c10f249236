import { toNumber } from "@ertis/quantities";
import { acknowledgeMs, type Event } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import type { Emergencies } from "./emergencies.ts";
import { type KnownStop, KnownStops } from "./known-stops.ts";
import { largestStepWatts, RampGauge, type RampRule, steepestAfter } from "./ramp-gauge.ts";
import type { SiteBook } from "./site-book.ts";
import { keyText, type Report } from "./violation.ts";

/** Why a domain stepped. Planned steps keep the limit; the others are counted. */
export type StepCause = (typeof stepCauses)[number];

export const stepCauses = [
  "planned",
  "emergency",
  "late-answer",
  "too-large",
  "due",
  "end",
  "other",
] as const;

/** What a domain with a limit for its ramp did, by its bounds. */
export interface RampScore {
  readonly domain: number;
  readonly rule: RampRule;
  /** Steepest change of the mean bound. */
  readonly upWatts: number;
  readonly downWatts: number;
  /** How long the limit was passed, for whatever reason. */
  readonly overMs: number;
  /** Steps that were not planned and passed the limit, by cause. */
  readonly overCounts: Readonly<Partial<Record<StepCause, number>>>;
}

interface RampedDomain {
  readonly index: number;
  readonly id: string;
  readonly gauge: RampGauge;
  watts: number;
  upWatts: number;
  downWatts: number;
  overMs: number;
  readonly overCounts: Partial<Record<StepCause, number>>;
}

/** Parts of a watt are lost where loads are divided. */
const roundingWatts = 2;

/**
 * Ramps by their definition, on the bounds in force at every domain that has one. What the scheduler
 * raises, lowers, stops or switches off by itself keeps them, with all that was known when it was ordered.
 * Emergencies may step, walltimes and drains are wound down where that is possible, and other ends come when they
 * come: these are counted.
 */
export class RampCheck {
  readonly #book: SiteBook;
  readonly #emergencies: Emergencies;
  readonly #report: Report;
  readonly #domains: readonly RampedDomain[];
  /** Caps that are not answered yet: when the newest was ordered, and whether in an emergency. */
  readonly #orders = new Map<string, { readonly atMs: number; readonly isForced: boolean }>();
  readonly #stops: KnownStops;

  constructor(book: SiteBook, emergencies: Emergencies, report: Report) {
    this.#book = book;
    this.#emergencies = emergencies;
    this.#report = report;
    this.#stops = new KnownStops(emergencies);
    this.#domains = rampedDomains(book.site).map(({ index, id, rule }) => ({
      index,
      id,
      gauge: new RampGauge(rule),
      watts: book.loadWatts(index),
      upWatts: 0,
      downWatts: 0,
      overMs: 0,
      overCounts: {},
    }));
  }

  /** After the books took the event in. */
  observe(event: Event, atMs: number): void {
    if (this.#domains.length === 0) {
      return;
    }
    this.#stops.observe(event, atMs);
    for (const domain of this.#domains) {
      const watts = this.#book.loadWatts(domain.index) - domain.watts;
      domain.watts += watts;
      if (watts !== 0) {
        this.#step(domain, event, watts, atMs);
      }
    }
    this.#noteOrder(event, atMs);
  }

  score(atMs: number): readonly RampScore[] {
    return this.#domains.map((domain) => {
      this.#pass(domain, atMs);
      const { index, gauge, upWatts, downWatts, overMs, overCounts } = domain;
      return { domain: index, rule: gauge.rule, upWatts, downWatts, overMs, overCounts };
    });
  }

  #noteOrder(event: Event, atMs: number): void {
    if (event.kind === "cap-set") {
      this.#orders.set(keyText(event.attempt), { atMs, isForced: this.#emergencies.isOn(atMs) });
    } else if (event.kind === "cap-acknowledged" || event.kind === "attempt-exited") {
      this.#orders.delete(keyText(event.attempt));
    }
  }

  #step(domain: RampedDomain, event: Event, watts: number, atMs: number): void {
    const { gauge, id } = domain;
    this.#pass(domain, atMs);
    const cause = this.#causeOf(domain, event, watts, atMs);
    gauge.step({ atMs, watts, isSurprise: cause !== "planned" });
    const orderedMs = watts < 0 ? this.#orderedMs(event, atMs) : atMs;
    // What fell by surprise after the order could not be known when it was given.
    const known = gauge.steps.filter(
      (one) => !(one.isSurprise === true && one.watts < 0 && one.atMs > orderedMs),
    );
    const steps = cause === "planned" ? known : gauge.steps;
    const { upWatts, downWatts } = steepestAfter(steps, gauge.rule, atMs);
    const change = watts > 0 ? upWatts : downWatts;
    const { limitWatts, perMs, windowMs } = gauge.rule;
    if (change <= limitWatts + roundingWatts) {
      return;
    }
    if (cause === "planned") {
      const way = watts > 0 ? "rise" : "fall";
      this.#report(
        "ramp",
        `after ${event.kind}: bounds of ${id} ${way} by ${Math.ceil(change)} W in ${perMs / 1_000} s on means over ${windowMs / 1_000} s, ${limitWatts} W are allowed`,
      );
    } else {
      domain.overCounts[cause] = (domain.overCounts[cause] ?? 0) + 1;
    }
  }

  /** When what falls now was asked to. */
  #orderedMs(event: Event, atMs: number): number {
    const stop = this.#stops.stopOf(event);
    if (stop !== undefined) {
      return stop.askedAtMs;
    }
    return "attempt" in event ? (this.#orders.get(keyText(event.attempt))?.atMs ?? atMs) : atMs;
  }

  #causeOf(domain: RampedDomain, event: Event, watts: number, atMs: number): StepCause {
    const stop = this.#stops.stopOf(event);
    if (stop !== undefined) {
      return causeOfStop(domain, stop, watts, atMs);
    }
    switch (event.kind) {
      case "attempt-started":
        return watts > largestStepWatts(domain.gauge.rule) ? "too-large" : "planned";
      case "cap-set":
        return "planned";
      case "cap-acknowledged": {
        const order = this.#orders.get(keyText(event.attempt));
        if (order?.isForced === true || this.#emergencies.isOn(atMs)) {
          return "emergency";
        }
        return atMs - (order?.atMs ?? atMs) > acknowledgeMs ? "late-answer" : "planned";
      }
      case "placement-released":
        return "end";
      default:
        return "other";
    }
  }

  #pass(domain: RampedDomain, atMs: number): void {
    const { upWatts, downWatts, overMs } = domain.gauge.passTo(atMs);
    domain.upWatts = Math.max(domain.upWatts, upWatts);
    domain.downWatts = Math.max(domain.downWatts, downWatts);
    domain.overMs += overMs;
  }
}

function causeOfStop(
  { index, gauge }: RampedDomain,
  { kind, untilMs, fallen }: KnownStop,
  watts: number,
  atMs: number,
): StepCause {
  if (kind !== "planned") {
    return kind === "forced" ? "emergency" : "due";
  }
  const fallenWatts = (fallen.get(index) ?? 0) - watts;
  fallen.set(index, fallenWatts);
  if (atMs > untilMs) {
    return "late-answer";
  }
  // What takes no caps, or more of them than a ramp ever allows, stops when its domain is quiet.
  return fallenWatts > largestStepWatts(gauge.rule) + roundingWatts ? "too-large" : "planned";
}

/** Domains with a limit for their ramp. */
export function rampedDomains(
  site: Site,
): readonly { readonly index: number; readonly id: string; readonly rule: RampRule }[] {
  return site.domains.flatMap(({ index, id, ramp }) => {
    if (ramp === undefined) {
      return [];
    }
    const { watts, perMs, windowMs } = ramp;
    return [{ index, id, rule: { limitWatts: toNumber(watts), perMs, windowMs } }];
  });
}

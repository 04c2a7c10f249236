import { toNumber } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";
import type { Checker, Moment } from "../checker.ts";
import type { SiteBook } from "../site-book.ts";

/** One change of the bounds in force at a domain, above 0: more. */
interface Step {
  readonly atMs: number;
  readonly watts: number;
}

interface Domain {
  readonly id: string;
  readonly index: number;
  readonly limitWatts: number;
  readonly windowMs: number;
  readonly steps: Step[];
}

/** A mean is compared with the one this long before. */
const minuteMs = 60_000;
/** Loads are compared as rounded watts here. */
const roundingWatts = 2;

/**
 * What the scheduler raises (starts, caps) never makes the mean of a window more than the limit of a
 * minute higher than the one a minute before. By the definition, on the steps of the bounds alone. A
 * start that is larger than the limit ever allows is let through, and ends come when they come.
 */
export function rampChecker(): Checker {
  const domainsOf = new WeakMap<SiteBook, readonly Domain[]>();
  const before = new Map<Domain, number>();
  const domains = (book: SiteBook): readonly Domain[] => {
    const found = domainsOf.get(book) ?? rampedDomains(book);
    domainsOf.set(book, found);
    return found;
  };
  return {
    property: "ramp",
    before(_event, { world }) {
      for (const book of world.sites.values()) {
        for (const domain of domains(book)) {
          before.set(domain, wattsOf(book, domain));
        }
      }
    },
    after(event, moment) {
      for (const book of moment.world.sites.values()) {
        for (const domain of domains(book)) {
          const watts = wattsOf(book, domain) - (before.get(domain) ?? wattsOf(book, domain));
          if (watts !== 0) {
            observe(domain, event, watts, moment);
          }
        }
      }
    },
  };
}

function rampedDomains({ site }: SiteBook): readonly Domain[] {
  return site.domains.flatMap(({ id, index, ramp }) =>
    ramp === undefined
      ? []
      : [
          {
            id,
            index,
            limitWatts: toNumber(ramp.watts),
            windowMs: ramp.windowMs,
            steps: [],
          },
        ],
  );
}

function wattsOf({ ledger, tree }: SiteBook, { index }: Domain): number {
  return Number(ledger.load(index)) / Number(tree.scale[index] ?? 1n);
}

function observe(domain: Domain, event: Event, watts: number, { world, report }: Moment): void {
  const { steps, limitWatts, windowMs, id } = domain;
  const atMs = world.nowMs;
  const memoryMs = windowMs + minuteMs;
  steps.push({ atMs, watts });
  steps.splice(
    0,
    steps.findIndex((step) => step.atMs > atMs - memoryMs),
  );
  const isPlanned = event.kind === "attempt-started" || event.kind === "cap-set";
  if (!isPlanned || watts < 0 || watts > largestStep(domain)) {
    return;
  }
  for (const moment of bends(domain)) {
    const change = changeAt(domain, moment);
    if (part(domain, moment - atMs) > 0 && change > limitWatts + roundingWatts) {
      report(`bounds rise by ${Math.ceil(change)} W a minute, ${limitWatts} W are allowed`, id);
      return;
    }
  }
}

/** Of a step this long ago, what stands in the newer mean and not in the older one. */
function part({ windowMs }: Domain, sinceMs: number): number {
  const inMean = (ms: number): number => Math.max(0, Math.min(1, ms / windowMs));
  return inMean(sinceMs) - inMean(sinceMs - minuteMs);
}

function changeAt(domain: Domain, atMs: number): number {
  return domain.steps.reduce(
    (sum, { atMs: from, watts }) => sum + watts * part(domain, atMs - from),
    0,
  );
}

/** The change is a straight line between these moments. */
function bends({ steps, windowMs }: Domain): readonly number[] {
  return steps.flatMap(({ atMs }) =>
    [0, windowMs, minuteMs, windowMs + minuteMs].map((bend) => atMs + bend),
  );
}

/** What a quiet domain may add at once. */
function largestStep(domain: Domain): number {
  return domain.limitWatts / part(domain, Math.min(domain.windowMs, minuteMs));
}

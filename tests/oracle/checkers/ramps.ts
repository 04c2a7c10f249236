import { toNumber, watts } from "@ertis/quantities";
import { acknowledgeMs, type AttemptKey, type Event } from "@ertis/scheduler-engine";
import { Emergencies } from "@ertis/simulator";
import { type Checker, keyText, type Moment } from "../checker.ts";
import { capStepWatts, type KnownEnd, KnownEnds } from "../known-ends.ts";
import { type RampedDomain, rampedDomains } from "../ramped-domain.ts";
import type { SiteBook } from "../site-book.ts";

/** Loads are compared as rounded watts here. */
const roundingWatts = 2;
/** Ends are looked at so long before at least, beside what means remember. */
const lookAheadMs = 170_000;
/** Who looks at ends less often cannot wind them down. */
const lookGapMs = 6_000;

/** A watt of a node counts as so many at most in the domains above it. */
const scaleMax = 2;

/** A change at a domain and what is judged of it. */
interface Judged {
  /** What came by surprise after this could not be known. */
  readonly knownMs: number;
  /** Caps move in steps: more than this may be too much. */
  readonly slackWatts: number;
}

/**
 * What the scheduler plans keeps every ramp, both ways, by the definition, on the steps of the bounds
 * alone: starts, raises, lowerings that are answered in time, and ends that were known ahead, as far as
 * caps can wind them down. A start that is larger than a ramp ever allows is let through; emergencies
 * may step, and what ends by surprise is only taken into account.
 */
export function rampChecker(): Checker {
  const domainsOf = new WeakMap<SiteBook, readonly RampedDomain[]>();
  const before = new Map<RampedDomain, number>();
  const domains = (book: SiteBook): readonly RampedDomain[] => {
    const found = domainsOf.get(book) ?? rampedDomains(book);
    domainsOf.set(book, found);
    return found;
  };
  const judge = new Judge();
  return {
    property: "ramp",
    before(event, { world }) {
      judge.before(event, world);
      for (const book of world.sites.values()) {
        for (const domain of domains(book)) {
          before.set(domain, wattsOf(book, domain));
        }
      }
    },
    after(event, moment) {
      for (const book of moment.world.sites.values()) {
        for (const domain of domains(book)) {
          const change = wattsOf(book, domain) - (before.get(domain) ?? wattsOf(book, domain));
          if (change !== 0) {
            observe(domain, judge.judge(domain, event, change, moment), change, moment);
          }
        }
      }
      judge.after(event, moment.world);
    },
    entryEnd({ world }) {
      judge.look(world.nowMs);
    },
  };
}

function wattsOf({ ledger, tree }: SiteBook, { index }: RampedDomain): number {
  return Number(ledger.load(index)) / Number(tree.scale[index] ?? 1n);
}

function observe(
  domain: RampedDomain,
  judged: Judged | undefined,
  change: number,
  { world, report }: Moment,
): void {
  const atMs = world.nowMs;
  const isSurprise = judged === undefined && change < 0;
  domain.add({ atMs, watts: change, isSurprise });
  if (isSurprise) {
    domain.disturb(atMs);
  }
  if (judged === undefined) {
    return;
  }
  const way = change > 0 ? 1 : -1;
  const steepest = domain.steepest(way, atMs, judged.knownMs);
  if (steepest > domain.rule.limitWatts + roundingWatts + judged.slackWatts) {
    report(
      `bounds ${way > 0 ? "rise" : "fall"} by ${Math.ceil(steepest)} W in ${domain.rule.perMs / 1000} s, ${domain.rule.limitWatts} W are allowed`,
      domain.id,
    );
  }
}

/** Of what begins or ends an emergency; undefined: it is said by name, whatever the site. */
function siteOf(event: Event): string | undefined {
  switch (event.kind) {
    case "supply-lost":
    case "supply-back":
      return event.site;
    case "curtailment-scheduled":
      return event.curtailment.site;
    default:
      return undefined;
  }
}

interface Released {
  readonly end: KnownEnd;
  readonly site: string;
  readonly peakWatts: number;
  readonly gpuCount: number;
}

/** Which changes are planned, so that they are promised to keep ramps. */
class Judge {
  /** By site. */
  readonly #emergencies = new Map<string, Emergencies>();
  readonly #ends = new KnownEnds();
  readonly #orders = new Map<string, { readonly atMs: number; readonly isForced: boolean }>();
  /** What the event in hand releases, where its end was known. */
  #released: Released | undefined;
  #lastAtMs = -Infinity;
  #gapAtMs = -Infinity;

  /** Somebody decides something, or finds nothing to decide. */
  look(nowMs: number): void {
    if (nowMs - this.#lastAtMs > lookGapMs) {
      this.#gapAtMs = nowMs;
    }
    this.#lastAtMs = nowMs;
  }

  before(event: Event, world: Moment["world"]): void {
    this.look(world.nowMs);
    for (const site of world.sites.keys()) {
      const told = this.#emergencies.get(site) ?? new Emergencies();
      this.#emergencies.set(site, told);
      if ((siteOf(event) ?? site) === site) {
        told.observe(event, world.nowMs);
      }
    }
    this.#ends.before(event, world);
    this.#released =
      event.kind === "placement-released" ? this.#releasedBy(event.attempt, world) : undefined;
  }

  #releasedBy(key: AttemptKey, world: Moment["world"]): Released | undefined {
    const attempt = world.attemptOf(key);
    const end = attempt && this.#ends.endOf(attempt, world.nowMs);
    if (attempt === undefined || end === undefined) {
      return undefined;
    }
    const classes = [...attempt.held].map((node) => world.sites.get(attempt.site)?.classOf(node));
    return {
      end,
      site: attempt.site,
      peakWatts: classes.reduce((sum, one) => sum + toNumber(one?.peakWatts ?? watts(0)), 0),
      gpuCount: classes.reduce((sum, one) => sum + (one?.gpuCount ?? 0), 0),
    };
  }

  after(event: Event, world: Moment["world"]): void {
    this.#ends.after(event, world);
    if (event.kind === "cap-set") {
      const site = world.attemptOf(event.attempt)?.site ?? "";
      const isForced = this.#isForced(site, world.nowMs);
      this.#orders.set(keyText(event.attempt), { atMs: world.nowMs, isForced });
    }
  }

  /** Undefined: it is not promised anything. */
  judge(domain: RampedDomain, event: Event, change: number, { world }: Moment): Judged | undefined {
    const atMs = world.nowMs;
    switch (event.kind) {
      case "attempt-started":
        return change > domain.largestStepWatts ? undefined : { knownMs: atMs, slackWatts: 0 };
      case "cap-set":
        return { knownMs: atMs, slackWatts: 0 };
      case "cap-acknowledged":
        return this.#judgeAnswer(event.attempt, world);
      case "placement-released":
        return this.#judgeEnd(domain, world);
      default:
        return undefined;
    }
  }

  #judgeAnswer(key: AttemptKey, world: Moment["world"]): Judged | undefined {
    const order = this.#orders.get(keyText(key));
    const isLate = order === undefined || world.nowMs > order.atMs + acknowledgeMs;
    const site = world.attemptOf(key)?.site ?? "";
    const isForced = order?.isForced === true || this.#isForced(site, world.nowMs);
    return isLate || isForced ? undefined : { knownMs: order.atMs, slackWatts: 0 };
  }

  /** While an emergency is on, watts may fall at once. */
  #isForced(site: string, nowMs: number): boolean {
    return this.#emergencies.get(site)?.isOn(nowMs) === true;
  }

  /** What stops and is not released yet, at most. */
  #pendingWatts(site: string, world: Moment["world"]): number {
    const book = world.sites.get(site);
    const pending = new Set(
      (book?.nodes ?? []).flatMap(({ holds }) =>
        [...holds.keys()].filter(({ phase }) => phase === "stopping" || phase === "exited"),
      ),
    );
    let peakWatts = 0;
    for (const { held } of pending) {
      for (const node of held) {
        peakWatts += toNumber(book?.classOf(node)?.peakWatts ?? watts(0));
      }
    }
    return peakWatts * scaleMax;
  }

  /** Judged only where there was time to wind it down, somebody looked, and nothing came between. */
  #judgeEnd(domain: RampedDomain, world: Moment["world"]): Judged | undefined {
    const released = this.#released;
    if (released === undefined || !released.end.isAboveFloor) {
      return undefined;
    }
    const { end, site, peakWatts, gpuCount } = released;
    const { askedAtMs, sinceMs } = end;
    const leastMs = domain.memoryMs + lookAheadMs;
    const fallMs = (peakWatts * scaleMax * domain.rule.perMs) / domain.rule.limitWatts;
    const isInTime = askedAtMs - sinceMs > leastMs + fallMs;
    // Who has to share the room with many others may not get down in time.
    const fallWatts =
      domain.fallenSince(askedAtMs - leastMs - fallMs) + this.#pendingWatts(site, world);
    const hasRoom = fallWatts * domain.rule.perMs <= domain.rule.limitWatts * lookAheadMs;
    const isLookedAt = this.#gapAtMs <= askedAtMs - leastMs;
    const isQuiet = !domain.isDisturbedSince(askedAtMs - leastMs - fallMs);
    return isInTime && hasRoom && isLookedAt && isQuiet && !this.#isForced(site, world.nowMs)
      ? { knownMs: askedAtMs, slackWatts: gpuCount * capStepWatts * scaleMax }
      : undefined;
  }
}

import { toNumber } from "@ertis/quantities";
import type { Curtailment, Event, FlexibilityTier } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { Failures } from "./failures.ts";
import type { WayBack } from "./way-back.ts";

/** A curtailment, and what it costs the jobs below its domain. */
interface LossWindow extends Span {
  /** From then on caps may fall for it. */
  fallsFromMs: number;
  /** So long after its end it has given all watts back, at the latest. */
  readonly backMs: number;
  /** Tiers whose floors it gives up. */
  readonly giveUp: readonly FlexibilityTier[];
  /** Emergencies keep floors, too: they are refused where that cannot be. */
  readonly isEmergency: boolean;
  readonly scheduledAtMs: number;
  /** Something came between that nobody could know when it was accepted: floors may give way. */
  isForced: boolean;
  /** So long answers to orders were late since then: others give watts meanwhile. */
  lateMs: number;
  /** What checkpoints and restores take of those who paused while an answer was late, however soon it came after. */
  readonly lateStopsMs: Map<SimulatedJob, number>;
  /** Ms at full speed, by job. */
  readonly losses: Map<SimulatedJob, number>;
}

/** What curtailments took of their jobs. */
export interface FloorScore {
  /** Jobs that lost speed to a curtailment, once for each. */
  readonly touchedCount: number;
  readonly brokenCount: number;
  /** Lost more than their tier tolerates, whose floors were given up by name. */
  readonly givenUpCount: number;
  /** Lost more than their tier tolerates, because something came between that nobody could know (`isForced`). */
  readonly forcedCount: number;
}

/** Orders are carried out a little later, ends are whole ms: so much of a loss is nobody's. */
const roundingPart = 0.005;
const roundingMs = 30_000;
const minuteMs = 60_000;

/** What holds a job. */
interface Held {
  /** Domains above the job. */
  readonly domains: ReadonlySet<string>;
  /** Curtailments below which it gave nodes back that it goes on without, also where none of its nodes is below them now. */
  readonly withoutBelow: ReadonlySet<string>;
}

interface LossSpan extends Held {
  readonly fromMs: number;
  readonly untilMs: number;
  /** One that is over and gave its floor up still costs it that. */
  readonly isOnWayBack: boolean;
}

/** How much of a span lies in any of these windows, from when caps may fall for them. */
function coveredMs(windows: readonly LossWindow[], fromMs: number, untilMs: number): number {
  let coveredToMs = fromMs;
  let sumMs = 0;
  for (const { fallsFromMs, endMs } of windows.toSorted((a, b) => a.fallsFromMs - b.fallsFromMs)) {
    const lateMs = Math.min(untilMs, endMs);
    sumMs += Math.max(0, lateMs - Math.max(coveredToMs, fallsFromMs));
    coveredToMs = Math.max(coveredToMs, lateMs);
  }
  return sumMs;
}

/** A curtailment or a budget: where and when it is in force. */
export interface Span {
  readonly id: string;
  readonly domain: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** In force at the same time somewhere on the way from a node to the feed? */
function meet(one: Span, other: Span): boolean {
  return (
    one.id !== other.id &&
    one.startMs < other.endMs &&
    other.startMs < one.endMs &&
    (isWithin(one.domain, other.domain) || isWithin(other.domain, one.domain))
  );
}

function isWithin(domain: string, outer: string): boolean {
  return domain === outer || domain.startsWith(`${outer}/`);
}

function isHolding({ id, domain }: Span, { domains, withoutBelow }: Held): boolean {
  return domains.has(domain) || withoutBelow.has(id);
}

/** Sums up what curtailments cost, and judges each when it is over. */
export class LossWindows {
  readonly #windows = new Map<string, LossWindow>();
  /** When each began, and by when it has given all watts back, at the latest. */
  readonly #felt: { readonly startMs: number; readonly untilMs: number }[] = [];
  readonly #failures = new Failures();
  readonly #complain: (message: string) => void;
  readonly #leadMostMs: number;
  touchedCount = 0;
  brokenCount = 0;
  givenUpCount = 0;
  forcedCount = 0;

  /** @param leadMostMs so long before its start caps fall for one at the earliest */
  constructor(complain: (message: string) => void, leadMostMs: number) {
    this.#complain = complain;
    this.#leadMostMs = leadMostMs;
  }

  get openCount(): number {
    return this.#windows.size;
  }

  open({ id, domain, mode, start, end, ramp, giveUp = [] }: Curtailment, nowMs: number): void {
    const [startMs, endMs] = [toNumber(start), toNumber(end)];
    const backMs = 2 * Math.max(minuteMs, toNumber(ramp));
    this.#felt.push({ startMs, untilMs: endMs + backMs });
    const window: LossWindow = {
      id,
      domain,
      startMs,
      endMs,
      fallsFromMs: startMs,
      backMs,
      giveUp,
      isEmergency: mode === "emergency",
      scheduledAtMs: nowMs,
      isForced: false,
      lateMs: 0,
      lateStopsMs: new Map(),
      losses: new Map(),
    };
    for (const other of this.#windows.values()) {
      window.isForced ||= window.isEmergency && meet(window, other);
    }
    this.meet(window);
    this.#windows.set(id, window);
  }

  /** It is decided who does what for it: what falls before its start falls from now on. */
  planned(id: string, nowMs: number): void {
    const window = this.#windows.get(id);
    if (window !== undefined) {
      const earliestMs = Math.max(nowMs, window.startMs - this.#leadMostMs);
      window.fallsFromMs = Math.min(window.fallsFromMs, earliestMs);
    }
  }

  /** An emergency is not planned together with others: beside one of them, or a budget, it may cost more. */
  meet(other: Span): void {
    for (const window of this.#windows.values()) {
      window.isForced ||= window.isEmergency && meet(window, other);
    }
  }

  /** What is on may lose its floors; an emergency for itself is no reason for its own. */
  force(nowMs: number, isForEmergencies: boolean): void {
    for (const window of this.#windows.values()) {
      window.isForced ||= window.startMs <= nowMs && (isForEmergencies || !window.isEmergency);
    }
  }

  /** Nodes and clusters that fail are what no emergency reckons with. */
  observe(event: Event): void {
    const hasFailed = this.#failures.observe(event);
    for (const window of this.#windows.values()) {
      window.isForced ||= hasFailed && window.isEmergency;
    }
  }

  /** For so long an answer was late, if it was due after an emergency was accepted. */
  late(ms: number, isSince: (scheduledAtMs: number) => boolean): void {
    for (const window of this.#windows.values()) {
      window.lateMs += window.isEmergency && isSince(window.scheduledAtMs) ? ms : 0;
    }
  }

  /** A job pauses or shrinks: for an answer that is late, if it was due after an emergency was accepted. */
  stopped(job: SimulatedJob, isLateSince: (scheduledAtMs: number) => boolean): void {
    const stopMs = (job.checkpoint?.saveMs ?? 0) + (job.checkpoint?.restoreMs ?? 0);
    for (const { isEmergency, scheduledAtMs, lateStopsMs } of this.#windows.values()) {
      if (isEmergency && isLateSince(scheduledAtMs)) {
        lateStopsMs.set(job, (lateStopsMs.get(job) ?? 0) + stopMs);
      }
    }
  }

  /** Does one of them ask who tolerates no loss, too? */
  isAnybodyAsked(): boolean {
    return [...this.#windows.values()].some(({ giveUp }) => giveUp.includes(0));
  }

  /** Curtailments that are on, and those that begin before some moment. */
  openBefore(atMs: number, untilMs: number): readonly string[] {
    return [...this.#windows.values()]
      .filter(({ startMs }) => startMs <= atMs || startMs < untilMs)
      .map(({ id }) => id);
  }

  /** One that ends now: from there a job whose floor it gave up is on its way back. */
  wayBackFrom(
    id: string,
    held: Held & { readonly job: SimulatedJob },
    atMs: number,
  ): WayBack | undefined {
    const window = this.#windows.get(id);
    return window !== undefined &&
      window.startMs <= atMs &&
      isHolding(window, held) &&
      window.giveUp.includes(held.job.flexibilityTier)
      ? { id, capsUntilMs: atMs + window.backMs }
      : undefined;
  }

  /** Infinity: it has no name, since it is no planned one. */
  endOf(id: string | undefined): number {
    return this.#windows.get(id ?? "")?.endMs ?? Infinity;
  }

  /** By then all watts are back of what has begun by some moment. */
  feltUntilMs(atMs: number): number {
    return this.#felt.reduce(
      (latest, { startMs, untilMs }) => (startMs <= atMs ? Math.max(latest, untilMs) : latest),
      atMs,
    );
  }

  isOver(id: string, domains: ReadonlySet<string>): boolean {
    return domains.has(this.#windows.get(id)?.domain ?? "");
  }

  hasBegunBy(id: string, atMs: number): boolean {
    return (this.#windows.get(id)?.startMs ?? Infinity) <= atMs;
  }

  /** A job lost a part of full speed, told by curtailment, from one moment to another. */
  add(job: SimulatedJob, partOf: (id: string) => number, span: LossSpan): void {
    const over = [...this.#windows.values()].filter((window) => isHolding(window, span));
    const giving = over.filter(({ giveUp }) => giveUp.includes(job.flexibilityTier));
    for (const window of over) {
      const part = partOf(window.id);
      const fromMs = Math.max(span.fromMs, window.startMs);
      const untilMs = Math.min(span.untilMs, window.endMs);
      if (untilMs <= fromMs || part <= 0) {
        continue;
      }
      const isGiving = giving.includes(window);
      const tier = job.flexibilityTier / 100;
      const { isOnWayBack } = span;
      const coverMs = isOnWayBack ? untilMs - fromMs : coveredMs(giving, fromMs, untilMs);
      const others = isGiving ? 0 : coverMs;
      // What another one takes beyond the tier, whose floor it gives up, is no loss to this one.
      const most = isOnWayBack ? part * tier : Math.min(part, tier);
      const lossMs = part * (untilMs - fromMs - others) + most * others;
      window.losses.set(job, (window.losses.get(job) ?? 0) + lossMs);
    }
  }

  /** Averaged over the event as it was announced, also when it was cancelled. */
  close(id: string): void {
    const window = this.#windows.get(id);
    this.#windows.delete(id);
    for (const [job, lossMs] of window?.losses ?? []) {
      this.touchedCount += 1;
      const lengthMs = (window?.endMs ?? 0) - (window?.startMs ?? 0);
      const part = lossMs / lengthMs;
      const nobodysMs = roundingMs + (window?.lateMs ?? 0) + (window?.lateStopsMs.get(job) ?? 0);
      if (part <= job.flexibilityTier / 100 + roundingPart + nobodysMs / lengthMs) {
        continue;
      }
      if (window?.giveUp.includes(job.flexibilityTier) === true) {
        this.givenUpCount += 1;
        continue;
      }
      if (window?.isForced === true) {
        this.forcedCount += 1;
        continue;
      }
      this.brokenCount += 1;
      this.#complain(
        `${job.name} lost ${(part * 100).toFixed(2)} % of its speed to curtailment ${id}, its tier tolerates ${job.flexibilityTier} %`,
      );
    }
  }

  closeAll(): void {
    for (const id of this.#windows.keys()) {
      this.close(id);
    }
  }
}

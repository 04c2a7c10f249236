import { toNumber } from "@ertis/quantities";
import type { Curtailment, Event } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import type { Report } from "./violation.ts";

/** How a curtailment was followed once its target held, by what was really drawn. */
export interface TargetScore {
  readonly id: string;
  readonly domain: string;
  readonly mode: Curtailment["mode"];
  readonly targetWatts: number;
  /** Whole minutes, and those whose mean was above the target. */
  readonly minuteCount: number;
  readonly overCount: number;
  readonly worstMinuteWatts: number;
  /** Mean draw of the whole minutes beside the target, as a part; 0 where that is 0 W. */
  readonly usedPart: number;
}

interface Target {
  readonly curtailment: Curtailment;
  readonly domain: number;
  readonly fromMs: number;
  /** From then on it was said to hold. */
  readonly holdsFromMs: number;
  untilMs: number;
  minute: number;
  minuteWattMs: number;
  readonly means: number[];
}

const minuteMs = 60_000;

/**
 * A minute may lie so much above a planned target. Steering leaves as much free as one surprise in 31,600 needs, by
 * noise that it has measured; a job that starts or ends in between is no noise.
 */
const toleranceShare = 0.005;
/** Sums of watts are rounded: where nothing may be drawn, nothing is a little more than that. */
const roundingWatts = 1;
/** Steering has so long to find its way back after something that it could not see or order. */
const settleMs = 300_000;

/**
 * Means of the true draw under each curtailment, by the minutes of its compliance, which are counted from its start:
 * from the first one that lies wholly after its ramp. Above a planned target that was accepted, when it was said to hold and nothing was cut, silent or deaf, a minute is a broken promise.
 */
export class TargetMeter {
  readonly #site: Site;
  readonly #report: Report;
  /** From the start until it was said to hold, by curtailment. */
  readonly #toTargetMs = new Map<string, number>();
  #calmFromMs = 0;
  readonly #targets = new Map<string, Target>();
  #passedToMs: number | undefined;

  constructor(site: Site, report: Report) {
    this.#site = site;
    this.#report = report;
  }

  /** What the preview says when a curtailment is asked for. */
  promise(id: string, toTargetMs: number): void {
    this.#toTargetMs.set(id, toTargetMs);
  }

  /** Something is cut, nobody measures, or orders get lost, up to this moment. */
  disturb(untilMs: number): void {
    this.#calmFromMs = Math.max(this.#calmFromMs, untilMs + settleMs);
  }

  observe(event: Event, atMs: number): void {
    if (event.kind === "curtailment-scheduled") {
      const { curtailment } = event;
      const domain = this.#site.domains.findIndex(({ id }) => id === curtailment.domain);
      const startMs = toNumber(curtailment.start);
      const rampMs = toNumber(curtailment.ramp);
      const toTargetMs = Math.max(rampMs, this.#toTargetMs.get(curtailment.id) ?? 0);
      this.#targets.set(curtailment.id, {
        curtailment,
        domain,
        fromMs: startMs + Math.ceil(rampMs / minuteMs) * minuteMs,
        holdsFromMs: startMs + toTargetMs,
        untilMs: toNumber(curtailment.end),
        minute: 0,
        minuteWattMs: 0,
        means: [],
      });
    } else if (event.kind === "curtailment-cancelled") {
      const target = this.#targets.get(event.id);
      if (target !== undefined) {
        target.untilMs = Math.min(target.untilMs, atMs);
      }
    }
  }

  /**
   * Everything stayed as it is from one moment of the scheduler to another. Each moment counts once, also where
   * the scheduler's clock steps: what it tells again is left out, what it skips counts as drawn from then on.
   */
  pass(fromMs: number, untilMs: number, drawnWatts: (domain: number) => number): void {
    const begunMs = this.#passedToMs ?? fromMs;
    this.#passedToMs = Math.max(begunMs, untilMs);
    for (const target of this.#targets.values()) {
      const end = Math.min(untilMs, target.untilMs);
      let at = Math.max(begunMs, target.fromMs);
      const watts = at < end ? drawnWatts(target.domain) : 0;
      while (at < end) {
        const minuteEnd = target.fromMs + (target.minute + 1) * minuteMs;
        const next = Math.min(end, minuteEnd);
        target.minuteWattMs += watts * (next - at);
        at = next;
        if (next === minuteEnd) {
          target.means.push(target.minuteWattMs / minuteMs);
          this.#judge(target, minuteEnd - minuteMs);
          target.minute += 1;
          target.minuteWattMs = 0;
        }
      }
    }
  }

  #judge({ curtailment, holdsFromMs, means }: Target, fromMs: number): void {
    const { id, mode, target } = curtailment;
    const isPromised = mode === "planned" && fromMs >= Math.max(holdsFromMs, this.#calmFromMs);
    const mean = means.at(-1) ?? 0;
    if (isPromised && mean > toNumber(target) * (1 + toleranceShare) + roundingWatts) {
      this.#report(
        "target",
        `${id}: ${mean.toFixed(1)} W drawn in the minute from ${new Date(fromMs).toISOString()} on, the target is ${toNumber(target)} W`,
      );
    }
  }

  scores(): readonly TargetScore[] {
    return [...this.#targets.values()].map(({ curtailment, means }) => {
      const { id, domain, mode, target } = curtailment;
      const targetWatts = toNumber(target);
      const sum = means.reduce((total, mean) => total + mean, 0);
      return {
        id,
        domain,
        mode,
        targetWatts,
        minuteCount: means.length,
        overCount: means.filter((mean) => mean > targetWatts).length,
        worstMinuteWatts: Math.max(0, ...means),
        usedPart: means.length === 0 || targetWatts === 0 ? 0 : sum / means.length / targetWatts,
      };
    });
  }
}

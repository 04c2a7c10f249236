import { toNumber } from "@ertis/quantities";
import type { Curtailment, Event } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";

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
  /** Mean draw of the whole minutes beside the target, as a part. */
  readonly usedPart: number;
}

interface Target {
  readonly curtailment: Curtailment;
  readonly domain: number;
  readonly fromMs: number;
  untilMs: number;
  minute: number;
  minuteWattMs: number;
  readonly means: number[];
}

const minuteMs = 60_000;

/** Means of the true draw under each curtailment, minute by minute from the end of its ramp. */
export class TargetMeter {
  readonly #site: Site;
  readonly #targets = new Map<string, Target>();
  #passedToMs: number | undefined;

  constructor(site: Site) {
    this.#site = site;
  }

  observe(event: Event, atMs: number): void {
    if (event.kind === "curtailment-scheduled") {
      const { curtailment } = event;
      const domain = this.#site.domains.findIndex(({ id }) => id === curtailment.domain);
      this.#targets.set(curtailment.id, {
        curtailment,
        domain,
        fromMs: toNumber(curtailment.start) + toNumber(curtailment.ramp),
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
          target.minute += 1;
          target.minuteWattMs = 0;
        }
      }
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
        usedPart: means.length === 0 ? 0 : sum / means.length / targetWatts,
      };
    });
  }
}

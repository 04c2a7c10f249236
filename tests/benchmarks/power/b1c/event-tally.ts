import type { Simulation } from "@ertis/simulator";
import { oneCapGpus, type Running, sumOf, gpusOf } from "./one-cap.ts";

const minuteMs = 60_000;

/** What holds from one moment of a run to the next. */
export interface Moment {
  readonly feedWatts: number;
  /** Jobs' speed, in GPUs at full speed: as it is, and with one cap for all that draws the same. */
  readonly speedGpus: number;
  readonly oneCapGpus: number;
  /** Does somebody write a checkpoint? */
  readonly isDip: boolean;
  /** Is somebody held below what he would draw? Else more watts are of no use to those who run. */
  readonly isHeld: boolean;
}

export function momentOf({ plant, controller }: Simulation): Moment {
  const running: Running[] = [];
  let isHeld = false;
  for (const site of controller.engine.state.sites.values()) {
    for (const { job, task, attempt: number, floorCapWatts, ...caps } of site.attempts) {
      const attempt = plant.attempts.get(`${job}/${task}/${number}`);
      if (attempt?.phase === "running" && attempt.curve !== undefined) {
        const needed = caps.neededCapWatts || attempt.curve.highestCapWatts;
        isHeld ||= caps.capWatts !== 0 && caps.capWatts < needed;
        running.push({ attempt, floorCapWatts });
      }
    }
  }
  return {
    feedWatts: plant.power.domainWatts(0),
    speedGpus: sumOf(running, ({ attempt }) => attempt.speed * gpusOf(attempt)),
    oneCapGpus: oneCapGpus(running),
    isDip: running.some(({ attempt }) => attempt.isDipping),
    isHeld,
  };
}

interface Minute {
  wattMs: number;
  isDip: boolean;
  isHeld: boolean;
}

/** Adds up what was drawn and done while a target holds, by its minutes. */
export class EventTally {
  readonly #fromMs: number;
  readonly #minutes: Minute[];
  #speedMs = 0;
  #oneCapMs = 0;

  constructor(fromMs: number, untilMs: number) {
    this.#fromMs = fromMs;
    const count = Math.floor((untilMs - fromMs) / minuteMs);
    this.#minutes = Array.from({ length: count }, () => ({
      wattMs: 0,
      isDip: false,
      isHeld: true,
    }));
  }

  pass(fromMs: number, untilMs: number, now: Moment): void {
    this.#minutes.forEach((minute, at) => {
      const startMs = this.#fromMs + at * minuteMs;
      const ms = Math.min(untilMs, startMs + minuteMs) - Math.max(fromMs, startMs);
      if (ms > 0) {
        minute.wattMs += now.feedWatts * ms;
        minute.isDip ||= now.isDip;
        minute.isHeld &&= now.isHeld;
        this.#speedMs += now.speedGpus * ms;
        this.#oneCapMs += now.oneCapGpus * ms;
      }
    });
  }

  score(targetWatts: number): EventScore {
    const shares = this.#minutes.map(({ wattMs }) => wattMs / minuteMs / targetWatts);
    const usedOf = (isCounted: (minute: Minute) => boolean): number => {
      const counted = this.#minutes.filter(isCounted);
      return sumOf(counted, ({ wattMs }) => wattMs) / (counted.length * minuteMs * targetWatts);
    };
    const ms = this.#minutes.length * minuteMs;
    return {
      overCount: shares.filter((share) => share > 1).length,
      worstShare: Math.max(...shares),
      used: usedOf(() => true),
      usedOutsideDips: usedOf(({ isDip }) => !isDip),
      usedWhereHeld: usedOf(({ isDip, isHeld }) => !isDip && isHeld),
      heldShare: this.#minutes.filter(({ isHeld }) => isHeld).length / shares.length,
      speedGpus: this.#speedMs / ms,
      oneCapGpus: this.#oneCapMs / ms,
    };
  }
}

export interface EventScore {
  readonly overCount: number;
  /** Highest minute's mean ÷ target. */
  readonly worstShare: number;
  /** Mean draw ÷ target: of all minutes, of those without a dip, and of those in which, besides, somebody is held. */
  readonly used: number;
  readonly usedOutsideDips: number;
  readonly usedWhereHeld: number;
  readonly heldShare: number;
  /** Mean over the event, GPUs at full speed. */
  readonly speedGpus: number;
  readonly oneCapGpus: number;
}

/** What planned curtailments promise, reckoned from what a plant draws and runs, for tests. */
import { toNumber } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { minuteMs } from "./test-metered-hub.ts";

/** A period of a plant. */
export interface Played {
  readonly fromMs: number;
  readonly atMs: number;
  /** Mean draw by domain. */
  readonly drawnWatts: ReadonlyMap<string, number>;
  /** Part of full speed at which each job that is below one of these domains works. */
  readonly speeds: ReadonlyMap<number, number>;
}

export interface Promised {
  readonly curtailment: Curtailment;
  /** Its jobs, with the part of their work that their tiers allow to be lost. */
  readonly tiers: ReadonlyMap<number, number>;
  /** When it was cancelled. */
  readonly cancelledAtMs?: number;
}

/** A tenth of a watt and a second of work are roundings. */
const roundingWatts = 1;

/** Whole minutes whose mean draw is above the target, once it holds. */
export function minutesOver(
  played: readonly Played[],
  { curtailment, ...rest }: Promised,
): string[] {
  const { id, domain, start, ramp, end, target } = curtailment;
  const fromMs = toNumber(start) + toNumber(ramp);
  const untilMs = Math.min(toNumber(end), rest.cancelledAtMs ?? Infinity);
  const wattMs = new Map<number, number>();
  for (const period of played) {
    const minute = Math.floor((period.fromMs - fromMs) / minuteMs);
    const drawn = known(period.drawnWatts.get(domain), "draw of a domain");
    wattMs.set(minute, (wattMs.get(minute) ?? 0) + drawn * (period.atMs - period.fromMs));
  }
  return [...wattMs]
    .filter(
      ([minute, sum]) =>
        minute >= 0 &&
        fromMs + (minute + 1) * minuteMs <= untilMs &&
        sum / minuteMs > toNumber(target) + roundingWatts,
    )
    .map(([minute, sum]) => `${id}: minute ${minute} drew ${Math.round(sum / minuteMs)} W`);
}

/** Jobs that lost more than their tier allows, on average over the whole event. */
export function tiersBroken(played: readonly Played[], { curtailment, tiers }: Promised): string[] {
  const startMs = toNumber(curtailment.start);
  const endMs = toNumber(curtailment.end);
  return [...tiers].flatMap(([job, tier]) => {
    const lostMs = played
      .filter(({ fromMs, atMs }) => fromMs >= startMs && atMs <= endMs)
      .reduce((sum, one) => sum + (one.atMs - one.fromMs) * (1 - (one.speeds.get(job) ?? 0)), 0);
    const part = lostMs / (endMs - startMs);
    // A pause begins and ends at the next measurement.
    return part > tier + minuteMs / (endMs - startMs)
      ? [`${curtailment.id}: job ${job} lost ${(100 * part).toFixed(1)} %`]
      : [];
  });
}

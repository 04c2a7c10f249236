import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord } from "../../state/curtailments.ts";

const minuteMs = 60_000;
/** One minute over may be a surprise; the next one as well is what goes on. */
const minutesSeen = 2;

/** Of so many the mean tells how much is missing for long: draws of a few minutes differ from those of others. */
const minutesOfMean = 10;

/** Less than this part of a target is a matter of margins, not of pauses. */
export const missingPart = 0.01;

/** Floors that give no more than this part of full throughput give it for any part of a target. */
const littlePart = 0.015;
/** More than that only for a part that is worth it: a twentieth for more than a hundredth, three twentieths and more for more than 3 %. */
const giveTimesMost = 5;
/** By more no target is passed for floors: so much differ draws of a minute, and of a job, from what was planned by. */
const mostPart = 0.03;

/**
 * The part of a target for which floors do not give so large a part of full throughput in all of a curtailment; 0: for
 * any they do. They give it in what is left of its time, in which the target would be passed.
 */
export function partNotWorth({ curtailment }: Passed, givenPart: number, nowMs: number): number {
  const [startMs, endMs] = [toNumber(curtailment.start), toNumber(curtailment.end)];
  const restPart = Math.max(1, endMs - Math.max(startMs, nowMs)) / Math.max(1, endMs - startMs);
  return givenPart <= littlePart
    ? 0
    : Math.min(mostPart, Math.max(missingPart, givenPart / restPart / giveTimesMost));
}

type Passed = Pick<CurtailmentRecord, "curtailment" | "minutes">;

/**
 * By how much more than its target was drawn in each of the last whole minutes since it holds, as compliance
 * counts them: so much is missing, whatever was expected. 0: not in all of them.
 */
export function passedWatts(record: Passed, nowMs: number): number {
  const over = overLast(record, nowMs);
  return Math.min(...over) > 0 ? Math.max(...over) : 0;
}

/** From then on minutes tell whether it is passed. */
export function passedToldFromMs({ curtailment: { start, ramp } }: Passed): number {
  return toNumber(start) + (Math.ceil(toNumber(ramp) / minuteMs) + minutesSeen) * minuteMs;
}

/** By how much it was passed in every one of them, and on average in those that tell what goes on for long. */
export function surelyPassedWatts(record: Passed, nowMs: number): number {
  const mean = meanOver(record, nowMs);
  return Math.max(0, Math.min(...overLast(record, nowMs), mean));
}

/** Of the minutes that lie wholly after the ramp. */
function meanOver({ curtailment, minutes }: Passed, nowMs: number): number {
  const { start, ramp, target } = curtailment;
  const next = Math.floor((nowMs - toNumber(start)) / minuteMs);
  const first = Math.max(Math.ceil(toNumber(ramp) / minuteMs), next - minutesOfMean);
  const seen = minutes.slice(first, next);
  const [wattMs, measuredMs] = seen.reduce(
    (sum, one) => [sum[0] + one.wattMs, sum[1] + one.measuredMs],
    [0, 0],
  );
  return measuredMs === 0 ? 0 : wattMs / measuredMs - toNumber(target);
}

/** At least one, 0 where not all of them are known. */
function overLast(record: Passed, nowMs: number): readonly number[] {
  const { start, target } = record.curtailment;
  const next = Math.floor((nowMs - toNumber(start)) / minuteMs);
  const isTold = nowMs >= passedToldFromMs(record);
  const seen = isTold ? record.minutes.slice(next - minutesSeen, next) : [];
  return seen.length === minutesSeen
    ? seen.map(({ wattMs, measuredMs }) => wattMs / measuredMs - toNumber(target))
    : [0];
}

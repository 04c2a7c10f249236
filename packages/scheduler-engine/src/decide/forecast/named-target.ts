import { roundWattsUp, toNumber, watts } from "@ertis/quantities";
import type { Curtailment } from "../../words/curtailment.ts";

const permille = 1_000;

/** A target as a refusal names it: with three digits, and in thousandths of the baseline. */
export interface NamedTarget {
  readonly targetWatts: number;
  /** What that many thousandths are when they are typed back; undefined: no part of the baseline is named. */
  readonly byPart: { readonly permille: number; readonly targetWatts: number } | undefined;
}

/** The smallest that can be named and is no less: a target in thousandths is rounded down to whole watts. */
export function namedTarget(
  { baseline }: Pick<Curtailment, "baseline">,
  neededWatts: number,
): NamedTarget {
  const all = toNumber(baseline);
  const targetWatts = toNumber(roundWattsUp(watts(Math.max(0, Math.ceil(neededWatts)))));
  const least = all === 0 ? permille : Math.ceil((neededWatts * permille) / all);
  const part = Math.floor((all * least) / permille) < neededWatts ? least + 1 : least;
  const byPart =
    part >= permille
      ? undefined
      : { permille: part, targetWatts: Math.floor((all * part) / permille) };
  return { targetWatts, byPart };
}

/** A target in every way in which it is written. */
export function writtenTargets(
  asked: Pick<Curtailment, "baseline">,
  targetWatts: number,
): readonly number[] {
  const named = namedTarget(asked, targetWatts);
  return [...new Set([targetWatts, named.targetWatts, named.byPart?.targetWatts ?? targetWatts])];
}

import type { Belief } from "./belief.ts";
import type { Departure } from "./departure.ts";
import { startLevel, startNoise, type Level, type Noise } from "./estimate.ts";
import type { SteerSettings } from "./plan.ts";

/** What is known of a job beyond its curve. */
export interface KnownJob {
  /** Its draw ÷ its curve where its cap holds it back, apart from what all jobs have in common. */
  readonly own: Level;
  /** End of the last period it was measured in; undefined: never. */
  readonly seenAtMs: number | undefined;
  /** What it takes by itself, no cap up to one holds it back; absent: it was never seen to leave anything of its cap. */
  readonly free?: FreeLevel;
  /** What it drew when it was last at its level, watts, and under which cap; absent: it never was. */
  readonly levelWatts?: number;
  readonly levelCapWatts?: number;
  /** In force when it was measured last; absent: it never was. */
  readonly capWatts?: number;
  /** It draws too little or too much; absent: what is expected. Too little is a dip until it has lasted. */
  readonly departure?: Departure;
  /** The cap asked for last; undefined: none. */
  readonly askedCapWatts: number | undefined;
}

/** The same of what it takes by itself, at a cap. */
export interface FreeLevel {
  readonly level: Level;
  readonly capWatts: number;
}

export interface Knowledge {
  readonly common: Level;
  readonly noise: Noise;
  readonly jobs: ReadonlyMap<number, KnownJob>;
  /** Expected draw of the rest of the domain. */
  readonly restWatts: number;
}

export function startKnowledge(settings: SteerSettings): Knowledge {
  return {
    common: startLevel(settings.priorCommonShare),
    noise: startNoise(settings),
    jobs: new Map(),
    restWatts: 0,
  };
}

/** What its levels say of its draw, with what all jobs have in common. */
export function beliefOf(
  { common }: Pick<Knowledge, "common">,
  known: Pick<KnownJob, "own" | "free"> | undefined,
): Belief {
  const ratio = common.ratio * (known?.own.ratio ?? 1);
  const free = known?.free;
  return free === undefined
    ? { ratio }
    : { ratio, free: { ratio: common.ratio * free.level.ratio, capWatts: free.capWatts } };
}

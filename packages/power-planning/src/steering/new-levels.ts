import { believedDraw } from "./belief.ts";
import { expectedWatts } from "./candidate.ts";
import { keptShare, ratioMin, type Departure } from "./departure.ts";
import { startLevel, type Level } from "./estimate.ts";
import { type FreeLevel, type KnownJob, type Knowledge } from "./knowledge.ts";
import { isOpen } from "./open-level.ts";
import type { SteerJob, SteerSettings } from "./plan.ts";

/** So much less is unknown of a level once it was seen in a whole period. */
const seenPart = 0.5;

/** The two levels of a job: where its cap holds it back, and what it takes by itself. */
export interface Levels {
  readonly own: Level;
  readonly free?: FreeLevel;
}

/** One job in a period, with what was known of it. */
interface SeenJob {
  readonly job: SteerJob;
  readonly known: KnownJob;
  readonly measuredWatts: number;
  readonly isFree: boolean;
}

/** What is believed of a job before it is measured: its curve, and the most that it was seen to draw where that is less. */
export function levelsAtFirst(job: SteerJob, commonRatio: number, settings: SteerSettings): Levels {
  const drawWatts = believedDraw(job.curve, job.capInForceWatts, { ratio: commonRatio });
  const ratio = (job.seenMostWatts ?? Infinity) / drawWatts;
  return ratio < 1
    ? { own: openAt(ratio, settings), free: freeAt(job, ratio, settings) }
    : { own: startLevel(settings.priorOwnShare) };
}

/**
 * The levels of a job that draws so much of its curve for good. Too little: that is all it takes. Too much: it takes
 * more than it did, or a lower cap saves nothing yet, or where its cap holds it back it draws more than was thought.
 */
export function levelsAfter(
  seen: SeenJob,
  now: Pick<Departure, "way" | "ratio">,
  knowledge: Knowledge,
  settings: SteerSettings,
): Levels {
  const { job, known } = seen;
  const ratio = now.ratio / knowledge.common.ratio;
  if (now.way === "low") {
    const own = isOpen(known.own) ? openAt(ratio, settings) : known.own;
    // Whether caps hold it back as they did is open again.
    const { varianceShare } = startLevel(settings.priorOwnShare);
    return { own: { ...own, varianceShare }, free: freeAt(job, ratio, settings) };
  }
  if (seen.isFree && ratio < keptShare * known.own.ratio) {
    return { own: known.own, free: freeAt(job, ratio, settings) };
  }
  const own = { ...startLevel(settings.priorOwnShare), ratio };
  const { levelWatts = 0, levelCapWatts = 0 } = known;
  const hasSavedNothing =
    levelCapWatts > job.capInForceWatts && seen.measuredWatts * keptShare <= levelWatts;
  if (!hasSavedNothing) {
    return { own };
  }
  const taken = levelWatts / expectedWatts(job, levelCapWatts, { ratio: knowledge.common.ratio });
  return { own, free: freeAt({ ...job, capInForceWatts: levelCapWatts }, taken, settings) };
}

/**
 * The levels of a job under a lower cap than ever, of which nobody knew how far caps hold it back: what it draws then
 * says so. It lies between what it takes by itself and what it would draw if that were always the same part of its
 * curve. Undefined: nothing of that is open, or something else happens to it.
 */
export function heldAtLast(
  seen: SeenJob,
  knowledge: Knowledge,
  settings: SteerSettings,
): Levels | undefined {
  const { job, known, measuredWatts } = seen;
  const { own, free } = known;
  if (free === undefined || !isOpen(own) || job.capInForceWatts >= free.capWatts) {
    return undefined;
  }
  const commonRatio = knowledge.common.ratio;
  const ratio = measuredWatts / expectedWatts(job, job.capInForceWatts, { ratio: commonRatio });
  const takenWatts = expectedWatts(job, free.capWatts, { ratio: commonRatio * free.level.ratio });
  if (
    ratio < (1 - settings.dipShare) * free.level.ratio ||
    measuredWatts * keptShare > takenWatts
  ) {
    return undefined;
  }
  const isHeld = measuredWatts < keptShare * takenWatts;
  const isSeen = isHeld && job.capInForceWatts === known.capWatts;
  const spread = settings.priorOwnShare * (isSeen ? seenPart : 1);
  const level = { ...startLevel(spread), ratio: isHeld ? ratio : Math.max(own.ratio, ratio) };
  return { own: level, free };
}

/** Of a job that leaves a part of its cap nobody knows how far a lower one holds it back: it may draw all that it allows. */
function openAt(ratio: number, settings: SteerSettings): Level {
  return { ...startLevel(settings.priorOwnShare), ratio: Math.max(1, ratio) };
}

function freeAt(job: SteerJob, ratio: number, settings: SteerSettings): FreeLevel {
  return {
    level: { ...startLevel(settings.priorOwnShare), ratio: Math.max(ratioMin, ratio) },
    capWatts: job.capInForceWatts,
  };
}

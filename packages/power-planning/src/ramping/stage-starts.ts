import { highestLevel, type GangLevel } from "./gang-levels.ts";
import { type RampBudget, type RampPath, recordChange, roomOnPath } from "./ramp-budget.ts";

/** A gang on its way up, in order of the queue. */
export interface RisingGang {
  readonly id: number;
  readonly path: RampPath;
  readonly levels: readonly GangLevel[];
  /** Position in `levels`; 0: it has not started. */
  readonly level: number;
  readonly wantedLevel: number;
  /** By when after its start a gang surely draws what its floor allows. */
  readonly startSettleMs: number;
  /** By when after a raise it surely draws what the new cap allows. */
  readonly capSettleMs: number;
}

/** From its moment on the gang has this level. */
export interface Stage {
  readonly atMs: number;
  readonly id: number;
  readonly level: number;
}

/**
 * What may rise at one moment, written into the budget: first gangs that wait are started at their
 * floors, in their order, for a gang does most work for its first watts; then caps rise, the lowest
 * share of its way first. The first gang that does not fit waits at the head: later, smaller ones
 * would take its room again and again.
 */
export function riseNow(
  budget: RampBudget,
  gangs: readonly RisingGang[],
  atMs: number,
): readonly Stage[] {
  const stages: Stage[] = [];
  const move = (gang: RisingGang, wanted: number): boolean => {
    const settleMs = gang.level === 0 ? gang.startSettleMs : gang.capSettleMs;
    const { upWatts } = roomOnPath(budget, gang.path, { atMs, settleMs });
    const level = highestLevel(gang.levels, { from: gang.level, wanted, upWatts });
    if (level > gang.level) {
      const watts = wattsOf(gang, level) - wattsOf(gang, gang.level);
      recordChange(budget, gang.path, { atMs, watts, settleMs, cause: "planned" });
      stages.push({ atMs, id: gang.id, level });
    }
    return level >= wanted;
  };
  for (const gang of gangs) {
    const floor = floorLevel(gang.levels);
    if (gang.level < floor && !move(gang, Math.min(floor, gang.wantedLevel))) {
      return stages;
    }
  }
  // A gang that has just got its floor rises further at the next moment.
  const started = new Set(stages.map((stage) => stage.id));
  const rising = gangs
    .filter((gang) => !started.has(gang.id) && gang.level < gang.wantedLevel)
    .toSorted((a, b) => shareOfWay(a) - shareOfWay(b) || a.id - b.id);
  for (const gang of rising) {
    move(gang, gang.wantedLevel);
  }
  return stages;
}

/**
 * The whole rise of some gangs from `fromMs` on, looked at every `everyMs`, written into the budget.
 * Ends when all have what they want, or after `untilMs`.
 */
export function stageStarts(
  budget: RampBudget,
  gangs: readonly RisingGang[],
  times: { readonly fromMs: number; readonly untilMs: number; readonly everyMs: number },
): readonly Stage[] {
  const stages: Stage[] = [];
  const levels = new Map(gangs.map((gang) => [gang.id, gang.level]));
  for (let atMs = times.fromMs; atMs <= times.untilMs; atMs += times.everyMs) {
    const open = gangs
      .map((gang) => ({ ...gang, level: levels.get(gang.id) ?? gang.level }))
      .filter((gang) => gang.level < gang.wantedLevel);
    if (open.length === 0) {
      break;
    }
    for (const stage of riseNow(budget, open, atMs)) {
      levels.set(stage.id, stage.level);
      stages.push(stage);
    }
  }
  return stages;
}

/** The first level at which every node works. */
export function floorLevel(levels: readonly GangLevel[]): number {
  const nodeCount = levels.at(-1)?.nodeCount ?? 0;
  return levels.findIndex((level) => level.nodeCount === nodeCount);
}

function wattsOf(gang: RisingGang, level: number): number {
  return gang.levels[level]?.watts ?? 0;
}

function shareOfWay(gang: RisingGang): number {
  return wattsOf(gang, gang.level) / Math.max(1e-9, wattsOf(gang, gang.wantedLevel));
}

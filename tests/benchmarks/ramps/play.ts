import {
  createRampBudget,
  forgetChanges,
  type GangLevel,
  planWindDown,
  type RampBudget,
  type RampLimit,
  type RampPath,
  type RampStep,
  recordChange,
  riseNow,
  type Stage,
  takeBack,
} from "@ertis/power-planning";
import { gangIdleWatts, speedAt } from "./gangs.ts";
import type { StartShape } from "./start-shape.ts";

export interface PlayRules {
  /** Undefined: every gang goes to full power at its start, and stops from there. */
  readonly limit: RampLimit | undefined;
  /** Are ends known ahead and wound down? Else each is a surprise. */
  readonly areEndsPlanned: boolean;
  /** Does a round begin for all when the last of the one before has ended? */
  readonly isInStep: boolean;
}

export interface Played {
  /** Draw of all gangs, second by second, idle nodes included. */
  readonly watts: Float64Array;
  readonly makespanSeconds: number;
  /** What the ramp's ledger was told, whole. */
  readonly steps: readonly RampStep[];
}

interface Gang {
  readonly id: number;
  readonly rounds: readonly number[];
  round: number;
  level: number;
  startedAt: number;
  workLeft: number;
  windDown: readonly Stage[] | undefined;
}

const everySeconds = 5;
/** How long ahead an end is known, in seconds. */
const noticeSeconds = 300;
const capSettleMs = 1000;
const path: RampPath = { domains: [0], wattsPerWatt: [1] };

/** Second by second: the plant draws, works and ends; the plan says who rises and falls. */
export class Play {
  readonly #gangs: readonly Gang[];
  readonly #levels: readonly GangLevel[];
  /** Of a whole gang, by level; 0 while nodes wait for their release. */
  readonly #speeds: Float64Array;
  readonly #shape: StartShape;
  readonly #rules: PlayRules;
  readonly #budget: RampBudget;
  readonly #steps: RampStep[] = [];

  constructor(
    rounds: readonly (readonly number[])[],
    levels: readonly GangLevel[],
    shape: StartShape,
    rules: PlayRules,
  ) {
    this.#levels = levels;
    const nodeCount = levels.at(-1)?.nodeCount;
    this.#speeds = Float64Array.from(levels, (level) =>
      level.nodeCount === nodeCount ? speedAt(level.capWatts) : 0,
    );
    this.#shape = shape;
    this.#rules = rules;
    this.#budget = createRampBudget([rules.limit]);
    this.#gangs = rounds.map((list, id) => ({
      id,
      rounds: list,
      round: 0,
      level: 0,
      startedAt: 0,
      workLeft: list[0] ?? 0,
      windDown: undefined,
    }));
  }

  run(): Played {
    const watts: number[] = [];
    let second = 0;
    for (; this.#gangs.some((gang) => gang.round < gang.rounds.length); second += 1) {
      this.#end(second);
      if (second % everySeconds === 0) {
        this.#rise(second);
        this.#planEnds(second);
      }
      watts.push(this.#gangs.reduce((sum, gang) => sum + this.#draw(gang, second), 0));
      this.#work(second);
    }
    const steps = [...this.#steps, ...(this.#budget.ledgers[0]?.steps ?? [])];
    return { watts: Float64Array.from(watts), makespanSeconds: second, steps };
  }

  get #startSeconds(): number {
    return this.#shape.shares.length;
  }

  #work(second: number): void {
    for (const gang of this.#gangs) {
      if (gang.level > 0 && second - gang.startedAt >= this.#startSeconds) {
        gang.workLeft -= this.#speeds[gang.level] ?? 0;
      }
    }
  }

  #draw(gang: Gang, second: number): number {
    const share = this.#shape.shares[second - gang.startedAt] ?? 1;
    return gangIdleWatts + share * (this.#levels[gang.level]?.watts ?? 0);
  }

  /** Planned stages that are due, and rounds whose work is done. */
  #end(second: number): void {
    for (const gang of this.#gangs) {
      const due = gang.windDown?.findLast((stage) => stage.atMs <= second * 1000);
      if (due !== undefined) {
        gang.level = due.level;
      }
      if (gang.windDown === undefined ? gang.level > 0 && gang.workLeft <= 0 : due?.level === 0) {
        // A surprise, unless it was planned: then its steps are written down already.
        if (gang.windDown === undefined) {
          this.#record(second, -(this.#levels[gang.level]?.watts ?? 0));
        } else if (gang.workLeft > 1e-6) {
          throw new Error(`the planned end cuts ${gang.workLeft} s of work off`);
        }
        gang.windDown = undefined;
        gang.level = 0;
        gang.round += 1;
        gang.workLeft = gang.rounds[gang.round] ?? 0;
      }
    }
  }

  #rise(second: number): void {
    const now = Math.min(...this.#gangs.map((gang) => gang.round));
    const open = this.#gangs.filter(
      (gang) =>
        gang.windDown === undefined &&
        gang.round < gang.rounds.length &&
        (!this.#rules.isInStep || gang.level > 0 || gang.round === now),
    );
    const top = this.#levels.length - 1;
    if (this.#rules.limit === undefined) {
      for (const gang of open.filter((one) => one.level === 0)) {
        this.#setLevel(gang, top, second);
      }
      return;
    }
    this.#forget(second * 1000);
    const rising = open.filter((gang) => gang.level < top);
    const stages = riseNow(
      this.#budget,
      rising.map(({ id, level, startedAt }) => ({
        id,
        level,
        path,
        levels: this.#levels,
        wantedLevel: top,
        startSettleMs: this.#startSeconds * 1000,
        // A raise while the gang still warms up shows when it is warm.
        capSettleMs: Math.max(capSettleMs, (startedAt + this.#startSeconds - second) * 1000),
      })),
      second * 1000,
    );
    for (const { id, level } of stages) {
      const gang = this.#gangs[id];
      if (gang !== undefined) {
        this.#setLevel(gang, level, second);
      }
    }
  }

  /** Ends within the notice are planned: as early as the work allows, in the order of the gangs. */
  #planEnds(second: number): void {
    if (!this.#rules.areEndsPlanned) {
      return;
    }
    for (const gang of this.#gangs) {
      const isWarm = second - gang.startedAt >= this.#startSeconds;
      const speed = this.#speeds[gang.level] ?? 0;
      const left = Math.ceil(gang.workLeft / speed);
      if (gang.level === 0 || gang.windDown !== undefined || !isWarm || left > noticeSeconds) {
        continue;
      }
      gang.windDown = this.#windDown(gang, second, left);
    }
  }

  #windDown(gang: Gang, second: number, left: number): readonly Stage[] | undefined {
    const settles = { capSettleMs, stopSettleMs: capSettleMs };
    const ending = { id: gang.id, path, levels: this.#levels, level: gang.level, ...settles };
    const nowMs = second * 1000;
    for (let end = second + left; end <= second + 3 * noticeSeconds; end += 1) {
      const times = {
        nowMs,
        endMs: end * 1000,
        endMsMax: end * 1000,
        everyMs: everySeconds * 1000,
      };
      const plan = planWindDown(this.#budget, ending, times);
      if (plan === undefined) {
        continue;
      }
      if (this.#workUntilEnd(gang, second, plan.stages) >= gang.workLeft) {
        return plan.stages;
      }
      takeBack(this.#budget, ending, plan.stages);
    }
    return undefined;
  }

  #workUntilEnd(gang: Gang, second: number, stages: readonly Stage[]): number {
    let work = 0;
    let level = gang.level;
    let from = second;
    for (const stage of stages) {
      work += (stage.atMs / 1000 - from) * (this.#speeds[level] ?? 0);
      from = stage.atMs / 1000;
      level = stage.level;
    }
    return work;
  }

  #setLevel(gang: Gang, level: number, second: number): void {
    if (gang.level === 0) {
      gang.startedAt = second;
    }
    gang.level = level;
  }

  #record(second: number, watts: number): void {
    if (this.#rules.limit !== undefined) {
      const step = { atMs: second * 1000, watts, settleMs: 0, cause: "unplanned" } as const;
      recordChange(this.#budget, path, step);
    }
  }

  /** Steps that no mean sees any more leave the ledger; the report at the end wants all of them. */
  #forget(nowMs: number): void {
    const ledger = this.#budget.ledgers[0];
    const before = [...(ledger?.steps ?? [])];
    forgetChanges(this.#budget, nowMs);
    this.#steps.push(...before.slice(0, before.length - (ledger?.steps.length ?? 0)));
  }
}

/** The steepest changes of the mean draw, and how many seconds pass a limit, by the definition. */
export function measureRamp(
  watts: Float64Array,
  limit: RampLimit,
): {
  readonly upWatts: number;
  readonly downWatts: number;
  readonly upOverSeconds: number;
  readonly downOverSeconds: number;
} {
  const window = limit.windowMs / 1000;
  const per = limit.perMs / 1000;
  // Idle before the first second, so that the very first rise counts.
  const lead = window + per;
  const sums = new Float64Array(watts.length + lead + 1);
  const idle = watts[0] === undefined ? 0 : gangIdleWatts * 16;
  for (let at = 0; at < watts.length + lead; at += 1) {
    sums[at + 1] = (sums[at] ?? 0) + (at < lead ? idle : (watts[at - lead] ?? 0));
  }
  const mean = (end: number): number => ((sums[end] ?? 0) - (sums[end - window] ?? 0)) / window;
  let upWatts = 0;
  let downWatts = 0;
  let upOverSeconds = 0;
  let downOverSeconds = 0;
  for (let end = lead; end < sums.length; end += 1) {
    const change = mean(end) - mean(end - per);
    upWatts = Math.max(upWatts, change);
    downWatts = Math.max(downWatts, -change);
    upOverSeconds += change > limit.watts * (1 + 1e-9) ? 1 : 0;
    downOverSeconds += -change > limit.watts * (1 + 1e-9) ? 1 : 0;
  }
  return { upWatts, downWatts, upOverSeconds, downOverSeconds };
}

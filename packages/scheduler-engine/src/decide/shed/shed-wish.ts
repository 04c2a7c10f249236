import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { TaskId } from "../../state/task-id.ts";

/** What is to be planned, and by what. */
export interface ShedWish {
  /** Scaled, by domain: what may be counted. */
  readonly ceiling: Float64Array;
  readonly counts: "cap" | "draw";
  readonly noticeMs: number;
  /** What ends before this moment needs no plan. */
  readonly atMs: number;
  /** The curtailment that is planned for; undefined: what is in force now. */
  readonly record: CurtailmentRecord | undefined;
  /** Planned ones around or inside it that are in force with it; it is one of them. */
  readonly group?: readonly CurtailmentRecord[];
  /** How much of what a job may still lose to curtailments of the group that last longer this plan may use: all of it, or in proportion to time. Absent: `even`. */
  readonly allowance?: "even" | "whole";
  /** Only up to here, since another one begins then and all are planned again. Absent: to the end of the first. */
  readonly untilMs?: number;
  /** Others in force at that moment that give floors up: as long as they are on, everything may be asked of whom they mean. */
  readonly givingUp?: readonly CurtailmentRecord[];
  /** By what was drawn in the mean of the last minutes, not in the highest of them. */
  readonly isTypical?: boolean;
  /** What jobs will have lost by the moment that is planned for, as things are planned now. */
  readonly foreseen?: ForeseenLoss;
}

/** What a plan will have cost jobs by a moment. */
export interface ForeseenLoss {
  readonly atMs: number;
  /** The curtailments that count it. */
  readonly of: readonly CurtailmentRecord[];
  readonly lostMs: ReadonlyMap<TaskId, number>;
  /** Who has work left then, also where it would be done by its walltime without what it loses. */
  readonly unfinished: ReadonlySet<TaskId>;
}

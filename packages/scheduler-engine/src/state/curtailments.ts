import type { SteerState } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "../words/curtailment.ts";
import type { PauseToCome } from "../words/event.ts";
import type { JobNumber } from "../words/job-spec.ts";
import { known } from "./assert.ts";
import type { SiteState } from "./site-state.ts";
import type { TaskId } from "./task-id.ts";

/** What a curtailment has done to a task of a job, in full-speed time of the job. */
export interface JobEffect {
  /** Not worked because of caps, and because it was paused. */
  cappedLossMs: number;
  pausedMs: number;
  /** Of both, in the time of others that had given its floor up. Absent: nothing. */
  forOthersMs?: number;
  /** Of both, on the way back from others that had given its floor up and are over. Absent: nothing. */
  forOthersAfterMs?: number;
  /** Not worked after the end because of it, until it was back at full speed. Absent: nothing. */
  afterMs?: number;
  lowestCapWatts: number;
  /** To how many nodes it was shrunk; 0: it was not. */
  shrunkNodeCount: number;
  /** It got nodes back within this one, which it does once. */
  hasGrown?: true;
  /** How many nodes it had before this one took some of them; absent: it took none. */
  nodeCountBefore?: number;
}

/** A task that a curtailment which is over still holds back: one of both is there. */
export interface FollowedTask {
  /** It runs, and this loss of its attempt (see `lossMs`) is counted. */
  readonly countedMs?: number;
  /** It does not run since. */
  readonly awayFromMs?: number;
}

/** A curtailment and what came of it. */
export interface CurtailmentRecord {
  readonly curtailment: Curtailment;
  /** When it ended before its time, by whom and why. */
  cancelled: { readonly atMs: number; readonly by: string; readonly reason: string } | undefined;
  isOver: boolean;
  /** Ramps need so long to bring bounds down to the target; grows until caps begin to fall. */
  fallMs: number;
  /** So much sooner its line begins and ends, since it is measured seldom; grows as long. */
  aheadMs: number;
  /** And so much longer to let idle nodes go off one after the other; grows as long. */
  sleepMs: number;
  /** Nodes that go off for it as ramps allow, in this order; those that are off already, too. */
  sleepers: readonly number[];
  /** Who pauses or shrinks for it as was foreseen when it was announced, until that is decided. */
  foreseen: readonly PlannedPause[];
  /** Of a planned one: who is paused when is decided. */
  isPlanned: boolean;
  plannedAtMs: number;
  /** That plan knew curves only: none of its jobs was measured yet, as without notice. */
  isPlannedUnmeasured: boolean;
  /** Nobody stops for answers that were late then, though not all fit: it is planned again when they are there. */
  isAwaitingAnswers: boolean;
  /** What every job may lose beyond its tier, since floors could not all be kept any more: ten-thousandths. */
  widenedBy: number;
  /** Draw of the domain, watts × ms and ms measured, by minute from the start. */
  readonly minutes: { wattMs: number; measuredMs: number }[];
  /** What its domain drew when its line began, or draws until then: the ramp falls from there. 0: nobody measured. */
  drawnBeforeWatts: number;
  /** Highest mean of one measurement while the target held, and when it ended. */
  worstWatts: number;
  worstAtMs: number;
  /** By task; filled as attempts change their speed. */
  readonly effects: Map<TaskId, JobEffect>;
  /** Loss of each task's attempt (see `lossMs`) up to which `effects` are counted. */
  readonly countedLossMs: Map<TaskId, number>;
  /** Tasks that it still holds back since its end. */
  readonly followed: Map<TaskId, FollowedTask>;
  /** What the steering of a planned one remembers; undefined before the first measurement. */
  steering: SteerState | undefined;
  /** What the last step of the steering asked for. */
  steered:
    | {
        readonly caps: readonly { readonly id: number; readonly capWatts: number }[];
        /** Jobs that may come back now. */
        readonly granted: readonly number[];
        readonly missingWatts: number;
        readonly atMs: number;
        /** What is in the last means of the domain and goes on no more. Absent in older ones. */
        readonly goneWatts?: number;
        /** What it draws from now on beside those that were measured: without who was gone, with nodes that came back. Absent in older ones. */
        readonly besideWatts?: number;
        /** Absent in older ones. */
        readonly drawn?: readonly DrawnLast[];
      }
    | undefined;
}

/** What an attempt drew in a curtailed domain when it was measured last, on top of its idle nodes. */
export interface DrawnLast {
  readonly job: JobNumber;
  readonly task: number;
  readonly attempt: number;
  readonly watts: number;
  /** The part that the steering counted as the rest of the domain. */
  readonly restWatts: number;
}

/** A pause to come, or a shrink as soon as ramps allow its stop. */
export interface PlannedPause extends PauseToCome {
  /** The planned curtailment that it is for; absent: for what bounds must not exceed. */
  readonly curtailment?: string;
}

/** A task of a job that was paused to save watts and has not been let back yet. */
export interface PausedTask {
  readonly job: JobNumber;
  readonly task: number;
  readonly site: string;
  /** Where it ran, or of these the ones that it goes on with: what its return is planned with. */
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
  /** The cap under which it ran, with whose watts what shrinks goes on; absent: none. */
  readonly capWatts?: number;
  readonly fromMs: number;
  /** When it should work again. */
  readonly untilMs: number;
  /** The planned curtailment that paused it; absent: what bounds must not exceed did. */
  readonly curtailment?: string;
  /** It is in the queue again; its watts stay reserved until it starts. */
  readonly isReturning: boolean;
  /** It gave nodes back, or gets them again: it comes back on `nodes`, which are kept for it, as soon as it can. */
  readonly isShrinking: boolean;
  /** It gets back what it gave for a curtailment that is over. */
  readonly isGrowing?: true;
}

/**
 * A task that runs on fewer nodes than it had, since curtailments or lost supplies took some or paused it; or that is away
 * and may come back so. It may have them back, once.
 */
export interface ShrunkTask {
  readonly job: JobNumber;
  readonly task: number;
  readonly site: string;
  /** Before the first that took some or paused it. */
  readonly nodeCount: number;
  /** The last of them, if it was a planned one. */
  readonly curtailment?: string;
}

/** Draw of one domain in the last hour, minute by minute: a baseline. */
export interface DrawHistory {
  lastAtMs: number;
  /** So far apart it is measured, whether each is kept or not; absent: it was measured once. */
  apartMs?: number;
  /** `[minute since the epoch, watts × ms, ms]`, oldest first; at most sixty-one. */
  readonly minutes: [minute: number, wattMs: number, measuredMs: number][];
}

/** Everything about curtailments that is not part of a site's ledger. */
export interface Curtailments {
  readonly records: Map<string, CurtailmentRecord>;
  readonly paused: Map<TaskId, PausedTask>;
  readonly shrunk: Map<TaskId, ShrunkTask>;
  /** By site, in the order of their beginning. */
  readonly pauses: Map<string, readonly PlannedPause[]>;
  /** By site and domain. */
  readonly draws: Map<string, DrawHistory>;
}

export function createCurtailments(): Curtailments {
  return {
    records: new Map(),
    paused: new Map(),
    shrunk: new Map(),
    pauses: new Map(),
    draws: new Map(),
  };
}

/** Leads are whole windows of the steering, which are counted from the start. */
const leadStepMs = 60_000;

type Falling = Pick<CurtailmentRecord, "curtailment" | "fallMs" | "aheadMs">;

/** What of the fall lies before the start, since ramps are slower than the curtailment's own, or measurements far apart. */
export function leadMsOf(record: Falling): number {
  return lineMsOf(record) - toNumber(record.curtailment.ramp) + record.aheadMs;
}

/** How long its line falls. */
export function lineMsOf({ curtailment, fallMs }: Falling): number {
  const rampMs = toNumber(curtailment.ramp);
  const missingMs = Math.max(0, fallMs - rampMs);
  return rampMs + Math.ceil(missingMs / leadStepMs) * leadStepMs;
}

/** When the first cap falls for it. */
export function beginsAtMs(record: CurtailmentRecord): number {
  return toNumber(record.curtailment.start) - leadMsOf(record);
}

/** Where the line of its ramp begins; where nobody measured, at its baseline. */
export function rampFromWatts({
  curtailment: { target, baseline },
  drawnBeforeWatts,
}: Pick<CurtailmentRecord, "curtailment" | "drawnBeforeWatts">): number {
  return Math.max(toNumber(target), drawnBeforeWatts || toNumber(baseline));
}

/** What `createRecord` is told of the moment of the notice. */
export type RecordedAtNotice = Pick<
  CurtailmentRecord,
  "fallMs" | "aheadMs" | "sleepMs" | "drawnBeforeWatts"
>;

export function createRecord(
  curtailment: Curtailment,
  atNotice: RecordedAtNotice = { fallMs: 0, aheadMs: 0, sleepMs: 0, drawnBeforeWatts: 0 },
): CurtailmentRecord {
  return {
    curtailment,
    ...atNotice,
    sleepers: [],
    foreseen: [],
    cancelled: undefined,
    isOver: false,
    isPlanned: false,
    plannedAtMs: 0,
    isPlannedUnmeasured: false,
    isAwaitingAnswers: false,
    widenedBy: 0,
    minutes: [],
    worstWatts: 0,
    worstAtMs: 0,
    effects: new Map(),
    countedLossMs: new Map(),
    followed: new Map(),
    steering: undefined,
    steered: undefined,
  };
}

/** By the domain's id: an edited site file moves positions. */
export function drawKey({ site }: SiteState, domain: number): string {
  return `${site.id} ${known(site.domains[domain], "domain of a draw").id}`;
}

/** Is a curtailment of a site on, or so near that its pauses have been decided? */
export function hasPlannedSoon({ records }: Curtailments, site: string): boolean {
  for (const { curtailment, isOver, isPlanned } of records.values()) {
    if (curtailment.site === site && isPlanned && !isOver) {
      return true;
    }
  }
  return false;
}

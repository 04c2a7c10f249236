import { toNumber } from "@ertis/quantities";
import type { Site } from "@ertis/site-model";
import type { EngineLimits } from "../limits.ts";
import type { PowerBudget } from "../words/command.ts";
import type { JobNumber } from "../words/job-spec.ts";
import { createCurtailments, type Curtailments } from "./curtailments.ts";
import type { Job } from "./job.ts";
import { JobTable } from "./job-table.ts";
import { JobQueue } from "./queue.ts";
import { createShares, type Shares } from "./shares.ts";
import { JobsSince } from "./jobs-since.ts";
import type { SiteRamps } from "./ramps.ts";
import type { LostPromise } from "./reservations.ts";
import { RequestIds } from "./request-ids.ts";
import type { SiteState } from "./site-state.ts";
import type { Stoppable } from "./stoppable.ts";
import { type AwaitedStop, createAwaitedStops } from "./awaited-stops.ts";
import type { Heap } from "./heap.ts";
import { Timers } from "./timers.ts";

export interface ParsedSite {
  readonly text: string;
  readonly phases: string;
  readonly site: Site;
}

/**
 * Everything the engine knows. Facts are changed only by `apply` and by the passing of time; marks of what was
 * looked at (`apply/restarted.ts` lists them) by decisions, too.
 */
export interface EngineState {
  nowMs: number;
  nextJob: JobNumber;
  readonly sites: Map<string, SiteState>;
  readonly jobs: JobTable;
  readonly requestIds: RequestIds;
  /** The site last parsed: deciding and applying a registration expand the same text. */
  parsedSite: ParsedSite | undefined;
  readonly budgets: Map<string, PowerBudget>;
  readonly curtailments: Curtailments;
  /** Tenants, projects and users; replaced when accounts are set. */
  shares: Shares;
  /** By site, where a domain has a ramp. */
  readonly ramps: Map<string, SiteRamps>;
  /** Promised starts that had to be let go: they are promised again as soon as that is possible. */
  readonly lostPromises: Map<JobNumber, LostPromise>;
  /** By site. */
  readonly stoppable: Map<string, Stoppable>;
  /** When attempts that a pass found too young to be stopped are old enough; Infinity: never. */
  preemptsAgainAtMs: number;
  /** How often that moment came: passes look again then, though nothing was released. */
  lookedAgainCount: number;
  /** When a pass goes on with those for whom no preemption was thought about yet; Infinity: there are none. */
  preemptsGoOnAtMs: number;
  /** For whom a preemption has been thought about. */
  readonly preemptsThought: JobsSince;
  /** Who found no room, with no start kept for it: a pass that goes on with preemptions asks for it again. */
  readonly foundNoRoom: JobsSince;
  /** Finished jobs that hold nothing any more, in the order they came to this, from `finishedFrom` on. */
  finished: JobNumber[];
  finishedFrom: number;
  /** Jobs that wait for others: who waits for the key. */
  readonly dependents: Map<JobNumber, JobNumber[]>;
  // Derived from the above; rebuilt with it.
  readonly queue: JobQueue;
  readonly timers: Timers;
  /** Stops that nodes have yet to confirm. */
  readonly stops: Heap<AwaitedStop>;
  unfinishedCount: number;
  /** Grows with every site that is registered or edited: pools of before are gone then. */
  sitesVersion: number;
  /** Grows whenever something that did not fit may fit now. */
  releaseCount: number;
  /** The value of `releaseCount` at the end of the last placement pass. */
  passedAtRelease: number;
  /** The last pass left caps to be raised to the next one, which must not wait for anything else. */
  areRaisesLeft: boolean;
}

export function createEngineState(): EngineState {
  return {
    nowMs: 0,
    nextJob: 1,
    sites: new Map(),
    jobs: new JobTable(),
    requestIds: new RequestIds(),
    parsedSite: undefined,
    budgets: new Map(),
    curtailments: createCurtailments(),
    shares: createShares(),
    ramps: new Map(),
    lostPromises: new Map(),
    stoppable: new Map(),
    preemptsAgainAtMs: Infinity,
    preemptsGoOnAtMs: Infinity,
    preemptsThought: new JobsSince(),
    foundNoRoom: new JobsSince(),
    lookedAgainCount: 0,
    finished: [],
    finishedFrom: 0,
    dependents: new Map(),
    queue: new JobQueue(),
    timers: new Timers(),
    stops: createAwaitedStops(),
    unfinishedCount: 0,
    sitesVersion: 0,
    releaseCount: 0,
    passedAtRelease: -1,
    areRaisesLeft: false,
  };
}

function finishedCount(state: EngineState): number {
  return state.finished.length - state.finishedFrom;
}

/** Finished jobs that retention lets go now, oldest first. */
export function retirableCount(state: EngineState, limits: EngineLimits): number {
  const total = finishedCount(state);
  let count = Math.max(0, total - limits.jobsFinishedMax);
  const ageMax = toNumber(limits.jobsFinishedAgeMax);
  while (count < total) {
    const number = state.finished[state.finishedFrom + count];
    const job: Job | undefined = number === undefined ? undefined : state.jobs.get(number);
    if (job?.finishedAtMs !== undefined && job.finishedAtMs + ageMax > state.nowMs) {
      break;
    }
    count += 1;
  }
  return count;
}

/** When `retirableCount` is above 0 next, or undefined while nothing has finished. */
export function nextRetirementMs(state: EngineState, limits: EngineLimits): number | undefined {
  if (finishedCount(state) > limits.jobsFinishedMax) {
    return state.nowMs;
  }
  const oldest = state.finished[state.finishedFrom];
  const finishedAtMs = oldest === undefined ? undefined : state.jobs.get(oldest)?.finishedAtMs;
  return finishedAtMs === undefined
    ? undefined
    : finishedAtMs + toNumber(limits.jobsFinishedAgeMax);
}

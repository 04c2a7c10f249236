import {
  type CapCurve,
  defaultSteerSettings,
  lowestCapOf,
  seenMostWatts,
  type SteerInput,
  type SteerJob,
  type SteerTarget,
} from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { known } from "../../state/assert.ts";
import {
  beginsAtMs,
  type CurtailmentRecord,
  lineMsOf,
  rampFromWatts,
} from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import {
  besideGpusWatts,
  besideWhenBack,
  capInForceOf,
  highestWatts,
  wattsPerWatt,
} from "../attempt-watts.ts";
import { isAwaited } from "./awaited.ts";
import { curveOf } from "./curves.ts";
import { isBelow, runningRecords } from "./effects.ts";
import { raiseWindows } from "./ends-under.ts";
import { weightOf } from "./fill-jobs.ts";
import { givingUp, isGivenUp } from "./given-up.ts";
import { returnNodes } from "./return-nodes.ts";
import { restComingWatts } from "./rest-coming.ts";
import type { Gone } from "./rest-gone.ts";
import { highestRaiseWithin } from "../raise-room.ts";
import type { RaiseWindows } from "../raise-windows.ts";
import { sleepersForReturn } from "./sleepers.ts";
import { idleWattsOf } from "../sleeping-nodes.ts";
import { type CurtailedSite, curtailedSite, floorUnder, tierFloor } from "./tier-floor.ts";

/** What a steering of a planned curtailment may hold: running attempts below its domain that take caps. */
export function steered(site: SiteState, record: CurtailmentRecord): readonly Attempt[] {
  return [...site.attempts]
    .filter(
      (attempt) =>
        attempt.curve !== undefined &&
        (attempt.phase === "starting" || attempt.phase === "running") &&
        isBelow(site, attempt.placement.nodes, record.curtailment.domain),
    )
    .toSorted((a, b) => a.job - b.job || a.task - b.task);
}

export function steerInput(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  measured: {
    readonly wattsOf: ReadonlyMap<TaskId, number>;
    readonly fromMs: number;
    readonly domainWatts: number;
    /** What others leave for starts that are promised for now or soon. */
    readonly promisedWatts: number;
    /** Of what jobs may still lose to curtailments that last longer than another over them. */
    readonly allowance: Allowance;
    readonly gone: Gone;
    /** What it draws less just now since attempts that are not steered dip. */
    readonly dippedWatts: number;
  },
): SteerInput {
  const { allowance, wattsOf, fromMs } = measured;
  const attempts = steered(site, record);
  const floors = floorsOf(state, site, record);
  const others = othersInForce(state, site, record).map((one) => curtailedSite(state, site, one));
  const all = [curtailedSite(state, site, record), ...others] as const;
  const windows = raiseWindows(state, site);
  const jobs = attempts.map((attempt) => steerJob(all, attempt, { floors, allowance, windows }));
  const returning = returningJobs(state, site, record, floors);
  const jobWatts = new Map<number, number>();
  let ofJobs = 0;
  let isComplete = true;
  jobs.forEach((job, at) => {
    const watts = wattsOf.get(job.id);
    const attempt = attempts[at];
    if (watts === undefined || attempt === undefined) {
      isComplete = false;
    } else {
      const ofGpus = Math.max(0, watts - besideGpusWatts(site, attempt)) * job.domainWattsPerWatt;
      jobWatts.set(job.id, ofGpus);
      ofJobs += ofGpus;
    }
  });
  const rest = Math.max(0, measured.domainWatts - ofJobs) + measured.dippedWatts;
  return {
    target: targetOf(record),
    jobs: [...jobs, ...returning],
    measurement: {
      fromMs,
      atMs: state.nowMs,
      jobWatts,
      restWatts: isComplete ? rest : undefined,
      restBoundWatts: rest,
      restMostWatts: restMostWatts(site, record, jobs),
      restComingWatts: restComingWatts(site, record, { fromMs, atMs: state.nowMs, wattsOf }),
      ...measured.gone,
      promisedWatts: measured.promisedWatts,
    },
    settings: defaultSteerSettings,
  };
}

/** Planned ones that steer some of its jobs, too. */
function othersInForce(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): readonly CurtailmentRecord[] {
  return [...runningRecords(state, site.site.id)].filter(
    ({ curtailment: { id, mode, start } }) =>
      id !== record.curtailment.id && mode === "planned" && toNumber(start) <= state.nowMs,
  );
}

/** How much counts in the time of the first that ends: the even part, or all of it. */
export type Allowance = "even" | "whole";

/** The lowest cap that keeps the tier of a task in every one of them that is over it. */
function floorOfAll(all: readonly CurtailedSite[], attempt: Attempt, allowance: Allowance): number {
  const { nodes } = attempt.placement;
  const over = all.filter(({ site, record }) => isBelow(site, nodes, record.curtailment.domain));
  const firstEndMs = Math.min(...over.map(({ record }) => toNumber(record.curtailment.end)));
  const usedUpByMs = allowance === "whole" ? firstEndMs : undefined;
  return Math.max(...over.map((one) => tierFloor(one, attempt, usedUpByMs)));
}

/** The bounds in force of everything below the domain that is not steered. */
function restMostWatts(
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  jobs: readonly SteerJob[],
): number {
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  let most = (site.horizons[0]?.load[domain] ?? 0) / (site.site.domains[domain]?.loadScale ?? 1);
  for (const { gpuCount, capInForceWatts, domainWattsPerWatt } of jobs) {
    most -= gpuCount * capInForceWatts * domainWattsPerWatt;
  }
  return Math.max(0, most);
}

/** The floor of a job, of which this is the usual one; 0: it has no cap of its own. */
type FloorOf = (
  job: Job,
  at: {
    readonly nodes: readonly number[];
    readonly curve: CapCurve | undefined;
    readonly usualWatts: number;
  },
) => number;

/** Where a curtailment that is in force gives floors up, they are the lowest caps that are safe and accepted. */
function floorsOf(state: EngineState, site: SiteState, record: CurtailmentRecord): FloorOf {
  const giving = givingUp([record, ...runningRecords(state, site.site.id)]);
  return ({ spec }, { nodes, curve, usualWatts }) => {
    const isUsual = curve === undefined || !isGivenUp(site, giving, { spec, nodes });
    const lowest = curve?.points[0]?.capWatts ?? usualWatts;
    return isUsual
      ? usualWatts
      : Math.min(usualWatts, lowestCapOf(curve, Math.max(lowest, toNumber(spec.capMin))));
  };
}

/** Jobs that were paused and wait to come back below the domain. */
function returningJobs(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  floors: FloorOf,
): readonly SteerJob[] {
  const jobs: SteerJob[] = [];
  for (const [id, one] of state.curtailments.paused) {
    const { isReturning, nodes, gpusPerNode } = one;
    const job = state.jobs.get(one.job);
    const first = nodes[0] ?? -1;
    const pool = site.nodePool[first];
    const hasStopped = job?.active?.has(one.task) !== true;
    const isHere = one.site === site.site.id && hasStopped && isAwaited(state, one);
    if (
      !isReturning ||
      !isHere ||
      job === undefined ||
      pool === undefined ||
      !isBelow(site, nodes, record.curtailment.domain)
    ) {
      continue;
    }
    const curve = curveOf(pool, job.spec.workloadClass);
    const highest = pool.gpuCap?.highestWatts ?? 0;
    const floor = floorUnder(record, pool, job.spec);
    if (curve !== undefined) {
      const gpuCount = nodes.length * gpusPerNode;
      const asleep = sleepersForReturn(state, site, one);
      const nodesThen = returnNodes(state, site, one);
      const perWatt = wattsPerWatt(site, record, nodesThen);
      jobs.push({
        id,
        gpuCount,
        weight: weightOf(job, gpuCount),
        curve,
        // On nodes outside of what gives its floor up it is to be kept.
        floorCapWatts: floors(job, { nodes: nodesThen, curve, usualWatts: floor || highest }),
        ceilingCapWatts: highest,
        capInForceWatts: highest,
        presence: "returning",
        besideWatts:
          besideWhenBack(site, one) * perWatt +
          (asleep.length === 0
            ? 0
            : idleWattsOf(site, asleep) * wattsPerWatt(site, record, asleep)),
        isWoken: asleep.length > 0,
        domainWattsPerWatt: perWatt,
      });
    }
  }
  return jobs;
}

/** Where ramps are slower than its own, its line begins before its start and reaches the target with it; where it is measured seldom, sooner. */
function targetOf(record: CurtailmentRecord): SteerTarget {
  const { curtailment } = record;
  return {
    startMs: beginsAtMs(record),
    isAskedAhead: record.aheadMs === 0,
    endMs: toNumber(curtailment.end),
    rampMs: lineMsOf(record),
    fromWatts: rampFromWatts(record),
    targetWatts: toNumber(curtailment.target),
  };
}

function steerJob(
  all: readonly [CurtailedSite, ...CurtailedSite[]],
  attempt: Attempt,
  {
    floors,
    allowance,
    windows,
  }: {
    readonly floors: FloorOf;
    readonly allowance: Allowance;
    readonly windows: RaiseWindows;
  },
): SteerJob {
  const [{ state, site, record }] = all;
  const { nodes } = attempt.placement;
  const highest = highestWatts(site, attempt);
  const gpuCount = attempt.placement.nodes.length * attempt.gpusPerNode;
  const job = state.jobs.get(attempt.job);
  const usualWatts = floorOfAll(all, attempt, allowance) || highest;
  return {
    id: taskIdOf(attempt),
    gpuCount,
    weight: job === undefined ? gpuCount : weightOf(job, gpuCount),
    curve: attempt.curve ?? { points: [] },
    floorCapWatts:
      job === undefined ? usualWatts : floors(job, { nodes, curve: attempt.curve, usualWatts }),
    ceilingCapWatts: ceilingOf(all[0], attempt, windows),
    capInForceWatts: capInForceOf(attempt, highest),
    sentCapWatts: attempt.capWatts || highest,
    presence: "running",
    runsFromMs: attempt.runsFromMs,
    domainWattsPerWatt: wattsPerWatt(site, record, nodes),
    ...(attempt.neededCapWatts === 0
      ? {}
      : { seenMostWatts: seenMostWatts(attempt.neededCapWatts) }),
  };
}

/**
 * Where a raise was asked for and not carried out, breakers or what is promised for later do not bear it: its
 * watts are for others.
 */
function ceilingOf(
  { site, record }: CurtailedSite,
  attempt: Attempt,
  windows: RaiseWindows,
): number {
  const highest = highestWatts(site, attempt);
  const sent = attempt.capWatts || highest;
  const asked = record.steering?.knowledge.jobs.get(taskIdOf(attempt))?.askedCapWatts ?? 0;
  return asked <= sent
    ? highest
    : Math.max(
        capInForceOf(attempt, highest),
        highestRaiseWithin(site, windows, attempt, 0) || highest,
      );
}

import { drawAt, type SettledPlan, type ShedJob, type ShedPlan } from "@ertis/power-planning";
import { type Instant, instant, toNumber, type Watts, watts } from "@ertis/quantities";
import type { ForeseenEnds } from "./forecast-ends.ts";
import { momentsOf, saveMsOf, shrunkMs } from "./forecast-moments.ts";
import type { Out } from "./forecast-outs.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { acknowledgeMs, switchOffMs } from "../../limits.ts";
import { ceilingWatts } from "../../power/recovery.ts";
import { known } from "../../state/assert.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";

/** Watts of the domain from this moment on, until the next one. */
export interface ForecastStep {
  readonly at: Instant;
  readonly watts: Watts;
}

export interface Foreseen {
  readonly site: SiteState;
  readonly curtailment: Curtailment;
  readonly untilStartMs: number;
  /** What the domain draws now; undefined: nobody measures it. */
  readonly measuredWatts: number | undefined;
  /** Caps begin to fall so long before the start; below 0: after it. */
  readonly leadMs: number;
  /** And take so long. */
  readonly lineMs: number;
  /** Position of the curtailed domain. */
  readonly domain: number;
  readonly described: DescribedShed;
  readonly plan: ShedPlan;
  /** From when on nodes that go off are off, counted from the start. */
  readonly offMoments: ReadonlyMap<number, number>;
  /** How long those who stop wait for ramps, by job: pauses from when they are due, shrinks from the notice. */
  readonly delaysMs: ReadonlyMap<number, number>;
  /** Scaled load of the domain that the plan leaves alone. */
  readonly besideScaled: number;
  readonly ends: ForeseenEnds;
  /** Pauses of this plan and of all that follow it. */
  readonly outs: ReadonlyMap<TaskId, readonly Out[]>;
  /** How it goes on after the first that it is planned together with is over, and so on. */
  readonly rest: readonly ForeseenRest[];
}

export interface ForeseenRest extends Pick<
  Foreseen,
  "described" | "offMoments" | "besideScaled" | "ends"
> {
  /** From this moment on, counted from the start. */
  readonly fromMs: number;
  readonly plan: SettledPlan;
}

/** With the plan by job, in their order in it: each step asks for all of them. */
interface Indexed extends Foreseen {
  /** What is drawn now as a part of what curves and bounds say. */
  readonly drawnPart: number;
  /** Of one GPU while it works. */
  readonly countedOf: Readonly<Record<Caps, Float64Array>>;
  readonly outsOf: readonly (readonly Out[])[];
  readonly keptNodesOf: readonly (number | undefined)[];
  /** What one watt more on each of its GPUs is in the domain. */
  readonly scaledOf: Float64Array;
  /** Beside the idle nodes: what each draws there while it is on. */
  readonly idleScaled: Float64Array;
}

/**
 * A plan as watts over time: from now, through the ramp, every pause and return, to the last step of
 * the recovery, each at the moment at which it happens. Before and after the event jobs end with their walltimes,
 * which is the latest; in it others may take what ends leave. What starts meanwhile is not known.
 */
export function forecastSteps(asked: Foreseen): readonly ForecastStep[] {
  const indexed = indexedOf(asked);
  const foreseen = { ...indexed, drawnPart: drawnPartOf(indexed) };
  const rest = asked.rest.map((one) => ({
    ...foreseen,
    ...indexedOf({ ...asked, ...one, plan: settledAlready(one.plan) }),
    drawnPart: foreseen.drawnPart,
    fromMs: one.fromMs,
  }));
  const startMs = toNumber(foreseen.curtailment.start);
  const lengthMs = toNumber(foreseen.curtailment.end) - startMs;
  const steps: ForecastStep[] = [];
  for (const atMs of momentsOf(foreseen)) {
    const then = rest.findLast(({ fromMs }) => fromMs <= atMs) ?? foreseen;
    const loadWatts = watts(Math.max(0, wattsAt(then, atMs)));
    if (steps.at(-1)?.watts !== loadWatts || atMs === 0 || atMs === lengthMs) {
      steps.push({ at: instant(startMs + atMs), watts: loadWatts });
    }
  }
  return steps;
}

/** Who goes on with what is asked for already has nothing to wait for. */
function settledAlready(plan: SettledPlan): ShedPlan {
  return { ...plan, capsUntilSettled: plan.caps, missingUntilSettledScaled: 0 };
}

function indexedOf(asked: Foreseen): Indexed {
  const { domain, plan, described, outs } = asked;
  const { jobs, idleNodes } = described.problem;
  const planned = new Map(plan.caps.map((one) => [one.id, one.capWatts]));
  const shrinks = new Map(plan.shrinks.map(({ id, nodeCount }) => [id, nodeCount]));
  return {
    ...asked,
    drawnPart: 1,
    countedOf: {
      now: countedUnder(described, new Map()),
      planned: countedUnder(described, planned),
      "until-settled": countedUnder(described, firstCapsOf(asked)),
    },
    outsOf: described.members.map(
      ({ job, task }) => outs.get(taskIdOf({ job: job.number, task })) ?? [],
    ),
    keptNodesOf: jobs.map(({ id }) => shrinks.get(id)),
    scaledOf: Float64Array.from(
      jobs,
      (job) => job.scaledPerGpuWatt[job.domains.indexOf(domain)] ?? 0,
    ),
    idleScaled: Float64Array.from(
      idleNodes,
      (node) => node.wattsScaled[node.domains.indexOf(domain)] ?? 0,
    ),
  };
}

/** Who has no cap there keeps that of now. */
function countedUnder(
  { problem: { jobs, counts } }: DescribedShed,
  caps: ReadonlyMap<number, number>,
): Float64Array {
  return Float64Array.from(jobs, (job) => {
    const cap = caps.get(job.id) ?? job.capNowWatts;
    return counts === "cap" ? cap : drawAt(job.curve, cap);
  });
}

/** Bounds are no draw: an emergency is told in bounds as they are. */
function drawnPartOf(foreseen: Indexed): number {
  const { measuredWatts, curtailment, untilStartMs } = foreseen;
  const expectedWatts = loadAt(foreseen, -untilStartMs, "now");
  return measuredWatts === undefined || curtailment.mode === "emergency" || expectedWatts <= 0
    ? 1
    : measuredWatts / expectedWatts;
}

/** From the start until the target holds, and holds to the end; Infinity: it never does. */
export function timeToTargetMs(
  steps: readonly ForecastStep[],
  { target, start, end }: Curtailment,
): number {
  const inside = steps.filter(({ at }) => at < end);
  const last = inside.findLastIndex((one) => one.watts > target);
  const next = inside[last + 1];
  return next === undefined ? Infinity : Math.max(0, toNumber(next.at) - toNumber(start));
}

type Caps = "now" | "until-settled" | "planned";

/** In whole watts. */
function wattsAt(foreseen: Indexed, atMs: number): number {
  const { curtailment, site, domain } = foreseen;
  const lengthMs = toNumber(curtailment.end) - toNumber(curtailment.start);
  if (atMs >= lengthMs) {
    const usable = toNumber(site.site.domains[domain]?.usableWatts ?? watts(0));
    const most = ceilingWatts(curtailment, usable, toNumber(curtailment.start) + atMs);
    return Math.min(most, drawnAt(foreseen, atMs));
  }
  if (curtailment.mode === "planned") {
    const { leadMs, lineMs } = foreseen;
    const intoMs = atMs + leadMs;
    const part = intoMs < 0 ? 0 : lineMs === 0 ? 1 : Math.min(1, intoMs / lineMs);
    const before = drawnAt(foreseen, atMs);
    // Nobody draws more because there is less to draw.
    const planned = Math.min(before, loadAt(foreseen, atMs, capsAt(foreseen, atMs)));
    return Math.round(before + part * (planned - before));
  }
  if (atMs < acknowledgeMs) {
    return loadAt(foreseen, atMs, "now");
  }
  return loadAt(foreseen, atMs, capsAt(foreseen, atMs));
}

function capsAt({ described: { problem }, plan, delaysMs }: Foreseen, atMs: number): Caps {
  return atMs < settledMs({ problem, plan, delaysMs }) ? "until-settled" : "planned";
}

/** Without any cap of the curtailment: as measured, where somebody measures. */
function drawnAt(foreseen: Indexed, atMs: number): number {
  return Math.round(loadAt(foreseen, atMs, "now") * foreseen.drawnPart);
}

type Planned = Pick<Foreseen, "plan" | "delaysMs"> & Pick<DescribedShed, "problem">;

/** From the start until everything that was told to stop before it, or at it, is gone. */
export function settledMs({ problem, plan, delaysMs }: Planned): number {
  const { jobs, noticeMs } = problem;
  const saves = plan.pauses
    .filter((one) => one.fromMs <= 0)
    .map(({ id, fromMs }) => fromMs + (delaysMs.get(id) ?? 0) + saveMsOf(jobs[id]));
  const shrinks = plan.shrinks.map(({ id }) => shrunkMs({ problem, delaysMs }, id));
  const offMs = plan.powerOffNodes.length > 0 ? switchOffMs - noticeMs : 0;
  return Math.max(0, offMs, ...saves, ...shrinks);
}

/** Caps until then, by job. Bounds fall as far as caps are safe; what is steered keeps its floor. */
export function firstCapsOf({
  curtailment,
  described,
  plan,
}: Pick<Foreseen, "curtailment" | "described" | "plan">): ReadonlyMap<number, number> {
  const { jobs } = described.problem;
  return new Map(
    plan.capsUntilSettled.map(({ id, capWatts }) => {
      const floorWatts = curtailment.mode === "planned" ? (jobs[id]?.floorCapWatts ?? 0) : 0;
      return [id, Math.max(capWatts, floorWatts)];
    }),
  );
}

function loadAt(foreseen: Indexed, atMs: number, which: Caps): number {
  const { described, domain, besideScaled, site, curtailment, offMoments, ends } = foreseen;
  const { problem } = described;
  let scaled = besideScaled;
  for (const one of ends.before) {
    scaled += atMs < one.untilMs ? one.scaled : 0;
  }
  problem.idleNodes.forEach(({ id }, at) => {
    const isOff = atMs >= (offMoments.get(id) ?? Infinity);
    scaled += isOff ? 0 : (foreseen.idleScaled[at] ?? 0);
  });
  const counted = foreseen.countedOf[which];
  problem.jobs.forEach((job, at) => {
    const isIdle = isIdleAt(foreseen, job, at, atMs) || isOverAt(foreseen, job, atMs);
    const share = isIdle ? 0 : nodeShareAt(foreseen, job, at, atMs);
    const perGpu = share * (counted[at] ?? 0) + (1 - share) * job.idleWatts;
    scaled += perGpu * (foreseen.scaledOf[at] ?? 0);
  });
  const { loadScale = 1 } = site.site.domains[domain] ?? {};
  return curtailment.mode === "planned"
    ? Math.round(scaled / loadScale)
    : Math.ceil(scaled / loadScale - 1e-6);
}

/** Who leads others on shared nodes counts for all of them there, until the last has left. */
function isIdleAt(foreseen: Indexed, job: ShedJob, at: number, atMs: number): boolean {
  const { jobs } = foreseen.described.problem;
  return (
    isOutAt(foreseen, job, at, atMs) &&
    (job.followers ?? []).every((id) => isOutAt(foreseen, known(jobs[id], "follower"), id, atMs))
  );
}

function isOutAt({ outsOf }: Indexed, job: ShedJob, at: number, atMs: number): boolean {
  return (outsOf[at] ?? []).some(
    ({ fromMs, untilMs }) => atMs >= fromMs + saveMsOf(job) && atMs < untilMs - job.restoreMs,
  );
}

/** After the event. */
function isOverAt({ curtailment, ends }: Indexed, { id }: ShedJob, atMs: number): boolean {
  const lengthMs = toNumber(curtailment.end) - toNumber(curtailment.start);
  return atMs >= lengthMs && atMs >= (ends.ofJobs.get(id) ?? Infinity);
}

/** A gang that gave nodes back keeps its fewer nodes after the end, too. */
function nodeShareAt(
  { keptNodesOf, described: { problem }, delaysMs }: Indexed,
  job: ShedJob,
  at: number,
  atMs: number,
): number {
  const kept = keptNodesOf[at];
  const isShrunk = atMs >= shrunkMs({ problem, delaysMs }, job.id);
  return kept === undefined || !isShrunk ? 1 : kept / job.nodeCount;
}

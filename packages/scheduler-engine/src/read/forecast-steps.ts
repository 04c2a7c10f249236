import { drawAt, type ShedJob, type ShedPlan } from "@ertis/power-planning";
import { type Instant, instant, toNumber, type Watts, watts } from "@ertis/quantities";
import type { DescribedShed } from "../decide/describe-shed.ts";
import { acknowledgeMs, switchOffMs } from "../limits.ts";
import { ceilingWatts, changesOf } from "../power/recovery.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";

/** Watts of the domain from this moment on, until the next one. */
export interface ForecastStep {
  readonly at: Instant;
  readonly watts: Watts;
}

export interface Foreseen {
  readonly site: SiteState;
  readonly curtailment: Curtailment;
  /** Caps begin to fall so long before the start. */
  readonly leadMs: number;
  /** Position of the curtailed domain. */
  readonly domain: number;
  readonly described: DescribedShed;
  readonly plan: ShedPlan;
  /** Scaled load of the domain that the plan leaves alone. */
  readonly besideScaled: number;
}

/** With the plan by job and node: each step asks for all of them. */
interface Indexed extends Foreseen {
  readonly capsOf: Readonly<Record<Exclude<Caps, "now">, ReadonlyMap<number, number>>>;
  readonly nodesOff: ReadonlySet<number>;
  readonly pauseOf: ReadonlyMap<number, ShedPlan["pauses"][number]>;
  readonly keptNodesOf: ReadonlyMap<number, number>;
}

/** A planned ramp is told in so many steps. */
const rampSteps = 10;

/**
 * A plan as watts over time: from now, through the ramp, every pause and return, to the last step of
 * the recovery, each at the moment at which it happens.
 */
export function forecastSteps(asked: Foreseen): readonly ForecastStep[] {
  const { caps, capsUntilSettled, pauses, powerOffNodes, shrinks } = asked.plan;
  const foreseen: Indexed = {
    ...asked,
    capsOf: {
      planned: new Map(caps.map((one) => [one.id, one.capWatts])),
      "until-settled": new Map(capsUntilSettled.map((one) => [one.id, one.capWatts])),
    },
    nodesOff: new Set(powerOffNodes),
    pauseOf: new Map(pauses.map((one) => [one.id, one])),
    keptNodesOf: new Map(shrinks.map(({ id, nodeCount }) => [id, nodeCount])),
  };
  const startMs = toNumber(foreseen.curtailment.start);
  const lengthMs = toNumber(foreseen.curtailment.end) - startMs;
  const steps: ForecastStep[] = [];
  for (const atMs of momentsOf(foreseen)) {
    const loadWatts = watts(Math.max(0, wattsAt(foreseen, atMs)));
    if (steps.at(-1)?.watts !== loadWatts || atMs === 0 || atMs === lengthMs) {
      steps.push({ at: instant(startMs + atMs), watts: loadWatts });
    }
  }
  return steps;
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

function momentsOf({ curtailment, described, plan, leadMs }: Foreseen): readonly number[] {
  const { noticeMs, jobs } = described.problem;
  const startMs = toNumber(curtailment.start);
  const moments = [-noticeMs, 0, ...changesOf(curtailment).map((atMs) => atMs - startMs)];
  if (curtailment.mode === "planned") {
    const fallMs = toNumber(curtailment.ramp) + leadMs;
    for (let step = 0; step <= rampSteps; step += 1) {
      moments.push(Math.ceil((step * fallMs) / rampSteps) - leadMs);
    }
  } else {
    moments.push(acknowledgeMs, switchOffMs);
  }
  for (const { id, fromMs, untilMs } of plan.pauses) {
    const job = jobs[id];
    moments.push(fromMs + saveMsOf(job), untilMs - (job?.restoreMs ?? 0));
  }
  for (const { id } of plan.shrinks) {
    moments.push(saveMsOf(jobs[id]) - noticeMs);
  }
  return [...new Set(moments)].filter((atMs) => atMs >= -noticeMs).toSorted((a, b) => a - b);
}

function saveMsOf(job: ShedJob | undefined): number {
  return job === undefined || job.isPausedNow ? 0 : job.saveMs;
}

type Caps = "now" | "until-settled" | "planned";

/** In whole watts. */
function wattsAt(foreseen: Indexed, atMs: number): number {
  const { curtailment, site, domain } = foreseen;
  const lengthMs = toNumber(curtailment.end) - toNumber(curtailment.start);
  if (atMs >= lengthMs) {
    const usable = toNumber(site.site.domains[domain]?.usableWatts ?? watts(0));
    const most = ceilingWatts(curtailment, usable, toNumber(curtailment.start) + atMs);
    return Math.min(most, loadAt(foreseen, atMs, "now"));
  }
  if (curtailment.mode === "planned") {
    const fallMs = toNumber(curtailment.ramp) + foreseen.leadMs;
    const intoMs = atMs + foreseen.leadMs;
    const part = intoMs < 0 ? 0 : fallMs === 0 ? 1 : Math.min(1, intoMs / fallMs);
    const before = loadAt(foreseen, atMs, "now");
    return Math.round(before + part * (loadAt(foreseen, atMs, "planned") - before));
  }
  if (atMs < acknowledgeMs) {
    return loadAt(foreseen, atMs, "now");
  }
  return loadAt(foreseen, atMs, atMs < settledMs(foreseen) ? "until-settled" : "planned");
}

/** When everything that was told to stop at once is gone. */
function settledMs({ described, plan }: Foreseen): number {
  const { jobs } = described.problem;
  const saves = plan.pauses.filter((one) => one.fromMs <= 0).map((one) => saveMsOf(jobs[one.id]));
  const shrinks = plan.shrinks.map((one) => saveMsOf(jobs[one.id]));
  return Math.max(0, plan.powerOffNodes.length > 0 ? switchOffMs : 0, ...saves, ...shrinks);
}

function loadAt(foreseen: Indexed, atMs: number, which: Caps): number {
  const { described, domain, besideScaled, site, curtailment, capsOf, nodesOff } = foreseen;
  const { problem } = described;
  const areNodesOff = atMs >= offFromMs(foreseen);
  let scaled = besideScaled;
  for (const node of problem.idleNodes) {
    scaled +=
      areNodesOff && nodesOff.has(node.id)
        ? 0
        : (node.wattsScaled[node.domains.indexOf(domain)] ?? 0);
  }
  for (const job of problem.jobs) {
    const cap = which === "now" ? job.capNowWatts : (capsOf[which].get(job.id) ?? job.capNowWatts);
    const counted = problem.counts === "cap" ? cap : drawAt(job.curve, cap);
    const share = isIdleAt(foreseen, job, atMs) ? 0 : nodeShareAt(foreseen, job, atMs);
    const perGpu = share * counted + (1 - share) * job.idleWatts;
    scaled += perGpu * (job.scaledPerGpuWatt[job.domains.indexOf(domain)] ?? 0);
  }
  const { loadScale = 1 } = site.site.domains[domain] ?? {};
  return curtailment.mode === "planned"
    ? Math.round(scaled / loadScale)
    : Math.ceil(scaled / loadScale - 1e-6);
}

function offFromMs({ curtailment, described }: Foreseen): number {
  return curtailment.mode === "planned" ? switchOffMs - described.problem.noticeMs : switchOffMs;
}

function isIdleAt({ pauseOf }: Indexed, job: ShedJob, atMs: number): boolean {
  const pause = pauseOf.get(job.id);
  return (
    pause !== undefined &&
    atMs >= pause.fromMs + saveMsOf(job) &&
    atMs < pause.untilMs - job.restoreMs
  );
}

/** A gang that gave nodes back keeps its fewer nodes after the end, too. */
function nodeShareAt({ keptNodesOf, described }: Indexed, job: ShedJob, atMs: number): number {
  const kept = keptNodesOf.get(job.id);
  const isShrunk = atMs >= saveMsOf(job) - described.problem.noticeMs;
  return kept === undefined || !isShrunk ? 1 : kept / job.nodeCount;
}

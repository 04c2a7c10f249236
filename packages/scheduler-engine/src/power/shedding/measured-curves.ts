import {
  type CapCurve,
  drawAt,
  type SeenDraw,
  seenCurve,
  seenMostWatts,
  type ShedProblem,
} from "@ertis/power-planning";
import { drawKey } from "../../state/curtailments.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { isBelow } from "./effects.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { ShedContext, ShedMember } from "./shed-jobs.ts";
import { staleAfterMs } from "../stale-meters.ts";

const minuteMs = 60_000;
/** The highest of so many minutes counts: a checkpoint dips for less. */
const minutesSeen = 3;
/** Steps of a ratio, upwards: what one minute differs from the next is no reason for another plan. */
const stepsPerOne = 100;
/** The least that jobs without a need of their own are taken to draw of their curves: some may only wait. */
const ratioMin = 0.8;

/** Mean draw of a domain in the last minute that was measured, and in the highest of the last few. */
export interface DrawNow {
  readonly lastWatts: number;
  readonly highestWatts: number;
}

/**
 * Undefined: nobody measures it now.
 * @param sinceMs what was drawn in minutes before its own does not tell of now
 */
export function drawNow(
  { state, site }: ShedContext,
  domain: number,
  sinceMs: number = -Infinity,
): DrawNow | undefined {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  if (history === undefined || state.nowMs - history.lastAtMs >= staleAfterMs) {
    return undefined;
  }
  const firstMinute = Math.floor(state.nowMs / minuteMs) - minutesSeen;
  const ownMinute = Math.max(firstMinute, Math.ceil(sinceMs / minuteMs));
  const meansFrom = (first: number): readonly number[] =>
    history.minutes.filter(([minute]) => minute >= first).map(([, wattMs, ms]) => wattMs / ms);
  const lastWatts = meansFrom(firstMinute).at(-1);
  return lastWatts === undefined
    ? undefined
    : { lastWatts, highestWatts: Math.max(lastWatts, ...meansFrom(ownMinute)) };
}

/** The highest of the last minutes, whole watts; 0: nobody measures it now. */
export function drawnWatts(state: EngineState, site: SiteState, domain: number): number {
  return Math.round(drawNow({ state, site, record: undefined }, domain)?.highestWatts ?? 0);
}

/**
 * Jobs with their draw as it was measured: each its own where the steering has learned it (ten minutes
 * before the start, and on), else all by what their domain draws less than they and its bounds would.
 */
export function asMeasured(
  context: ShedContext,
  members: readonly ShedMember[],
  { ceiling, problem }: { readonly ceiling: Float64Array; readonly problem: ShedProblem },
): readonly ShedMember[] {
  const learned = learnedRatios(context, members);
  if (learned.some((ratio) => ratio !== undefined)) {
    const curves = new SeenCurves();
    return members.map((member, at) => curves.seen(member, learned[at] ?? 1));
  }
  const { site, record } = context;
  const domainId = record?.curtailment.domain ?? "";
  const domain = site.domainIndexById.get(domainId) ?? -1;
  const drawn = domain === -1 ? undefined : drawNow(context, domain);
  if (drawn === undefined) {
    return members;
  }
  const ratio = commonRatio(context, members, {
    domain,
    measuredScaled: drawn.highestWatts * (site.site.domains[domain]?.loadScale ?? 1),
    besideScaled: (ceiling[domain] ?? 0) - (problem.roomScaled[domain] ?? 0),
    problem,
  });
  const curves = new SeenCurves();
  return members.map((member) =>
    isSteady(context, member) && isBelow(site, member.nodes, domainId)
      ? curves.seen(member, Math.min(ratio, needRatio(member)))
      : member,
  );
}

/** Jobs of a class share their curve, and what is known of it. */
class SeenCurves {
  readonly #known = new Map<CapCurve, Map<string, CapCurve>>();

  seen(member: ShedMember, ratio: number): ShedMember {
    const { shed } = member;
    return ratio === 1
      ? member
      : {
          ...member,
          shed: { ...shed, curve: this.#of(shed.curve, { capWatts: shed.capNowWatts, ratio }) },
        };
  }

  #of(curve: CapCurve, seen: SeenDraw): CapCurve {
    const key = `${seen.ratio} ${seen.capWatts}`;
    const known = this.#known.get(curve) ?? new Map<string, CapCurve>();
    const found = known.get(key) ?? seenCurve(curve, seen);
    this.#known.set(curve, known.set(key, found));
    return found;
  }
}

/** Of its curve a job draws at most what it was ever seen to need; 1: that is not known. */
function needRatio({ shed, attempt }: ShedMember): number {
  const needed = attempt?.neededCapWatts ?? 0;
  return needed === 0
    ? 1
    : Math.min(1, seenMostWatts(needed) / drawAt(shed.curve, shed.capNowWatts));
}

function learnedRatios(
  { record }: ShedContext,
  members: readonly ShedMember[],
): readonly (number | undefined)[] {
  const knowledge = record?.steering?.knowledge;
  return members.map(({ job, task }) => {
    const seen = knowledge?.jobs.get(taskIdOf({ job: job.number, task }));
    return knowledge === undefined || seen?.seenAtMs === undefined
      ? undefined
      : knowledge.common.ratio * seen.own.ratio;
  });
}

interface Measured {
  readonly domain: number;
  readonly measuredScaled: number;
  /** Bounds of all that is neither a job of the problem nor an idle node. */
  readonly besideScaled: number;
  readonly problem: ShedProblem;
}

/**
 * All that is measured less than bounds, curves and needs say is put down to the curves: so at lower caps
 * more is expected than will be drawn, not less. Never above 1: jobs that have just ended are in what was
 * measured, and what does draw more is learned before the start.
 */
function commonRatio(
  context: ShedContext,
  members: readonly ShedMember[],
  { domain, measuredScaled, besideScaled, problem }: Measured,
): number {
  let restScaled = besideScaled;
  for (const { domains, wattsScaled } of problem.idleNodes) {
    restScaled += wattsScaled[domains.indexOf(domain)] ?? 0;
  }
  const steady: { readonly drawScaled: number; readonly needRatio: number }[] = [];
  for (const member of members) {
    const { shed } = member;
    const scaled = shed.scaledPerGpuWatt[shed.domains.indexOf(domain)] ?? 0;
    if (isSteady(context, member)) {
      const drawScaled = drawAt(shed.curve, shed.capNowWatts) * scaled;
      steady.push({ drawScaled, needRatio: needRatio(member) });
    } else {
      restScaled += shed.idleWatts * scaled;
    }
  }
  const enough = (step: number): boolean => {
    let sum = restScaled;
    for (const one of steady) {
      sum += one.drawScaled * Math.min(one.needRatio, step / stepsPerOne);
    }
    return sum >= measuredScaled;
  };
  let step = Math.round(ratioMin * stepsPerOne);
  while (step < stepsPerOne && !enough(step)) {
    step += 1;
  }
  return step / stepsPerOne;
}

/** Has it run as it does now in every minute that was looked at? */
function isSteady({ state }: ShedContext, { attempt }: ShedMember): boolean {
  return (
    attempt?.phase === "running" &&
    attempt.capInForce === undefined &&
    state.nowMs - attempt.workAtMs >= (minutesSeen + 1) * minuteMs
  );
}

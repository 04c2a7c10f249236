import {
  type CapCurve,
  learnedSeen,
  type SeenDraw,
  seenCurve,
  type ShedProblem,
  unseenHeld,
} from "@ertis/power-planning";
import { type CurtailmentRecord, drawKey } from "../../state/curtailments.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { type CommonRatio, commonRatio, isFixed, mostRatio } from "./common-ratio.ts";
import { isBelow } from "./effects.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { knownMinutes, knownSinceMs } from "./known-minutes.ts";
import type { ShedContext, ShedMember } from "./shed-jobs.ts";
import { staleAfterMs } from "../stale-meters.ts";

const minuteMs = 60_000;
/** The highest of so many minutes counts: a checkpoint dips for less. */
const minutesSeen = 3;

/** Mean draw of a domain in the last minute that was measured, in the highest of the last few, and in all of them. */
export interface DrawNow {
  readonly lastWatts: number;
  readonly highestWatts: number;
  readonly meanWatts: number;
}

/**
 * Undefined: nobody measures it now, or not for a minute yet.
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
  const minutes = knownMinutes(history);
  const last = minutes.findLast(([minute]) => minute >= firstMinute);
  if (last === undefined) {
    return undefined;
  }
  const own = minutes.filter((one) => one[0] >= ownMinute || one === last);
  const [sumWattMs, sumMs] = own.reduce(
    ([watts, length], [, wattMs, ms]) => [watts + wattMs, length + ms],
    [0, 0],
  );
  return {
    lastWatts: last[1] / last[2],
    highestWatts: Math.max(...own.map(([, wattMs, ms]) => wattMs / ms)),
    meanWatts: sumWattMs / sumMs,
  };
}

/** The highest of the last minutes, whole watts; 0: nobody measures it now. */
export function drawnWatts(state: EngineState, site: SiteState, domain: number): number {
  return Math.round(drawNow({ state, site, record: undefined }, domain)?.highestWatts ?? 0);
}

/**
 * Jobs with their draw as it was measured: each its own where a steering has learned it (from ten minutes before its
 * start on), also that of another one over it: what floors take counts as what targets leave. The others all
 * by what the innermost domain over them that is planned for draws less than they and its bounds would,
 * unless its steering is to learn them: who takes no caps it never does.
 */
export function asMeasured(
  context: ShedContext,
  members: readonly ShedMember[],
  measure: ToMeasure,
): readonly ShedMember[] {
  const learned = learnedDraws(context, members);
  const told = innerFirst(context, measure.group).map((record) =>
    toldUnder({ ...context, record }, members, { ...measure, learned }),
  );
  const curves = new SeenCurves();
  return members.map((member, at) => {
    const ratio = told.find(({ isOver }) => isOver(member))?.ratioOf(member) ?? 1;
    return curves.seen(member, learned[at] ?? seenNow(member, ratio));
  });
}

interface ToMeasure {
  readonly ceiling: Float64Array;
  readonly problem: ShedProblem;
  /** By the mean of the last minutes instead of the highest. */
  readonly isTypical: boolean;
  /** The planned curtailments that are planned for together. */
  readonly group: readonly CurtailmentRecord[];
}

/** What a domain tells of jobs below it. */
interface Told {
  readonly isOver: (member: ShedMember) => boolean;
  /** Of its curve. */
  readonly ratioOf: (member: ShedMember) => number;
}

/** Those that are planned for together, inner ones first; else the one that is meant. */
function innerFirst(
  { site, record }: ShedContext,
  group: readonly CurtailmentRecord[],
): readonly CurtailmentRecord[] {
  const at = ({ curtailment: { domain } }: CurtailmentRecord): number =>
    site.domainIndexById.get(domain) ?? -1;
  const all = group.length > 0 ? group : [record].filter((one) => one !== undefined);
  // Children stand after their parents.
  return all.toSorted((a, b) => at(b) - at(a));
}

function toldUnder(
  context: ShedContext & { readonly record: CurtailmentRecord },
  members: readonly ShedMember[],
  { ceiling, problem, isTypical, group, learned }: ToMeasure & Pick<Described, "learned">,
): Told {
  const { site, record } = context;
  const lookedAtMs = lookedAtSinceMs(context);
  const isSteady = steadySince(lookedAtMs);
  const common = commonOf(context, members, {
    learned,
    ceiling,
    problem,
    isTypical,
    group,
    isSteady,
    lookedAtMs,
  });
  const isLearning = hasLearned(record, members);
  return {
    isOver: ({ nodes }) => isBelow(site, nodes, record.curtailment.domain),
    ratioOf: (member) =>
      common === undefined || !isSteady(member) || (isLearning && !takesNoCaps(member))
        ? 1
        : Math.min(isFixed(member) ? common.ofFixed : common.ofAll, mostRatio(member)),
  };
}

function takesNoCaps({ shed }: ShedMember): boolean {
  return shed.curve.points.length === 1;
}

interface Described extends ToMeasure {
  readonly learned: readonly (SeenDraw | undefined)[];
  readonly isSteady: (member: ShedMember) => boolean;
  readonly lookedAtMs: number;
}

/** Undefined: nobody measures its domain. */
function commonOf(
  context: ShedContext & { readonly record: CurtailmentRecord },
  members: readonly ShedMember[],
  { learned, ceiling, problem, isTypical, isSteady, lookedAtMs }: Described,
): CommonRatio | undefined {
  const { site, record } = context;
  const domain = site.domainIndexById.get(record.curtailment.domain) ?? -1;
  const drawn = domain === -1 ? undefined : drawNow(context, domain);
  return drawn === undefined
    ? undefined
    : commonRatio(members, {
        domain,
        measuredScaled:
          (isTypical ? drawn.meanWatts : drawn.highestWatts) *
          (site.site.domains[domain]?.loadScale ?? 1),
        besideScaled: (ceiling[domain] ?? 0) - (problem.roomScaled[domain] ?? 0),
        idleNodes: problem.idleNodes.filter(
          ({ id }) => (site.turnedAtMs.get(id) ?? -Infinity) <= lookedAtMs,
        ),
        learned,
        isSteady,
        isAllSteady: isAllSteady(context, domain, lookedAtMs),
      });
}

/** Jobs of a class share their curve, and what is known of it. */
class SeenCurves {
  readonly #known = new Map<CapCurve, Map<string, CapCurve>>();

  seen(member: ShedMember, draw: SeenDraw): ShedMember {
    const { shed } = member;
    return draw.ratio === 1
      ? member
      : {
          ...member,
          shed: { ...shed, curve: this.#of(shed.curve, draw) },
        };
  }

  #of(curve: CapCurve, seen: SeenDraw): CapCurve {
    const key = `${seen.ratio} ${seen.capWatts} ${seen.heldRatio ?? ""}`;
    const known = this.#known.get(curve) ?? new Map<string, CapCurve>();
    const found = known.get(key) ?? seenCurve(curve, seen);
    this.#known.set(curve, known.set(key, found));
    return found;
  }
}

/**
 * What is seen of it under the cap that it has. Whether a lower one saves anything before it is below that draw nobody
 * knows: a cap that holds a GPU back leaves nearly all of itself.
 */
function seenNow({ shed }: ShedMember, ratio: number): SeenDraw {
  return { ratio, capWatts: shed.capNowWatts, heldRatio: unseenHeld(ratio) };
}

/** By the steering of the curtailment, or of another planned one; undefined: none has seen it. */
function learnedDraws(
  { state, site, record }: ShedContext,
  members: readonly ShedMember[],
): readonly (SeenDraw | undefined)[] {
  const others = [...state.curtailments.records.values()].filter(
    (one) =>
      one !== record &&
      !one.isOver &&
      one.curtailment.site === site.site.id &&
      one.steering !== undefined,
  );
  const known = [record, ...others].filter((one) => one !== undefined);
  return members.map((member) => {
    for (const one of known) {
      const seen = learnedDraw(one, member);
      if (seen !== undefined) {
        return seen;
      }
    }
    return undefined;
  });
}

function learnedDraw(
  { steering }: CurtailmentRecord,
  { job, task, shed }: ShedMember,
): SeenDraw | undefined {
  return steering === undefined
    ? undefined
    : learnedSeen(
        steering.knowledge,
        taskIdOf({ job: job.number, task }),
        shed.curve,
        shed.capNowWatts,
      );
}

function hasLearned(record: CurtailmentRecord, members: readonly ShedMember[]): boolean {
  return members.some((member) => learnedDraw(record, member) !== undefined);
}

/** From when on the minutes are that are looked at. Those of a new hub are fewer. */
function lookedAtSinceMs({ state, site, record }: ShedContext): number {
  const domain = site.domainIndexById.get(record?.curtailment.domain ?? "");
  const history =
    domain === undefined ? undefined : state.curtailments.draws.get(drawKey(site, domain));
  const firstMs = state.nowMs - (minutesSeen + 1) * minuteMs;
  return Math.max(firstMs, history === undefined ? -Infinity : knownSinceMs(history));
}

/** Has it run as it does now in every minute that was looked at? */
function steadySince(lookedAtMs: number): (member: ShedMember) => boolean {
  return ({ attempt }) =>
    attempt?.phase === "running" &&
    attempt.capInForce === undefined &&
    attempt.workAtMs <= lookedAtMs;
}

/** Neither has anybody given GPUs back there since, nor has a node gone off or come back. */
function isAllSteady({ site }: ShedContext, domain: number, lookedAtMs: number): boolean {
  const top = site.site.domains[domain]?.id ?? "";
  return (
    (site.leftAtMs[domain] ?? Infinity) <= lookedAtMs &&
    ![...site.turnedAtMs].some(([node, atMs]) => atMs > lookedAtMs && isBelow(site, [node], top))
  );
}

import { drawAt, floorWatts, highestMinuteWatts, type ShedProblem } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { type CurtailmentRecord, drawKey } from "../../state/curtailments.ts";
import { known } from "../../state/assert.ts";
import { isBelow } from "./effects.ts";
import { knownMinutes, knownSinceMs } from "./known-minutes.ts";
import { drawNow } from "./draw-now.ts";
import { plannedPart } from "./planned-target.ts";
import type { ShedContext, ShedMember } from "./shed-jobs.ts";

const minuteMs = 60_000;

/** What jobs at their floors may draw in a minute of a planned curtailment, in its domain, scaled. */
export interface Unsteered {
  /** Position of the domain; -1: nothing is known of any. */
  readonly column: number;
  /** More than they are counted with. */
  readonly moreScaled: number;
  /** So much of that is kept free of the target, since nobody could be lowered for it, nor stopped. */
  readonly reserveScaled: number;
}

const nothingUnsteered: Unsteered = { column: -1, moreScaled: 0, reserveScaled: 0 };

interface Counted {
  readonly ceiling: Float64Array;
  readonly problem: ShedProblem;
  readonly members: readonly ShedMember[];
}

/**
 * At the smallest target jobs are at their floors, and what they draw more than they are counted with is over it: who still
 * can be lowered or stopped makes room for that, and only for the rest something has to be kept free. Where nobody
 * measures, nothing is known to be over.
 */
export function unsteered(
  context: ShedContext & { readonly record: CurtailmentRecord },
  { ceiling, problem, members }: Counted,
): Unsteered {
  const { state, site, record } = context;
  const { curtailment } = record;
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  const drawn = drawNow(context, domain);
  const below = members.filter(({ shed }) => shed.domains.includes(domain));
  if (curtailment.mode !== "planned" || drawn === undefined || below.length === 0) {
    return nothingUnsteered;
  }
  const scaledOf = ({ shed }: ShedMember): number =>
    shed.scaledPerGpuWatt[shed.domains.indexOf(domain)] ?? 0;
  let idleScaled = 0;
  for (const { domains, wattsScaled } of problem.idleNodes) {
    idleScaled += wattsScaled[domains.indexOf(domain)] ?? 0;
  }
  const sums = { now: 0, floors: 0, most: 0, least: 0 };
  const jobWatts = below.map((member) => {
    const { shed } = member;
    const perWatt = scaledOf(member);
    const floor = floorWatts(problem, shed);
    const now = drawAt(shed.curve, shed.capNowWatts) * perWatt;
    sums.now += now;
    sums.floors += floor * perWatt;
    sums.most += Math.max(floor, shed.floorCapWatts) * perWatt;
    sums.least += leastWatts(member, floor) * perWatt;
    return now;
  });
  const besideScaled = (ceiling[domain] ?? 0) - (problem.roomScaled[domain] ?? 0);
  const countedScaled = besideScaled + idleScaled + sums.now;
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const highestScaled = highestMinuteWatts({
    jobWatts,
    countedWatts: countedScaled,
    minuteWatts: steadyMinutes(context, domain, below).map((watts) => watts * scale),
    aheadMinutes: Math.max(0, toNumber(curtailment.end) - state.nowMs) / minuteMs,
  });
  const morePart = Math.max(0, highestScaled - countedScaled) / Math.max(1, sums.now);
  // Whatever a program wants, the hardware holds it to its cap.
  const moreScaled = Math.min(morePart * sums.floors, sums.most - sums.floors);
  const allScaled = besideScaled + sums.floors;
  const reserveScaled = reserveOf(record, { allScaled, moreScaled, ...sums });
  return { column: domain, moreScaled, reserveScaled };
}

interface AtFloors {
  readonly allScaled: number;
  readonly moreScaled: number;
  readonly floors: number;
  readonly least: number;
}

/** Beyond what the plan leaves free of every target, and those can give who go below their floors if need be. */
function reserveOf(
  record: CurtailmentRecord,
  { allScaled, moreScaled, floors, least }: AtFloors,
): number {
  const neededScaled = allScaled + moreScaled - (floors - least);
  return Math.max(0, neededScaled * plannedPart(record) - allScaled);
}

/** Of one GPU, in the end. */
function leastWatts({ shed }: ShedMember, floor: number): number {
  const lowest = drawAt(shed.curve, shed.curve.points[0]?.capWatts ?? shed.floorCapWatts);
  return shed.isProtected ? floor : Math.min(floor, shed.canPause ? shed.idleWatts : lowest);
}

/** Mean draws of the last minutes in which all that is there now ran as it does now, the newest last. */
function steadyMinutes(
  { state, site }: ShedContext,
  domain: number,
  below: readonly ShedMember[],
): readonly number[] {
  const history = state.curtailments.draws.get(drawKey(site, domain));
  const top = site.site.domains[domain]?.id ?? "";
  const running = below.flatMap(({ attempt }) => attempt ?? []);
  const isAll =
    running.length === below.length &&
    running.every(({ phase, capInForce }) => phase === "running" && capInForce === undefined) &&
    [...site.attempts].filter(({ heldNodes }) => isBelow(site, heldNodes, top)).length ===
      running.length;
  if (history === undefined || !isAll) {
    return [];
  }
  let sinceMs = Math.max(knownSinceMs(history), site.leftAtMs[domain] ?? Infinity);
  for (const [node, atMs] of site.turnedAtMs) {
    sinceMs = isBelow(site, [node], top) ? Math.max(sinceMs, atMs) : sinceMs;
  }
  for (const { workAtMs } of running) {
    sinceMs = Math.max(sinceMs, workAtMs);
  }
  // A reading of a whole minute reaches into the one before.
  const first = Math.ceil(sinceMs / minuteMs) + 1;
  return knownMinutes(history)
    .filter(([minute]) => minute >= first)
    .map(([, wattMs, ms]) => wattMs / ms);
}

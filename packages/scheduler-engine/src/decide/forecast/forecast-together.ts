import { type ShedProblem, trySettled } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { type DescribedShed, describeShed } from "../shed/describe-shed.ts";
import type { ForeseenLoss } from "../shed/shed-wish.ts";
import { preparedMs } from "../shed/plan-at.ts";
import { ceilingOf, isRestKept, keepsFloors } from "../shed/plan-together.ts";
import { leftBefore } from "./left-before.ts";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { givingUp as whoGivesUp } from "../../power/shedding/given-up.ts";
import { plannedTogether } from "../../power/shedding/planned-group.ts";
import { unsteered } from "../../power/shedding/unsteered.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";

/** A curtailment as it is planned from a moment on. */
export interface Together {
  readonly ceiling: Float64Array;
  readonly described: DescribedShed;
  /** The planned ones that are in force with it then. */
  readonly others: readonly CurtailmentRecord[];
}

/** How a planned curtailment stands beside those that are announced. */
export interface Beside {
  /** From its start on, with those that are in force then. */
  readonly atStart: Together;
  /** At these moments floors would give way only because it is there, too. */
  readonly broken: readonly Broken[];
}

export interface Broken extends Together {
  /** What may be counted without it. */
  readonly ceilingWithout: Float64Array;
}

/** Halvings of the search for a target that goes with the others. */
const halvings = 10;

/**
 * What is planned at the start of a curtailment, and where it breaks what the others keep without it: at its
 * start, at the start of each that begins in its time, and at the end of each that gives floors up, since they
 * count again from then on. Where floors give way without it, too, it is planned for itself: it is not the one to
 * be refused.
 */
export function standBeside(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): Beside {
  const startMs = toNumber(record.curtailment.start);
  const broken: Broken[] = [];
  let atStart = describeTogether(state, site, record, { atMs: startMs, others: [] });
  for (const atMs of record.curtailment.mode === "planned" ? momentsOf(state, record) : []) {
    const others = plannedTogether(state, site, record, atMs).filter((one) => one !== record);
    if (others.length === 0 && atMs === startMs) {
      continue;
    }
    const kept = keptTogether(state, site, record, { atMs, others });
    if (kept === undefined) {
      const ceilingWithout = ceilingKeptBy(state, site, { atMs, others });
      if (ceilingWithout !== undefined) {
        const before = leftBefore(state, site, record, { atMs, others }).at(-1);
        const all = describeTogether(state, site, record, { atMs, others, ...before });
        broken.push({ ...all, ceilingWithout });
      }
    } else if (atMs === startMs) {
      atStart = kept;
    }
  }
  return { atStart, broken };
}

function momentsOf(
  { curtailments }: EngineState,
  { curtailment: { site, start, end } }: CurtailmentRecord,
): readonly number[] {
  const others = [...curtailments.records.values()].filter(
    ({ isOver, curtailment: other }) => other.site === site && !isOver,
  );
  const later = [
    ...others.map(({ curtailment: other }) => toNumber(other.start)),
    ...whoGivesUp(others).map(({ curtailment: other }) => toNumber(other.end)),
  ].filter((atMs) => atMs > toNumber(start) && atMs < toNumber(end));
  return [toNumber(start), ...new Set(later)];
}

/** What may be counted under the others alone, if they keep all floors from a moment on. */
function ceilingKeptBy(
  state: EngineState,
  site: SiteState,
  { atMs, others: [first, ...others] }: Moment,
): Float64Array | undefined {
  return first === undefined
    ? hardCeilingsAt(site, atMs)
    : keptTogether(state, site, first, { atMs, others })?.ceiling;
}

/** A moment in the time of a curtailment, and how it is planned from then on. */
export interface Moment {
  readonly atMs: number;
  readonly others: readonly CurtailmentRecord[];
  readonly allowance?: "whole";
  readonly givingUp?: readonly CurtailmentRecord[];
  readonly foreseen?: ForeseenLoss;
}

/**
 * As it will be planned, if that keeps all floors, with what the plan for the time before it leaves: with even
 * parts of what jobs may lose; or all of it, where what is left of it then is enough for those that last longer.
 */
function keptTogether(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  moment: Moment,
): Together | undefined {
  for (const before of leftBefore(state, site, record, moment)) {
    const found = keptWith(state, site, record, { ...moment, ...before });
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function keptWith(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  moment: Moment,
): Together | undefined {
  const even = describeTogether(state, site, record, moment);
  if (keepsFloors(even.described.problem)) {
    return even;
  }
  const whole = describeTogether(state, site, record, { ...moment, allowance: "whole" });
  const { described } = whole;
  const tried = moment.others.length === 0 ? undefined : trySettled(described.problem);
  const fromMs = Math.max(state.nowMs, moment.atMs);
  return tried?.kind === "plan" && isRestKept(state, site, { described, plan: tried.plan, fromMs })
    ? whole
    : undefined;
}

export function describeTogether(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { atMs, others, allowance, givingUp, foreseen }: Moment,
): Together {
  const group = [record, ...others];
  const ceiling = ceilingOf(site, group, atMs);
  const described = describeShed(state, site, {
    ceiling,
    counts: record.curtailment.mode === "planned" ? "draw" : "cap",
    noticeMs: preparedMs(state, record, Math.max(0, atMs - state.nowMs)),
    atMs,
    record,
    ...(allowance === undefined ? {} : { allowance }),
    ...(givingUp === undefined ? {} : { givingUp }),
    ...(foreseen === undefined ? {} : { foreseen }),
    ...(others.length === 0 && foreseen === undefined
      ? {}
      : {
          group: group.toSorted(
            (a, b) => toNumber(a.curtailment.end) - toNumber(b.curtailment.end),
          ),
        }),
  });
  return { ceiling, described: withReserve(state, site, record, { ceiling, described }), others };
}

/** What is asked for keeps free what nobody could give; what is announced already is held as well as it can be. */
function withReserve(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { ceiling, described }: Pick<Together, "ceiling" | "described">,
): DescribedShed {
  const { curtailment } = record;
  if (state.curtailments.records.has(curtailment.id)) {
    return described;
  }
  const { problem } = described;
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  const found = unsteered({ state, site, record }, { ceiling, ...described });
  const room = (problem.roomScaled[domain] ?? 0) - found.reserveScaled;
  return { ...described, unsteered: found, problem: withRoom(problem, domain, room) };
}

/**
 * The smallest load of a domain, scaled, at which floors hold beside the others; undefined: not even with the
 * curtailment out of the way, as they are planned together with it.
 */
export function smallestBeside(one: Broken, domain: number): number | undefined {
  const { problem } = one.described;
  const beside = (one.ceiling[domain] ?? 0) - (problem.roomScaled[domain] ?? 0);
  const keeps = (room: number): boolean => keepsFloors(withRoom(problem, domain, room));
  let fits = (one.ceilingWithout[domain] ?? 0) - beside;
  let tooSmall = problem.roomScaled[domain] ?? 0;
  if (!keeps(fits)) {
    return undefined;
  }
  fits = Math.min(fits, Math.max(tooSmall, allOf(problem, domain)));
  for (let round = 0; round < halvings; round += 1) {
    const middle = (fits + tooSmall) / 2;
    if (keeps(middle)) {
      fits = middle;
    } else {
      tooSmall = middle;
    }
  }
  return beside + fits;
}

/** The same with the curtailment out of the way in its own domain. */
export function withoutTarget(
  { ceiling, described, ceilingWithout, others }: Broken,
  domain: number,
): Together {
  const { problem } = described;
  const limit = ceilingWithout[domain] ?? 0;
  const room = limit - (ceiling[domain] ?? 0) + (problem.roomScaled[domain] ?? 0);
  const lifted = ceiling.slice();
  lifted[domain] = limit;
  const wider = { ...described, problem: withRoom(problem, domain, room) };
  return { ceiling: lifted, described: wider, others };
}

function withRoom(problem: ShedProblem, domain: number, room: number): ShedProblem {
  const roomScaled = problem.roomScaled.slice();
  roomScaled[domain] = room;
  return { ...problem, roomScaled };
}

/** With every job there at full power, and every idle node on. */
export function allOf({ jobs, idleNodes }: ShedProblem, domain: number): number {
  let sum = 0;
  for (const { domains, scaledPerGpuWatt, curve } of jobs) {
    const top = curve.points.at(-1)?.capWatts ?? 0;
    sum += top * (scaledPerGpuWatt[domains.indexOf(domain)] ?? 0);
  }
  for (const { domains, wattsScaled } of idleNodes) {
    sum += wattsScaled[domains.indexOf(domain)] ?? 0;
  }
  return sum;
}

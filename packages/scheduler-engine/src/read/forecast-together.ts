import { planShed, possibilityOf, type ShedPlan, type ShedProblem } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { type DescribedShed, describeShed } from "../decide/describe-shed.ts";
import { planAtMs } from "../decide/run-curtailments.ts";
import { hardCeilingsAt } from "../power/horizons.ts";
import { plannedTogether } from "../power/planned-group.ts";
import { known } from "../state/assert.ts";
import type { CurtailmentRecord } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import { type TaskId, taskIdOf } from "../state/task-id.ts";

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
 * start, and at the start of each that begins in its time. Where floors give way without it, too, it is
 * planned for itself: it is not the one to be refused.
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
    const [first, ...rest] = others;
    if (first === undefined) {
      continue;
    }
    const kept = keptTogether(state, site, record, { atMs, others });
    if (kept === undefined) {
      const without = keptTogether(state, site, first, { atMs, others: rest });
      if (without !== undefined) {
        const all = describeTogether(state, site, record, { atMs, others });
        broken.push({ ...all, ceilingWithout: without.ceiling });
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
  const later = [...curtailments.records.values()]
    .filter(({ isOver, curtailment: other }) => other.site === site && !isOver)
    .map(({ curtailment: other }) => toNumber(other.start))
    .filter((atMs) => atMs > toNumber(start) && atMs < toNumber(end));
  return [toNumber(start), ...new Set(later)];
}

interface Moment {
  readonly atMs: number;
  readonly others: readonly CurtailmentRecord[];
  readonly allowance?: "whole";
}

/**
 * As it will be planned, if that keeps all floors: with even parts of what jobs may lose; or all of it, where
 * what is left of it then is enough for those that last longer.
 */
function keptTogether(
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
  const result = moment.others.length === 0 ? undefined : planShed(whole.described.problem);
  return result?.kind === "plan" && isRestKept(state, site, whole.described, result.plan)
    ? whole
    : undefined;
}

/** Can those that last longer keep their floors after a plan for the time of the first that ends? */
function isRestKept(
  state: EngineState,
  site: SiteState,
  { members, group, problem }: DescribedShed,
  { losses }: ShedPlan,
): boolean {
  const [over, ...left] = group;
  const [next, ...others] = left;
  const lostMs = new Map<TaskId, number>();
  members.forEach(({ job, task, shed }, at) => {
    const lost = (losses[at]?.lossAverage ?? 0) * problem.eventMs - shed.lossMsSoFar;
    lostMs.set(taskIdOf({ job: job.number, task }), Math.max(0, lost));
  });
  if (over === undefined || next === undefined) {
    return true;
  }
  const atMs = toNumber(over.curtailment.end);
  const { described } = describeTogether(state, site, next, { atMs, others });
  const jobs = described.problem.jobs.map((shed, at) => {
    const member = described.members[at];
    const id = member && taskIdOf({ job: member.job.number, task: member.task });
    const more = id === undefined ? 0 : (lostMs.get(id) ?? 0);
    return { ...shed, lossMsSoFar: shed.lossMsSoFar + more };
  });
  return keepsFloors({ ...described.problem, jobs });
}

/** So long before its start it is decided who does what: an emergency is not prepared for. */
function preparedMs(state: EngineState, record: CurtailmentRecord, untilStartMs: number): number {
  const { mode, start } = record.curtailment;
  return mode === "emergency"
    ? 0
    : Math.min(untilStartMs, toNumber(start) - planAtMs(state, record));
}

function describeTogether(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  { atMs, others, allowance }: Moment,
): Together {
  const ceiling = hardCeilingsAt(site, atMs);
  const group = [record, ...others];
  for (const { curtailment } of group) {
    const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
    const scale = site.site.domains[domain]?.loadScale ?? 1;
    ceiling[domain] = Math.min(ceiling[domain] ?? 0, toNumber(curtailment.target) * scale);
  }
  const described = describeShed(state, site, {
    ceiling,
    counts: record.curtailment.mode === "planned" ? "draw" : "cap",
    noticeMs: preparedMs(state, record, Math.max(0, atMs - state.nowMs)),
    atMs,
    record,
    ...(allowance === undefined ? {} : { allowance }),
    ...(others.length === 0
      ? {}
      : {
          group: group.toSorted(
            (a, b) => toNumber(a.curtailment.end) - toNumber(b.curtailment.end),
          ),
        }),
  });
  return { ceiling, described, others };
}

function keepsFloors(problem: ShedProblem): boolean {
  return possibilityOf(problem)(() => false);
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
function allOf({ jobs, idleNodes }: ShedProblem, domain: number): number {
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

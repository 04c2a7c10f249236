import { withoutFloor } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { beginsAtMs, type CurtailmentRecord, type PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { FlexibilityTier, JobNumber, JobSpec } from "../../words/job-spec.ts";
import { openForOthersAfterMs } from "./count-after.ts";
import { givesUp, isBelow, isWithout, lossOpen, openFromMs, runningRecords } from "./effects.ts";
import type { ShedContext, ShedMember } from "./shed-jobs.ts";

/** Of these curtailments, those that give floors up: mostly none. */
export function givingUp(records: Iterable<CurtailmentRecord>): readonly CurtailmentRecord[] {
  return [...new Set(records)].filter(({ curtailment }) => (curtailment.giveUp ?? []).length > 0);
}

/** Does one of them give up the floor of a job that runs on these nodes? */
export function isGivenUp(
  site: SiteState,
  records: readonly CurtailmentRecord[],
  {
    spec,
    nodes,
  }: { readonly spec: Pick<JobSpec, "flexibilityTier">; readonly nodes: readonly number[] },
): boolean {
  return records.some((one) => givesUp(one, spec) && isBelow(site, nodes, one.curtailment.domain));
}

/** A task, and the nodes that it has or had. */
type TaskAt = Parameters<typeof isWithout>[1];

/** Does a task lose to a curtailment that gives its floor up? Below it, and elsewhere without the nodes that it gave back below it. */
function isLostTo(
  { jobs }: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  at: TaskAt,
): boolean {
  const spec = jobs.get(at.job)?.spec;
  return (
    spec !== undefined &&
    givesUp(record, spec) &&
    (isBelow(site, at.nodes, record.curtailment.domain) || isWithout(record, at))
  );
}

/** Tells of attempts whether no curtailment that is on gives their floors up. */
export function floorsKept(state: EngineState, site: SiteState): (attempt: Attempt) => boolean {
  const giving = givingUp(runningRecords(state, site.site.id));
  return ({ job, placement: { nodes } }) => {
    const spec = state.jobs.get(job)?.spec;
    return spec === undefined || !isGivenUp(site, giving, { spec, nodes });
  };
}

/**
 * Jobs as a plan of these curtailments sees them: of whom one gives up the floor, everything may be
 * asked, also if it was protected. What others took so beside the one that is planned for is not made
 * up for by it, or it would break the floors of everybody else for that.
 */
export function floorsGivenUp(
  { state, site, record }: ShedContext,
  inForce: Iterable<CurtailmentRecord>,
): (member: ShedMember) => ShedMember {
  const giving = givingUp(inForce);
  const beside = record === undefined ? [] : givingUpBeside(state, record);
  return (member) => {
    const { shed, job, nodes } = member;
    const at = { spec: job.spec, nodes };
    if (isGivenUp(site, giving, at)) {
      return { ...member, shed: withoutFloor(shed) };
    }
    return record !== undefined &&
      (beside.some((one) =>
        isLostTo(state, site, one, { job: job.number, task: member.task, nodes }),
      ) ||
        hasWayBack(record, { job: job.number, task: member.task }))
      ? {
          ...member,
          shed: { ...shed, lossMsSoFar: held({ state, site, record }, member, shed.lossMsSoFar) },
        }
      : member;
  };
}

/**
 * What of the loss of a job counts for the rest of a curtailment: of what it lost while others had given its floor up, and
 * on the way back from them, no more than its tier, and all that it has lost since. Reports judge it by the same (`complianceOf`).
 */
export function lossThatCounts(
  context: Judged,
  attempt: Attempt,
  { spec, lossMs }: { readonly spec: JobSpec; readonly lossMs: number },
): number {
  const { state, site, record } = context;
  const { job: number, task, placement } = attempt;
  const { nodes } = placement;
  const at = { job: number, task, nodes };
  return givingUpBeside(state, record).some((one) => isLostTo(state, site, one, at)) ||
    hasWayBack(record, { job: number, task })
    ? held(context, { job: { number, spec }, task, nodes, attempt }, lossMs)
    : lossMs;
}

interface Judged {
  readonly state: EngineState;
  readonly site: SiteState;
  readonly record: CurtailmentRecord;
}

function held(
  context: Judged,
  {
    job: { number: job, spec },
    task,
    nodes,
    attempt,
  }: Pick<ShedMember, "task" | "nodes" | "attempt"> & {
    readonly job: Pick<Job, "number" | "spec">;
  },
  lossMs: number,
): number {
  const { state, site, record } = context;
  const id = taskIdOf({ job, task });
  const [startMs, untilMs] = [toNumber(record.curtailment.start), state.nowMs];
  const paused = attempt === undefined ? state.curtailments.paused.get(id) : undefined;
  const { forOthersMs: countedMs = 0, forOthersAfterMs = 0 } = record.effects.get(id) ?? {};
  let othersMs = countedMs;
  // Who is still away on the way back has lost it to this one, too, until he is let back: or nobody would hurry.
  let wayBackMs = forOthersAfterMs;
  if (attempt !== undefined) {
    othersMs += openForOthersMs(state, site, record, attempt);
    wayBackMs += openForOthersAfterMs(state, record, id);
  } else if (paused !== undefined) {
    const fromMs = Math.max(paused.fromMs, startMs);
    othersMs += pausedForOthersMs(context, paused, { fromMs, untilMs });
  }
  const timeMs =
    wayBackMs + forOthersMs(context, { job, task, nodes }, { fromMs: startMs, untilMs });
  return lossMs - Math.max(0, othersMs + wayBackMs - (spec.flexibilityTier / 100) * timeMs);
}

/** Did a task lose on the way back from others that gave its floor up, maybe before this one began? */
function hasWayBack(
  { effects }: CurtailmentRecord,
  key: { readonly job: JobNumber; readonly task: number },
): boolean {
  return effects.get(taskIdOf(key))?.forOthersAfterMs !== undefined;
}

/** When it ended, or is to end. */
export function endMsOf({ cancelled, curtailment }: CurtailmentRecord): number {
  return cancelled?.atMs ?? toNumber(curtailment.end);
}

/** Others that gave floors up in the time of a curtailment so far. */
function givingUpBeside(
  state: EngineState,
  record: CurtailmentRecord,
): readonly CurtailmentRecord[] {
  return othersGivingUp(state, record).filter(
    (other) =>
      beginsAtMs(other) <= state.nowMs &&
      toNumber(other.curtailment.end) > toNumber(record.curtailment.start),
  );
}

/** Others that are in force at a moment and give floors up. */
export function givingUpAt(
  state: EngineState,
  record: CurtailmentRecord,
  atMs: number,
): readonly CurtailmentRecord[] {
  return othersGivingUp(state, record).filter(
    ({ curtailment: { start, end }, isOver }) =>
      !isOver && toNumber(start) <= atMs && atMs < toNumber(end),
  );
}

function othersGivingUp(
  { curtailments }: EngineState,
  { curtailment: { id, site } }: CurtailmentRecord,
): readonly CurtailmentRecord[] {
  return givingUp(curtailments.records.values()).filter(
    ({ curtailment }) => curtailment.id !== id && curtailment.site === site,
  );
}

/**
 * How much of a time in which a job lost speed lies in that of others that had given its floor up: what it loses
 * then is no part of what its tier is judged by. Their time begins when the first cap falls for them, before their start
 * where ramps or seldom measurements ask for it: from then on they count it themselves.
 */
function forOthersMs(
  {
    state,
    site,
    record,
  }: Pick<ShedContext, "state" | "site"> & { readonly record: CurtailmentRecord },
  at: TaskAt,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  begins: (other: CurtailmentRecord) => number = beginsAtMs,
): number {
  const others = othersGivingUp(state, record)
    .filter((one) => isLostTo(state, site, one, at))
    .toSorted((a, b) => begins(a) - begins(b));
  let sumMs = 0;
  let reachedMs = fromMs;
  for (const other of others) {
    const endMs = endMsOf(other);
    const beginMs = Math.max(reachedMs, begins(other));
    sumMs += Math.max(0, Math.min(untilMs, endMs) - beginMs);
    reachedMs = Math.max(reachedMs, Math.min(untilMs, endMs));
  }
  return sumMs;
}

/** As `forOthersMs`, of a time in which a task was paused: before its start one pauses only those who are paused for it. */
export function pausedForOthersMs(
  context: Judged,
  paused: PausedTask,
  span: { readonly fromMs: number; readonly untilMs: number },
): number {
  return forOthersMs(context, paused, span, ({ curtailment: { id, start } }) =>
    paused.curtailment === id ? Math.min(paused.fromMs, toNumber(start)) : toNumber(start),
  );
}

/** Of those that gave the floors of a tier up in the time of this one, did this one begin last? Then what is lost is for it. */
export function isLastToGiveUp(
  state: EngineState,
  record: CurtailmentRecord,
  tierPercent: FlexibilityTier,
): boolean {
  const { curtailment } = record;
  const startMs = toNumber(curtailment.start);
  const isLater = (other: CurtailmentRecord): boolean => {
    const { start, giveUp, id } = other.curtailment;
    const laterMs = toNumber(start) - startMs;
    const isNext = laterMs > 0 || (laterMs === 0 && id > curtailment.id);
    // One that was cancelled before has not begun at all.
    const isBegun = beginsAtMs(other) < Math.min(endMsOf(record), endMsOf(other));
    return isNext && isBegun && giveUp?.includes(tierPercent) === true;
  };
  return (
    curtailment.giveUp?.includes(tierPercent) === true &&
    !othersGivingUp(state, record).some(isLater)
  );
}

/** Of what an attempt has lost and is not counted yet, the part in the time of others that gave its floor up. */
export function openForOthersMs(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  attempt: Attempt,
): number {
  const { job, task, placement } = attempt;
  const untilMs = Math.min(state.nowMs, toNumber(record.curtailment.end));
  const fromMs = openFromMs(record, attempt, untilMs);
  const at = { job, task, nodes: placement.nodes };
  const forOthers = forOthersMs({ state, site, record }, at, { fromMs, untilMs });
  return forOthers === 0 ? 0 : (lossOpen(state, record, attempt) * forOthers) / (untilMs - fromMs);
}

import {
  possibilityOf,
  type SettledPlan,
  type ShedProblem,
  speedAt,
  type TriedPlan,
  trySettled,
} from "@ertis/power-planning";
import { instant, toNumber } from "@ertis/quantities";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import { givingUp, isGivenUp } from "../../power/shedding/given-up.ts";
import { plannedTogether } from "../../power/shedding/planned-group.ts";
import { plannedTargetWatts } from "../../power/shedding/planned-target.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import { type DescribedShed, describeShed } from "./describe-shed.ts";
import { preparedMs } from "./plan-at.ts";
import type { ForeseenLoss, ShedWish } from "./shed-wish.ts";
import { withSureReturns } from "./sure-returns.ts";

/** A plan, and whom it is for. */
export interface PlanFor {
  readonly described: DescribedShed;
  readonly plan: SettledPlan;
}

/** A way to plan, and what came of it. */
export interface TriedWay {
  readonly described: DescribedShed;
  readonly tried: TriedPlan<SettledPlan>;
}

/** Does nobody stop whom a budget keeps out then? */
export type Returns = "sure" | "any";

interface WaysWanted {
  /** The one that begins in its time, if another does. */
  readonly next?: CurtailmentRecord | undefined;
  /** With `sure` there are none where no budget keeps out anybody. Absent: `any`. */
  readonly returns?: Returns;
}

/**
 * The ways to plan for a group, the best first: what jobs may lose is used evenly; or sooner; or, where another
 * one begins in its time, evenly up to then.
 */
export function* waysToPlan(
  state: EngineState,
  site: SiteState,
  wish: ShedWish,
  { next, returns = "any" }: WaysWanted,
): Generator<TriedWay, void, void> {
  if (returns === "sure" && budgetsOf(site).length === 0) {
    return;
  }
  const ways: readonly Partial<ShedWish>[] = [
    {},
    ...((wish.group?.length ?? 0) > 1 ? [{ allowance: "whole" } as const] : []),
    ...(next === undefined ? [] : [{ untilMs: toNumber(next.curtailment.start) }]),
  ];
  for (const way of ways) {
    const all = describeShed(state, site, { ...wish, ...way });
    const described = returns === "any" ? all : withSureReturns(state, site, all, wish);
    if (described === undefined) {
      return;
    }
    yield { described, tried: trySettled(described.problem) };
  }
}

/** A plan that begins at a moment. */
export interface PlanFrom extends PlanFor {
  readonly fromMs: number;
}

/**
 * What a plan costs each job from its beginning to a moment: while a floor is given up no more than its tier
 * counts for those that go on.
 * @param beside others that are in force all that time and may give floors up
 */
export function foreseenLoss(
  site: SiteState,
  { described: { members, group }, plan, fromMs }: PlanFrom,
  atMs: number,
  beside: readonly CurtailmentRecord[] = [],
): ForeseenLoss {
  const spanMs = Math.max(0, atMs - fromMs);
  const caps = new Map(plan.caps.map(({ id, capWatts }) => [id, capWatts]));
  const pauses = Map.groupBy(plan.pauses, ({ id }) => id);
  const giving = givingUp([...group, ...beside]);
  const countedMs = new Map<TaskId, number>();
  const unfinished = new Set<TaskId>();
  for (const { shed, job, task, nodes, attempt } of members) {
    const id = taskIdOf({ job: job.number, task });
    // Before the start it costs no tier anything; times of a plan count from the start.
    const pausedMs = (pauses.get(shed.id) ?? []).reduce(
      (sum, one) => sum + Math.max(0, Math.min(spanMs, one.untilMs) - Math.max(0, one.fromMs)),
      0,
    );
    const speed = speedAt(shed.curve, caps.get(shed.id) ?? shed.capNowWatts);
    const lostMs = pausedMs + (spanMs - pausedMs) * (1 - speed);
    const isFree = isGivenUp(site, giving, { spec: job.spec, nodes });
    countedMs.set(
      id,
      isFree ? Math.min(lostMs, (job.spec.flexibilityTier / 100) * spanMs) : lostMs,
    );
    // A walltime ends as things go now; what pauses or slows its job before makes that later.
    const leftMs = attempt && (attempt.endsByMs - fromMs) * speedAt(shed.curve, shed.capNowWatts);
    if (leftMs === undefined || leftMs > spanMs - lostMs) {
      unfinished.add(id);
    }
  }
  return { atMs, of: group, lostMs: countedMs, unfinished };
}

/** A quick look tries fewer pauses than a plan, which is made where that finds nothing. */
export function keepsFloors(problem: ShedProblem): boolean {
  return possibilityOf(problem)(() => false) || trySettled(problem).kind === "plan";
}

/** Are floors kept, too, by all that are in force when another one begins, after a plan for the time before? */
export function isNextKept(
  state: EngineState,
  site: SiteState,
  before: PlanFrom,
  next: CurtailmentRecord,
): boolean {
  const atMs = toNumber(next.curtailment.start);
  return areKeptFrom(state, site, before, {
    atMs,
    group: plannedTogether(state, site, next, atMs),
  });
}

/** Can those that last longer keep their floors after a plan for the time of the first that ends? */
export function isRestKept(state: EngineState, site: SiteState, before: PlanFrom): boolean {
  const [over, ...left] = before.described.group;
  const atMs = toNumber(over?.curtailment.end ?? instant(0));
  return left.length === 0 || areKeptFrom(state, site, before, { atMs, group: left });
}

function areKeptFrom(
  state: EngineState,
  site: SiteState,
  before: PlanFrom,
  { atMs, group }: { readonly atMs: number; readonly group: readonly CurtailmentRecord[] },
): boolean {
  const record = known(group[0], "a planned curtailment");
  const wish = {
    ceiling: ceilingOf(site, group, atMs),
    counts: "draw",
    noticeMs: preparedMs(state, record, Math.max(0, atMs - state.nowMs)),
    atMs,
    record,
    group,
    foreseen: foreseenLoss(site, before, atMs),
  } as const;
  return (["even", "whole"] as const).some((allowance) =>
    keepsFloors(describeShed(state, site, { ...wish, allowance }).problem),
  );
}

/** What may be counted while planned curtailments are in force. */
export function ceilingOf(
  site: SiteState,
  records: readonly CurtailmentRecord[],
  atMs: number,
): Float64Array {
  const ceiling = hardCeilingsAt(site, atMs);
  for (const one of records) {
    const domain = known(site.domainIndexById.get(one.curtailment.domain), "domain");
    const scale = site.site.domains[domain]?.loadScale ?? 1;
    ceiling[domain] = Math.min(ceiling[domain] ?? 0, plannedTargetWatts(one) * scale);
  }
  return ceiling;
}

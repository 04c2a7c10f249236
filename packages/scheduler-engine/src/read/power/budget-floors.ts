import { floorsScaled, floorWatts } from "@ertis/power-planning";
import { toNumber, type Watts, watts } from "@ertis/quantities";
import { describeShed } from "../../decide/shed/describe-shed.ts";
import { hardCeilingsAt } from "../../power/horizons.ts";
import { pausedMember, type ShedMember } from "../../power/shedding/shed-jobs.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { PowerBudget } from "../../words/command.ts";
import type { FlexibilityTier, JobNumber } from "../../words/job-spec.ts";

/** What stands in the way of a budget, which stops no job and lowers none below its floor. */
export interface BudgetFloors {
  /** What its domain counts with every job at the lowest cap that its tier allows: the smallest budget that holds. */
  readonly smallest: Watts;
  /** Those that take most of it first. */
  readonly jobs: readonly FloorJob[];
}

/** A job whose floor takes watts of the domain of a budget. */
export interface FloorJob {
  readonly job: JobNumber;
  readonly task: number;
  readonly tierPercent: FlexibilityTier;
  /** What its GPUs count there at its floor, on top of idle nodes. */
  readonly takes: Watts;
  /** It pauses for a curtailment, now or later, and comes back only where the budget leaves room: it may lose more than its tier allows. */
  readonly isTierAtRisk: boolean;
}

/**
 * The floors below a budget when it begins, as the jobs of now and the curtailments of then ask for them; undefined:
 * it holds them all, its time is over, or its site or domain is not known.
 */
export function budgetFloors(state: EngineState, budget: PowerBudget): BudgetFloors | undefined {
  const atMs = Math.max(state.nowMs, toNumber(budget.from));
  const site = state.sites.get(budget.site);
  const domain = site?.domainIndexById.get(budget.domain);
  const isOver = budget.until !== undefined && toNumber(budget.until) <= atMs;
  if (site === undefined || domain === undefined || isOver) {
    return undefined;
  }
  const ceiling = hardCeilingsAt(site, atMs);
  const wish = { ceiling, counts: "cap", noticeMs: 0, atMs, record: undefined } as const;
  const { members, problem } = describeShed(state, site, wish);
  const away = pausedFor(state, site, members);
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const takes = ({ shed }: ShedMember): number =>
    ((floorWatts(problem, shed) - shed.idleWatts) *
      (shed.scaledPerGpuWatt[shed.domains.indexOf(domain)] ?? 0)) /
    scale;
  // The room is what jobs and idle nodes may use beside all else.
  const beside = (ceiling[domain] ?? 0) - (problem.roomScaled[domain] ?? 0);
  const present = (beside + (floorsScaled(problem)[domain] ?? 0)) / scale;
  const smallest = Math.ceil(away.reduce((sum, one) => sum + takes(one), present));
  if (smallest <= toNumber(budget.ceiling)) {
    return undefined;
  }
  const pauses = pausesAt(state, site.site.id, atMs);
  const jobs = [...members, ...away].map((one) => ({
    job: one.job.number,
    task: one.task,
    tierPercent: one.job.spec.flexibilityTier,
    takes: watts(Math.max(0, Math.ceil(takes(one)))),
    isTierAtRisk: pauses.has(taskIdOf({ job: one.job.number, task: one.task })),
  }));
  return {
    smallest: watts(smallest),
    jobs: jobs
      .filter((one) => toNumber(one.takes) > 0)
      .toSorted(
        (a, b) => toNumber(b.takes) - toNumber(a.takes) || a.job - b.job || a.task - b.task,
      ),
  };
}

/** Whom planned curtailments have paused, who are their own until they come back. */
function pausedFor(
  state: EngineState,
  site: SiteState,
  members: readonly ShedMember[],
): readonly ShedMember[] {
  const present = new Set(members.map(({ job, task }) => taskIdOf({ job: job.number, task })));
  return [...state.curtailments.paused].flatMap(([id, paused]) => {
    const job = state.jobs.get(paused.job);
    const isAway = paused.site === site.site.id && !present.has(id);
    const record = state.curtailments.records.get(paused.curtailment ?? "");
    const member =
      isAway && job !== undefined ? pausedMember({ state, site, record }, job, paused) : undefined;
    return member === undefined ? [] : [member];
  });
}

/** Who is paused, or is planned to pause and not to be back by a moment. */
function pausesAt({ curtailments }: EngineState, site: string, atMs: number): ReadonlySet<TaskId> {
  const planned = (curtailments.pauses.get(site) ?? []).filter((one) => one.untilMs > atMs);
  return new Set([
    ...curtailments.paused.keys(),
    ...planned.map(({ job, task = 0 }) => taskIdOf({ job, task })),
  ]);
}

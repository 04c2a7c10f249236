import { floorsScaled, floorWatts, type ShedProblem } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { budgetsOf } from "../../power/site-budgets.ts";
import type { ShedMember } from "../../power/shedding/shed-jobs.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { DescribedShed } from "./describe-shed.ts";
import type { ShedWish } from "./shed-wish.ts";

/**
 * The same, where nobody stops who runs in a domain whose floors a budget has no room for, now or before he would be done: it
 * stops nobody, but lets nobody in, so that he would stay out for long after his pause. Undefined: there is nobody like that.
 */
export function withSureReturns(
  state: EngineState,
  site: SiteState,
  described: DescribedShed,
  wish: Pick<ShedWish, "ceiling" | "atMs">,
): DescribedShed | undefined {
  const full = fullBudgets(state, site, described, wish);
  const isKept = ({ attempt, shed }: ShedMember, endsByMs: number): boolean =>
    attempt !== undefined &&
    full.some(({ domain, fromMs }) => fromMs < endsByMs && shed.domains.includes(domain));
  if (full.length === 0) {
    return undefined;
  }
  const members = described.members.map((member) =>
    isKept(member, doneByMs(described.problem, member)) ? asKept(member) : member,
  );
  const problem = { ...described.problem, jobs: members.map(({ shed }) => shed) };
  return { ...described, members, problem };
}

interface FullBudget {
  readonly domain: number;
  readonly fromMs: number;
}

/** Budgets that leave no room, by bounds, for the floors of all that are there, or are to come back, when they begin. */
function fullBudgets(
  { nowMs }: EngineState,
  site: SiteState,
  { members, problem }: DescribedShed,
  wish: Pick<ShedWish, "ceiling" | "atMs">,
): readonly FullBudget[] {
  const atMs = Math.max(nowMs, wish.atMs);
  const budgets = budgetsOf(site).filter(
    ({ until }) => until === undefined || toNumber(until) > atMs,
  );
  if (budgets.length === 0) {
    return [];
  }
  const bounds: ShedProblem = { ...problem, counts: "cap" };
  const floors = floorsScaled(bounds);
  return budgets.flatMap((budget) => {
    const domain = site.domainIndexById.get(budget.domain) ?? -1;
    const fromMs = Math.max(atMs, toNumber(budget.from));
    const beside = (wish.ceiling[domain] ?? 0) - (problem.roomScaled[domain] ?? 0);
    const scale = site.site.domains[domain]?.loadScale ?? 1;
    const room = toNumber(budget.ceiling) * scale - beside;
    // Most have room for everybody, whoever is done by then.
    return (floors[domain] ?? 0) > room &&
      (floors[domain] ?? 0) - floorsDone(bounds, members, { domain, fromMs }) > room
      ? [{ domain, fromMs }]
      : [];
  });
}

function floorsDone(
  problem: ShedProblem,
  members: readonly ShedMember[],
  { domain, fromMs }: FullBudget,
): number {
  return members.reduce((sum, member) => {
    const { shed } = member;
    const perGpuWatt = shed.scaledPerGpuWatt[shed.domains.indexOf(domain)] ?? 0;
    return doneByMs(problem, member) <= fromMs ? sum + floorWatts(problem, shed) * perGpuWatt : sum;
  }, 0);
}

/** With all that his tier bears; who is out already has no end. */
function doneByMs({ eventMs }: ShedProblem, { attempt, shed }: ShedMember): number {
  return attempt === undefined ? Infinity : attempt.endsByMs + shed.tierLossMax * eventMs;
}

function asKept(member: ShedMember): ShedMember {
  const { shed } = member;
  return { ...member, shed: { ...shed, canPause: false, nodeCountMin: shed.nodeCount } };
}

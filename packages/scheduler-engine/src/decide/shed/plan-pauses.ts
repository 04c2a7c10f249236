import type { SettledPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { forcedDomains } from "../../power/forced-domains.ts";
import { endsAgainMs } from "../../power/ramp/ramp-lead.ts";
import { isGivenUp } from "../../power/shedding/given-up.ts";
import { innermost } from "../../power/shedding/planned-group.ts";
import { returnsAtMs } from "../../power/shedding/returns-at.ts";
import { known } from "../../state/assert.ts";
import type { PlannedPause } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { Deciding } from "../deciding.ts";
import { namedAs, partOf } from "../queue/go-on-with.ts";
import type { DescribedShed } from "./describe-shed.ts";
import { shrinksDue } from "./shrinks-due.ts";

/** Keeps the pauses to come, those of planned curtailments under their names; those of now follow at once. */
export function planPauses(
  deciding: Deciding,
  site: SiteState,
  described: DescribedShed,
  plan: SettledPlan,
): void {
  const { state, emit } = deciding;
  const owners = described.group.map(({ curtailment }) => curtailment.id);
  for (const owner of owners.length === 0 ? [undefined] : owners) {
    const before = state.curtailments.pauses.get(site.site.id) ?? [];
    const own = before.filter((one) => one.curtailment === owner);
    const pauses = staged(state, site, described, plan)
      .filter(({ id }) => ownerOf(site, described, id) === owner)
      .map((one) => toCome(state, described, one))
      .concat(owner === undefined ? [] : own.filter(isUnheard(state, described)))
      .toSorted((a, b) => a.fromMs - b.fromMs || a.job - b.job || (a.task ?? 0) - (b.task ?? 0));
    if (!areSame(own, pauses)) {
      emit({ kind: "pauses-planned", site: site.site.id, ...namedAs(owner), pauses });
      lookAtEndsSoon(state, site);
    }
  }
}

/** Those who pause may be near enough to their ends to be wound down, though nobody was before. */
function lookAtEndsSoon({ ramps, nowMs }: EngineState, site: SiteState): void {
  const own = ramps.get(site.site.id);
  if (own !== undefined) {
    own.endsAtMs = Math.min(own.endsAtMs, nowMs + endsAgainMs);
  }
}

/**
 * Whose nodes owe an answer to an order about caps, nobody plans with: what was planned for him stays, since his stop is
 * another order.
 */
function isUnheard(
  state: EngineState,
  { members }: DescribedShed,
): (pause: PlannedPause) => boolean {
  const heard = new Set(members.map((member) => taskIdOf(keyOf(member))));
  return (pause) => {
    const { job, task = 0 } = pause;
    const phase = state.jobs.get(job)?.active?.get(task)?.phase;
    return (
      (phase === "starting" || phase === "running") &&
      !heard.has(taskIdOf({ job, task })) &&
      returnsAtMs(state, pause) > state.nowMs
    );
  };
}

/**
 * What was planned for a lost supply, or for anything else that bounds must not exceed, goes with it: a curtailment that
 * is planned later asks by a plan of its own.
 */
export function dropForcedPauses({ state, emit }: Deciding, site: SiteState): void {
  const pauses = state.curtailments.pauses.get(site.site.id) ?? [];
  const hasForced = pauses.some(({ curtailment }) => curtailment === undefined);
  if (hasForced && !forcedDomains(state, site).includes(1)) {
    emit({ kind: "pauses-planned", site: site.site.id, pauses: [] });
  }
}

/**
 * Does a plan that stays as it was do without somebody whose pause is planned all the same? He would be let
 * back by the one and paused by the other, and so on in a circle.
 */
export function isAnyoneLeftOut(
  { state }: Deciding,
  site: SiteState,
  { group, members }: DescribedShed,
  { pauses }: SettledPlan,
): boolean {
  const planned = new Set(pauses.map(({ id }) => taskIdOf(keyOf(known(members[id], "member")))));
  const all = new Set(members.map((member) => taskIdOf(keyOf(member))));
  const isOwn = ownPauses(group);
  return (state.curtailments.pauses.get(site.site.id) ?? []).some(
    ({ job, task = 0, curtailment, nodeCount }) => {
      const id = taskIdOf({ job, task });
      return isOwn({ curtailment }) && nodeCount === undefined && all.has(id) && !planned.has(id);
    },
  );
}

/** Of what is planned for together; of no group, what bounds must not exceed. */
export function ownPauses(
  group: DescribedShed["group"],
): (pause: { readonly curtailment?: string | undefined }) => boolean {
  const owners = new Set(group.map(({ curtailment }) => curtailment.id));
  return ({ curtailment }) =>
    curtailment === undefined ? group.length === 0 : owners.has(curtailment);
}

function keyOf({ job, task }: DescribedShed["members"][number]): { job: number; task: number } {
  return { job: job.number, task };
}

/** With their owner or without. */
function areSame(own: readonly PlannedPause[], pauses: readonly PlannedPause[]): boolean {
  return (
    own.length === pauses.length &&
    pauses.every(({ job, task, fromMs, untilMs, nodeCount }, at) => {
      const other = own[at];
      return (
        other?.job === job &&
        other.task === task &&
        other.fromMs === fromMs &&
        other.untilMs === untilMs &&
        other.nodeCount === nodeCount
      );
    })
  );
}

function toCome(
  { nowMs }: EngineState,
  { members }: DescribedShed,
  { id, fromMs, untilMs, nodeCount }: PauseOfPlan,
): PlannedPause {
  const { job, task } = known(members[id], "member of a plan");
  return {
    job: job.number,
    ...partOf(task),
    fromMs: nowMs + Math.max(0, fromMs),
    untilMs: nowMs + untilMs,
    ...(nodeCount === undefined ? {} : { nodeCount }),
  };
}

/**
 * The planned curtailment that a pause or a shrink is for; undefined: what bounds must not exceed. Where some give the floor
 * of the job up, it is for one of them: but for them the others would not ask for so much.
 */
export function ownerOf(
  site: SiteState,
  { group, members }: DescribedShed,
  id: number,
): string | undefined {
  const { job, nodes } = known(members[id], "member of a plan");
  const giving = group.filter((one) => isGivenUp(site, [one], { spec: job.spec, nodes }));
  return innermost(site, giving.length > 0 ? giving : group, nodes)?.curtailment.id;
}

/** Do those who shrink wait for their turn, as those who pause? What bounds must not exceed has no time for that. */
export function isStaged({ group }: Pick<DescribedShed, "group">): boolean {
  return group.length > 0;
}

/** With the shrinks of a plan in stages, which are worth it to the end of what they are for. */
function staged(
  state: EngineState,
  site: SiteState,
  described: DescribedShed,
  plan: SettledPlan,
): readonly PauseOfPlan[] {
  if (!isStaged(described)) {
    return plan.pauses;
  }
  const dueOf = shrinksDue(state, site, described, plan);
  const shrinks = plan.shrinks.map(({ id, nodeCount }) => {
    const owner = described.group.find(
      ({ curtailment }) => curtailment.id === ownerOf(site, described, id),
    );
    const endMs = owner === undefined ? state.nowMs : toNumber(owner.curtailment.end);
    return { id, fromMs: dueOf(id), untilMs: endMs - state.nowMs, nodeCount };
  });
  return [...plan.pauses, ...shrinks];
}

type PauseOfPlan = SettledPlan["pauses"][number] & { readonly nodeCount?: number };

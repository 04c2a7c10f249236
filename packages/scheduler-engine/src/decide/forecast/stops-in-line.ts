import type { ShedPlan } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { windDownLeadMs } from "../../power/ramp/ramp-lead.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { capNow } from "../caps/cap-orders.ts";
import { lowestWithinPromises } from "../ramp/stop-in-ramp.ts";
import { isBending } from "../ramp/wind-down.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { shrinksDue } from "../shed/shrinks-due.ts";

export interface Planned {
  readonly curtailment: Curtailment;
  readonly described: DescribedShed;
  readonly plan: ShedPlan;
}

/** Somebody who pauses or gives nodes back. */
export interface Stop {
  readonly id: number;
  readonly attempt: Attempt;
  readonly saveMs: number;
  /** From the start of the curtailment. */
  readonly fromMs: number;
  /** From now. */
  readonly dueInMs: number;
  readonly isShrink: boolean;
  /** How its caps may fall before; undefined: it takes none. */
  readonly windDown: WindDown | undefined;
}

interface WindDown {
  readonly lowestCapWatts: number;
  /** No earlier than so long from now. */
  readonly beginsInMs: number;
}

/** Those who pause and those who give nodes back stop in one line, as they are due. */
export function stopsInLine(
  state: EngineState,
  site: SiteState,
  planned: Planned,
): readonly Stop[] {
  const { members, problem } = planned.described;
  return stopsDue(state, site, planned)
    .flatMap((one) => {
      const { attempt } = members[one.id] ?? {};
      const saveMs = problem.jobs[one.id]?.saveMs ?? 0;
      return attempt === undefined
        ? []
        : [{ ...one, attempt, saveMs, windDown: windDownOf(state, site, attempt, one.dueInMs) }];
    })
    .toSorted(
      (a, b) =>
        a.dueInMs - b.dueInMs || a.attempt.job - b.attempt.job || a.attempt.task - b.attempt.task,
    );
}

function stopsDue(
  state: EngineState,
  site: SiteState,
  { curtailment, described, plan }: Planned,
): readonly Pick<Stop, "id" | "fromMs" | "isShrink" | "dueInMs">[] {
  const startInMs = toNumber(curtailment.start) - state.nowMs;
  const { noticeMs } = described.problem;
  const pauses = plan.pauses.map((one) => ({ ...one, fromMs: one.fromMs + noticeMs }));
  const shrinkDue = shrinksDue(state, site, described, { ...plan, pauses });
  return [
    ...plan.pauses.map(({ id, fromMs }) => ({ id, fromMs, isShrink: false })),
    ...plan.shrinks.map(({ id }) => ({ id, fromMs: shrinkDue(id) - noticeMs, isShrink: true })),
  ].map((one) => ({ ...one, dueInMs: Math.max(0, startInMs + one.fromMs) }));
}

function windDownOf(
  state: EngineState,
  site: SiteState,
  attempt: Attempt,
  dueInMs: number,
): WindDown | undefined {
  if (!isBending(attempt)) {
    return undefined;
  }
  const ramps = known(state.ramps.get(site.site.id), "ramps of a site");
  const leadMs = windDownLeadMs(site, ramps, attempt, state.nowMs + dueInMs);
  return {
    lowestCapWatts: Math.min(capNow(site, attempt), lowestWithinPromises(state, site, attempt)),
    beginsInMs: Math.max(0, dueInMs - leadMs),
  };
}

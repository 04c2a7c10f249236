import { powerOffIdle } from "@ertis/power-planning";
import { acknowledgeMs, unansweredMs } from "../../limits.ts";
import { budgetDomains } from "../../power/forced-domains.ts";
import { suppliedCeilings } from "../../power/horizons.ts";
import { known } from "../../state/assert.ts";
import type { SiteState } from "../../state/site-state.ts";
import { carryOut } from "./carry-out.ts";
import { planWithBudgets } from "./plan-with-budgets.ts";
import type { Deciding } from "../deciding.ts";
import { sleepNow } from "../nodes/sleep-nodes.ts";
import { describeShed } from "./describe-shed.ts";
import { isOver, isShedDue, overAhead, type OverRule } from "./needs-shed.ts";
import { promisedGrowth, withPromised } from "./promised-watts.ts";
import { startRecovering, startShrunk } from "./start-returning.ts";
import { stopUntilItFits } from "./stop-last.ts";
import { takeBackLate } from "./take-back-late.ts";

/**
 * The shed decision of now, after every command: what bounds must not exceed. In a planned curtailment who pauses and shrinks
 * is decided ahead (`plan-ahead.ts`), and whose caps move after every measurement (`decide/commands/measure.ts`).
 *
 * Wherever bounds exceed what they may (a limit that fell with a
 * feed, a budget, an emergency curtailment) jobs give up watts until they fit; and where a curtailment
 * leaves watts unused, they are given back.
 *
 * 1. Is there anything to do?            `needs-shed.ts`
 * 2. Who runs, what is idle, what fits   `describe-shed.ts`
 * 3. Who gives what                      `plan-with-budgets.ts`, by `planShed` in `packages/power-planning/src/shedding`
 * 4. Orders: nodes, caps, pauses         `carry-out.ts`
 * 5. Jobs stop, where nothing else helps `stop-last.ts`
 */
export function shedWhereOver(deciding: Deciding): void {
  const { state } = deciding;
  for (const site of state.sites.values()) {
    if (state.curtailments.paused.size > 0) {
      startShrunk(deciding, site);
      startRecovering(deciding, site);
    }
    takeBackLate(deciding, site);
    const { recheckAtMs } = site;
    const ahead = overAhead(state, site, ruleFor(site.hardCeiling));
    site.recheckAtMs = ahead.recheckAtMs;
    if (isShedDue(state, site, ahead)) {
      if (site.shedInVainAt === state.releaseCount) {
        site.recheckAtMs ??= recheckAtMs;
        continue;
      }
      const hasDone = shed(deciding, site);
      // Nothing more can be done until something changes, or what is waited for is late.
      site.shedInVainAt = hasDone ? -1 : state.releaseCount;
    }
  }
}

/** @returns whether anything was ordered */
function shed(deciding: Deciding, site: SiteState): boolean {
  const { state } = deciding;
  let hasDone = false;
  const noting: Deciding = {
    ...deciding,
    emit: (event) => {
      // That pauses to come were shifted a little is no reason to look again.
      hasDone ||= event.kind !== "pauses-planned";
      deciding.emit(event);
    },
  };
  site.recheckAtMs = undefined;
  // Looks again when the first of what it counts on is late.
  const isOverAhead = (rule: OverRule): boolean => {
    const ahead = overAhead(state, site, rule);
    const firstMs = Math.min(ahead.recheckAtMs ?? Infinity, site.recheckAtMs ?? Infinity);
    site.recheckAtMs = firstMs === Infinity ? undefined : firstMs;
    return ahead.isOver;
  };
  const forced = ruleFor(site.forcedCeiling);
  // Until it is carried out, too: what was ordered below floors is not taken back for them.
  const isForced = isOver(known(site.horizons[0], "the horizon of now").load, site.forcedCeiling);
  const described = describeShed(state, site, {
    ceiling: site.hardCeiling,
    counts: "cap",
    noticeMs: 0,
    atMs: state.nowMs,
    record: undefined,
  });
  const problem = withPromised(described.problem, promisedGrowth(state, site));
  const planned = planWithBudgets(problem, {
    isForced,
    isMissing: isForced && isOverAhead({ ...forced, isWaitingForStops: true }),
    areTiersGivenUp: isForced && rulesForStops(site).some(isOverAhead),
    areBudgets: budgetDomains(state, site),
  });
  if (planned !== undefined) {
    carryOut(noting, site, { ...described, problem }, planned);
  } else if (isForced) {
    // No plan holds it: the less there is left, the less may be drawn for nobody.
    sleepNow(
      noting,
      site,
      powerOffIdle(problem).off.map(({ id }) => id),
    );
  }
  // Not even the lowest caps hold it: what must not be exceeded comes before every job.
  if (isForced) {
    for (const rule of rulesForStops(site).filter(isOverAhead)) {
      stopUntilItFits(noting, site, rule);
    }
  }
  return hasDone;
}

/** All that was ordered is believed until it is late, checkpoints that are being written are not. */
function ruleFor(ceiling: Float64Array): OverRule {
  return { ceiling, isWaitingForStops: false, answerMs: acknowledgeMs };
}

/**
 * Where programs stop for it, whatever their tiers bear: a limit waits for no late answer, an emergency's target for as long
 * as it may only be late.
 */
function rulesForStops(site: SiteState): readonly OverRule[] {
  const isWaitingForStops = true;
  return [
    { ceiling: suppliedCeilings(site), isWaitingForStops, answerMs: acknowledgeMs },
    { ceiling: site.forcedCeiling, isWaitingForStops, answerMs: unansweredMs },
  ];
}

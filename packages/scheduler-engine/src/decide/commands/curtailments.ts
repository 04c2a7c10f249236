import {
  formatMilliseconds,
  formatWatts,
  instant,
  milliseconds,
  toNumber,
  watts,
} from "@ertis/quantities";
import { measuredBaseline } from "../forecast/baseline.ts";
import type { CurtailmentForecast } from "../forecast/forecast.ts";
import type { Infeasible } from "../forecast/forecast-refusal.ts";
import { mayCarryWithin } from "../forecast/may-carry.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { CancelCurtailment, ScheduleCurtailment } from "../../words/command.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { PauseToCome } from "../../words/event.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import type { Rejection } from "../../words/rejection.ts";
import type { MovedPromise, Reply } from "../../words/reply.ts";
import { withAllGivenUp } from "../forecast/all-given-up.ts";
import { announceBeside } from "../forecast/beside-promises.ts";
import { withEnoughBeside } from "../forecast/enough-beside.ts";
import { foreseenMiss } from "../forecast/foreseen-miss.ts";
import { withGainsAccepted } from "../forecast/gains-accepted.ts";
import { givingUpLess } from "../forecast/giving-up-less.ts";
import { lookingFrom } from "../forecast/looking.ts";
import { type Deciding, rejected } from "../deciding.ts";
import { promiseSooner } from "../queue/head.ts";
import { planBefore, planRest } from "../shed/run-curtailments.ts";
import { floorsMessage } from "./floors-message.ts";
import { checkIdle } from "./check-idle.ts";
import { checkRamps } from "./check-ramps.ts";
import { curtailmentHorizonMs, lateMsMax } from "./curtailment-limits.ts";

/** What a refusal tells is looked for in this order, each in a part of what those before leave. */
const partOfTarget = 2 / 3;
const partOfEnough = 1 / 2;
const partOfGains = 2 / 3;

/** More that are announced and not over are refused. */
const curtailmentsMax = 256;

/** Announces a curtailment, or says what is wrong with it and what would be possible instead. */
export function scheduleCurtailment(deciding: Deciding, command: ScheduleCurtailment): Reply {
  const checked = checkCurtailment(deciding.state, command.curtailment);
  if (checked.kind === "rejected") {
    return rejected(checked.code, checked.message);
  }
  const { curtailment } = checked;
  const moved = announceBeside(deciding, checked);
  if (curtailment.mode === "planned") {
    planBefore(deciding, curtailment);
  }
  const missed = foreseenMiss(curtailment, checked.forecast);
  return {
    kind: "done",
    ...(moved.length === 0 ? {} : { moved }),
    ...(missed === undefined ? {} : { missed }),
  };
}

export interface CheckedCurtailment {
  readonly kind: "curtailment";
  readonly curtailment: Curtailment;
  readonly forecast: CurtailmentForecast;
  /** Whose promised starts are let go for it, who pauses, and all that it moves. */
  readonly letGo: readonly JobNumber[];
  readonly pauses: readonly PauseToCome[];
  readonly moved: readonly MovedPromise[];
}

export interface RefusedCurtailment extends Rejection {
  /** Only where the floors of jobs are in the way. */
  readonly infeasible?: Infeasible;
}

/**
 * The dry run of the same checks; a baseline of 0 is filled in from what was measured.
 * @param nowMs when it is asked for: the engine's own clock stands since its last command
 */
export function checkCurtailment(
  engine: EngineState,
  asked: Curtailment,
  nowMs: number = engine.nowMs,
): RefusedCurtailment | CheckedCurtailment {
  const state = { ...engine, nowMs };
  const site = state.sites.get(asked.site);
  if (site === undefined) {
    return rejected("unknown-site", `site "${asked.site}" is not known`);
  }
  const domain = site.domainIndexById.get(asked.domain);
  if (domain === undefined) {
    return rejected(
      "unknown-domain",
      `domain: ${asked.site} has no domain "${asked.domain}"; see the power tree for their ids`,
    );
  }
  const measured = measuredBaseline(state, site, domain);
  const curtailment = {
    ...asked,
    start: startOf(asked, state.nowMs),
    baseline:
      toNumber(asked.baseline) > 0 || measured === undefined
        ? asked.baseline
        : watts(measured.watts),
  };
  const refusal =
    checkGiveUp(curtailment) ??
    checkTimes(state, curtailment) ??
    checkTarget(site, domain, curtailment) ??
    checkRamps({ engine, site }, curtailment, nowMs) ??
    checkIdle({ engine, site, domain }, curtailment, nowMs);
  if (refusal !== undefined) {
    return refusal;
  }
  const looking = lookingFrom(nowMs);
  const { planned, beside: found } = givingUpLess(engine, curtailment, looking.part(partOfTarget));
  const { forecast, letGo, pauses, moved } = found;
  if (forecast.kind === "infeasible") {
    const enough = withEnoughBeside(engine, curtailment, forecast, looking.part(partOfEnough));
    const gained = withGainsAccepted(engine, curtailment, enough, looking.part(partOfGains));
    const infeasible = withAllGivenUp(engine, curtailment, gained, looking);
    const message = floorsMessage(curtailment, infeasible, nowMs);
    return { ...rejected("curtailment-breaks-floors", message), infeasible };
  }
  return { kind: "curtailment", curtailment: planned, forecast, letGo, pauses, moved };
}

const plannedMsMin = 60_000;

/** What was asked to begin at once begins now, when it is decided. */
function startOf({ start }: Curtailment, nowMs: number): Curtailment["start"] {
  const lateMs = nowMs - toNumber(start);
  return lateMs > 0 && lateMs <= lateMsMax ? instant(nowMs) : start;
}

/** What tolerates nothing is asked for something only when there is no time to ask anybody else. */
function checkGiveUp({ mode, giveUp = [] }: Curtailment): Rejection | undefined {
  return mode === "planned" && giveUp.includes(0)
    ? rejected(
        "curtailment-gives-up-protected",
        "give-up: tier 0 tolerates no loss, and a planned curtailment keeps its floors; leave it out, or ask for an emergency",
      )
    : undefined;
}

function checkTimes(state: EngineState, asked: Curtailment): Rejection | undefined {
  const startMs = toNumber(asked.start);
  const endMs = toNumber(asked.end);
  const record = state.curtailments.records.get(asked.id);
  const open = [...state.curtailments.records.values()].filter((one) => !one.isOver);
  if (record !== undefined) {
    return rejected(
      "curtailment-overlaps-itself",
      `id: curtailment "${asked.id}" is ${record.isOver ? "over" : "scheduled"} already; take another id${record.isOver ? "" : ", and to replace that one, cancel it first"}`,
    );
  }
  if (startMs < state.nowMs) {
    return rejected(
      "curtailment-in-the-past",
      `start: that moment was ${formatMilliseconds(milliseconds(state.nowMs - startMs))} ago; the earliest start is now`,
    );
  }
  if (endMs <= startMs) {
    return rejected("curtailment-too-short", "end: it is not after the start; give a later end");
  }
  if (asked.mode === "planned" && endMs - startMs < plannedMsMin) {
    return rejected(
      "curtailment-too-short",
      `end: it lasts ${formatMilliseconds(milliseconds(endMs - startMs))}, and a planned target is for the mean draw of whole minutes; let it last ${formatMilliseconds(milliseconds(plannedMsMin))} at least, or ask for an emergency`,
    );
  }
  const rampMs = toNumber(asked.ramp);
  if (rampMs > endMs - startMs) {
    return rejected(
      "curtailment-too-short",
      `ramp: ${formatMilliseconds(asked.ramp)} is longer than the curtailment; give a later end or a shorter ramp`,
    );
  }
  if (endMs > state.nowMs + curtailmentHorizonMs) {
    return rejected(
      "curtailment-beyond-horizon",
      `end: it lies ${formatMilliseconds(milliseconds(endMs - state.nowMs))} ahead, and plans reach ${formatMilliseconds(milliseconds(curtailmentHorizonMs))}; give an earlier end, or set a budget`,
    );
  }
  if (open.length >= curtailmentsMax) {
    return rejected(
      "too-many-curtailments",
      `${open.length} curtailments are announced and at most ${curtailmentsMax} are allowed; cancel one first`,
    );
  }
  return undefined;
}

function checkTarget(site: SiteState, domain: number, asked: Curtailment): Rejection | undefined {
  // Load may grow: a target above what is drawn now asks for something as soon as it does.
  const within = { fromMs: toNumber(asked.start), untilMs: toNumber(asked.end) };
  const { most, budget } = mayCarryWithin(site, domain, within);
  if (asked.target >= most) {
    const because = budget === undefined ? "" : ` by budget "${budget.id}"`;
    return rejected(
      "curtailment-above-limit",
      `target: ${formatWatts(asked.target)} is not below the ${formatWatts(most)} that ${asked.domain} may carry then${because} anyway, so that it would never ask for anything; ask for less, or leave it out`,
    );
  }
  return undefined;
}

export function cancelCurtailment(deciding: Deciding, command: CancelCurtailment): Reply {
  const { state } = deciding;
  const record = state.curtailments.records.get(command.id);
  if (record === undefined) {
    return rejected("unknown-curtailment", `curtailment "${command.id}" is not known`);
  }
  if (record.isOver) {
    return rejected("curtailment-over", `curtailment "${command.id}" is over already`);
  }
  const { id, by, reason } = command;
  deciding.emit({ kind: "curtailment-cancelled", id, by, reason });
  planRest(deciding, record);
  const site = known(state.sites.get(record.curtailment.site), "site of a curtailment");
  promiseSooner(deciding, site);
  // Before its start it leaves no recovery whose steps would wake what went off ahead of it.
  site.wakesAgainAtMs = state.nowMs;
  return { kind: "done" };
}

import { CurtailmentMode, type CurtailmentSpec } from "@ertis/api";
import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import {
  type Curtailment,
  type EngineState,
  getDomain,
  measuredBaseline,
  type MeasuredBaseline,
} from "@ertis/scheduler-engine";
import { curtailmentMsMax, instantMsMax, reasonLengthMax } from "../limits/limits.ts";
import { checkAfter, checkLength, checkRange } from "./check-range.ts";
import { readableInstant, readableLength } from "./readable.ts";
import { checkTier, tiers } from "./spec-flexibility.ts";
import { checkReason } from "./spec-names.ts";
import type { Violation } from "./violation.ts";

const permilleMax = 1_000;

/** Names every wrong field of what is asked, as far as the state of the world plays no part. */
export function checkCurtailmentSpec(
  spec: CurtailmentSpec,
  { isReasonRequired }: { readonly isReasonRequired: boolean },
  violations: Violation[],
): void {
  const { target, startTimeMs, rampMs } = spec;
  if (spec.domainId === "") {
    violations.push({
      field: "spec.domain_id",
      description: "is empty; name a domain of a power tree",
    });
  }
  const modes: readonly number[] = Object.values(CurtailmentMode);
  if (!modes.includes(spec.mode)) {
    violations.push({
      field: "spec.mode",
      description: `found ${spec.mode}, a value this server does not know; use one of the contract`,
    });
  }
  if (target === undefined) {
    violations.push({
      field: "spec.target",
      description: "is not set; say target_watts or target_permille",
    });
  } else if (target.$case === "targetPermille" && target.value >= permilleMax) {
    violations.push({
      field: "spec.target_permille",
      description: `found ${target.value}, but 0 to ${permilleMax - 1} is allowed: thousandths of the baseline that may still be drawn`,
    });
  }
  checkRange("spec.start_time_ms", startTimeMs, [0, instantMsMax], violations);
  checkEnd(spec, violations);
  checkLength("spec.ramp_ms", rampMs, [0, curtailmentMsMax], violations);
  checkGiveUp(spec.giveUpTierPercents, violations);
  const reason = { isRequired: isReasonRequired, lengthMax: reasonLengthMax };
  checkReason("spec.reason", spec.reason, reason, violations);
}

/** The end is an instant or a length after the start, never both. */
function checkEnd(
  { startTimeMs, endTimeMs, lengthMs }: CurtailmentSpec,
  violations: Violation[],
): void {
  if (lengthMs !== 0) {
    checkRange("spec.length_ms", lengthMs, [1, instantMsMax], violations);
    if (endTimeMs !== 0) {
      violations.push({
        field: "spec.length_ms",
        description: `found ${readableLength(lengthMs)} beside spec.end_time_ms ${readableInstant(endTimeMs)}; set one of them`,
      });
    }
    return;
  }
  checkRange("spec.end_time_ms", endTimeMs, [1, instantMsMax], violations);
  checkAfter(["spec.end_time_ms", endTimeMs], ["spec.start_time_ms", startTimeMs], violations);
}

function checkGiveUp(percents: readonly number[], violations: Violation[]): void {
  if (percents.length > tiers.length) {
    violations.push({
      field: "spec.give_up_tier_percents",
      description: `found ${percents.length}, but there are only ${tiers.length} tiers; name each once`,
    });
    return;
  }
  percents.forEach((percent, at) => {
    checkTier(`spec.give_up_tier_percents[${at}]`, percent, violations);
  });
}

/** Where and by whom it is asked. */
export interface Asked {
  readonly id: string;
  readonly site: string;
  readonly person: string;
  readonly nowMs: number;
}

/**
 * In the engine's words, with target and baseline in watts. The baseline is the mean draw of the hour
 * before, where nobody measures the bound.
 */
export function curtailmentFromApi(
  state: EngineState,
  spec: CurtailmentSpec,
  { id, site, person, nowMs }: Asked,
): Curtailment {
  const { watts: baseline, measuredMs } = baselineOf(state, site, spec.domainId);
  const { target, lengthMs } = spec;
  const startMs = spec.startTimeMs === 0 ? nowMs : spec.startTimeMs;
  const targetWatts =
    target?.$case === "targetPermille"
      ? Math.floor((baseline * target.value) / permilleMax)
      : (target?.value ?? 0);
  return {
    id,
    site,
    domain: spec.domainId,
    mode: spec.mode === CurtailmentMode.EMERGENCY ? "emergency" : "planned",
    target: watts(targetWatts),
    baseline: watts(baseline),
    baselineMeasured: milliseconds(measuredMs),
    start: instant(startMs),
    end: instant(lengthMs === 0 ? spec.endTimeMs : startMs + lengthMs),
    ramp: milliseconds(spec.rampMs),
    reason: spec.reason,
    setBy: person,
    noticedAt: instant(nowMs),
    ...givenUp(spec),
  };
}

/** In one order whatever order they were named in: asked twice it is the same. */
function givenUp({ giveUpTierPercents }: CurtailmentSpec): Pick<Curtailment, "giveUp"> {
  const giveUp = tiers.filter((tier) => giveUpTierPercents.includes(tier)).toReversed();
  return giveUp.length === 0 ? {} : { giveUp };
}

function baselineOf(state: EngineState, siteId: string, domainId: string): MeasuredBaseline {
  const site = state.sites.get(siteId);
  const domain = site?.domainIndexById.get(domainId);
  const measured =
    site === undefined || domain === undefined ? undefined : measuredBaseline(state, site, domain);
  const boundWatts = getDomain(state, siteId, domainId)?.boundWatts ?? 0;
  return measured ?? { watts: boundWatts, measuredMs: 0 };
}

/** Asked again with the same id: is it the same? What is said relative to now or to a baseline is kept. */
export function isSameAsk(known: Curtailment, asked: Curtailment, spec: CurtailmentSpec): boolean {
  const isTargetSame =
    spec.target?.$case === "targetPermille"
      ? known.target ===
        watts(Math.floor((Number(known.baseline) * spec.target.value) / permilleMax))
      : known.target === asked.target;
  return (
    known.domain === asked.domain &&
    known.mode === asked.mode &&
    known.setBy === asked.setBy &&
    known.reason === asked.reason &&
    isEndSame(known, asked, spec) &&
    known.ramp === asked.ramp &&
    (known.mayGiveUp ?? known.giveUp)?.join() === asked.giveUp?.join() &&
    (spec.startTimeMs === 0 || known.start === asked.start) &&
    isTargetSame
  );
}

function isEndSame(known: Curtailment, asked: Curtailment, { lengthMs }: CurtailmentSpec): boolean {
  return lengthMs === 0
    ? known.end === asked.end
    : toNumber(known.end) - toNumber(known.start) === lengthMs;
}

import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { type Curtailment, measuredBaseline } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import type { Request } from "../control/controller.ts";
import type { PlayedWorld } from "./played-world.ts";
import type { Amount, ScenarioEvent } from "./scenario-event.ts";

const by = "simulator";
const reason = "events file";

/** A ceiling that holds from `noticeMs` after now for `forMs`. */
export interface Ceiling {
  /** What tells apart several of one line. */
  readonly suffix: string;
  readonly domain: number;
  readonly watts: number;
}

export function budgetRequest(
  site: Site,
  event: { readonly line: number; readonly noticeMs: number; readonly forMs: number },
  ceiling: Ceiling,
  nowMs: number,
): Request {
  const fromMs = nowMs + event.noticeMs;
  return {
    kind: "set-budget",
    budget: {
      id: `events-line-${event.line}${ceiling.suffix}`,
      site: site.id,
      domain: site.domains[ceiling.domain]?.id ?? "",
      ceiling: watts(ceiling.watts),
      from: instant(fromMs),
      until: instant(fromMs + event.forMs),
      reason,
      setBy: by,
    },
  };
}

/** In per cent of what the scheduler would take it of: the mean it has measured, else what is drawn now. */
export function curtailmentOf(
  { input: { site }, controller: { engine }, plant }: PlayedWorld,
  event: Extract<ScenarioEvent, { readonly kind: "curtailment" }>,
  nowMs: number,
): Curtailment {
  const startMs = nowMs + event.noticeMs;
  const state = engine.state.sites.get(site.id);
  const measured =
    state === undefined ? undefined : measuredBaseline(engine.state, state, event.domain);
  const baseline = measured?.watts ?? Math.round(plant.power.domainWatts(event.domain));
  return {
    id: event.id,
    site: site.id,
    domain: site.domains[event.domain]?.id ?? "",
    mode: event.mode,
    target: watts(wattsOf(event.target, baseline)),
    baseline: watts(baseline),
    start: instant(startMs),
    end: instant(startMs + event.forMs),
    ramp: milliseconds(event.rampMs),
    ...(event.giveUp.length === 0 ? {} : { giveUp: event.giveUp }),
    reason,
    setBy: by,
    noticedAt: instant(nowMs),
  };
}

/** Of what a domain may carry at most. */
export function ceilingWatts(site: Site, domain: number, amount: Amount): number {
  return wattsOf(amount, toNumber(site.domains[domain]?.usableWatts ?? watts(0)));
}

export function cancelRequest(id: string): Request {
  return { kind: "cancel-curtailment", id, by, reason };
}

function wattsOf(amount: Amount, ofWatts: number): number {
  return amount.kind === "watts" ? amount.watts : Math.floor(ofWatts * amount.share);
}

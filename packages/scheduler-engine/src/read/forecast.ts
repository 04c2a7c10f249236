import { shedsBelowWatts } from "./baseline.ts";
import { planShed } from "@ertis/power-planning";
import { type Milliseconds, milliseconds, toNumber, type Watts, watts } from "@ertis/quantities";
import type { DescribedShed } from "../decide/describe-shed.ts";
import { isInForce } from "../power/horizons.ts";
import { drawNow } from "../power/measured-curves.ts";
import { plannedTargetWatts, targetWattsFor } from "../power/planned-target.ts";
import { fallMs } from "../power/ramp-fall.ts";
import { sleepLeadMs } from "../power/ramp-sleep.ts";
import { budgetsOf } from "../power/site-budgets.ts";
import { known } from "../state/assert.ts";
import { createRecord, leadMsOf } from "../state/curtailments.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { FlexibilityTier, JobNumber } from "../words/job-spec.ts";
import { domainOfColumn } from "../power/columns.ts";
import { type ForecastStep, forecastSteps, timeToTargetMs } from "./forecast-steps.ts";
import { offMoments } from "./forecast-sleeps.ts";
import { enoughTiers } from "./enough-tiers.ts";
import { type Broken, smallestBeside, standBeside, withoutTarget } from "./forecast-together.ts";
import { type TierForecast, tierForecasts } from "./forecast-tiers.ts";
import { type Course, heldCaps } from "./held-caps.ts";
import { type ReservedNodes, reservedNodes } from "./reserved-nodes.ts";

/** What a curtailment would do to one job. */
export interface JobForecast {
  readonly job: JobNumber;
  readonly task: number;
  readonly tierPercent: number;
  readonly effect: "untouched" | "capped" | "shrunk" | "paused";
  /** The lowest that it is held at; 0: not capped. */
  readonly capWatts: number;
  /** Nodes that it goes on with. */
  readonly nodeCount: number;
  /** From its start, when paused. */
  readonly pausedFrom: Milliseconds;
  readonly paused: Milliseconds;
  /** Part of full throughput lost, averaged over the event. */
  readonly lossPercent: number;
}

export interface CurtailmentForecast {
  readonly kind: "forecast";
  readonly jobs: readonly JobForecast[];
  /** Those of tier 0 first. */
  readonly tiers: readonly TierForecast[];
  readonly nodesOffCount: number;
  /** Idle nodes that stay on for starts that are kept, where all others are off and jobs lose speed; those first that hold most. */
  readonly reserved: readonly ReservedNodes[];
  /** Of the domain, as counted (bounds, or expected draw when planned): before, and once the target holds. */
  readonly before: Watts;
  readonly after: Watts;
  /** Watts of the domain over time, from now until it has recovered. */
  readonly steps: readonly ForecastStep[];
  /** From the start until the target holds; the whole length when it does not before the end. */
  readonly timeToTarget: Milliseconds;
  /** Caps begin to fall so long before the start, because ramps of the site are slower than its own. */
  readonly lead: Milliseconds;
}

export interface Infeasible {
  readonly kind: "infeasible";
  /** Id of the domain that does not fit. */
  readonly domain: string;
  readonly smallest: Watts;
  readonly gains: readonly { readonly tierPercent: number; readonly frees: Watts }[];
  /** Tiers whose floors it has to give up to be possible, those that it gives up with them; undefined: no floors do. */
  readonly enough: readonly FlexibilityTier[] | undefined;
  /** Idle nodes there that cannot go off, those first that hold most. */
  readonly reserved: readonly ReservedNodes[];
  /** A target that is not below this asks for nothing; 0: not known. */
  readonly shedsBelow: Watts;
  /** Is the smallest target below that? Else nothing can be had without giving floors up. */
  readonly isAnyPossible: boolean;
  /** Undefined: its own target. Else no target would be possible as long as this stands. */
  readonly inTheWay: OtherCeiling | undefined;
  /** Planned ones without which it would keep every floor. */
  readonly beside: readonly string[];
}

/** What a domain may carry beside the target that is asked for. */
export interface OtherCeiling {
  readonly ceiling: Watts;
  /** Id of the budget; undefined: a limit, a lost supply, another curtailment. */
  readonly budget: string | undefined;
}

/**
 * What would happen: the shed decision itself, on the state as it is, with the target in force. Nothing
 * is changed.
 */
export function forecastCurtailment(
  state: EngineState,
  curtailment: Curtailment,
): CurtailmentForecast | Infeasible {
  const site = known(state.sites.get(curtailment.site), "site of a curtailment");
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const untilStartMs = Math.max(0, toNumber(curtailment.start) - state.nowMs);
  const record = createRecord(curtailment, {
    fallMs: fallMs(state, site, curtailment),
    sleepMs: sleepLeadMs(state, site, curtailment),
  });
  const { atStart, broken } = standBeside(state, site, record);
  const { ceiling, described } = atStart;
  const { noticeMs } = described.problem;
  const result = planShed(described.problem);
  const alone =
    result.kind === "refused"
      ? infeasible({ site, described, ceiling, curtailment }, result)
      : undefined;
  if (broken.length > 0 && alone?.inTheWay === undefined) {
    return withPossible(
      state,
      site,
      curtailment,
      infeasibleBeside(site, curtailment, broken, alone),
    );
  }
  if (result.kind === "refused") {
    return withPossible(state, site, curtailment, known(alone, "a refusal"));
  }
  const { plan } = result;
  const load = known(site.horizons[0], "the horizon of now").load[domain] ?? 0;
  const room = described.problem.roomScaled[domain] ?? 0;
  const beside = (ceiling[domain] ?? 0) - room;
  const off = offMoments(state, site, curtailment, { ...plan, noticeMs });
  const offScaled = offWatts(described, off, domain);
  const idleScaled = allIdle(described, domain) - offScaled;
  const afterScaled = beside + idleScaled + (plan.usedScaled[domain] ?? 0);
  const toWatts = (scaled: number): Watts => watts(Math.max(0, Math.ceil(scaled / scale)));
  // Whole minutes, of which no more than are left.
  const lead = Math.min(leadMsOf(record), untilStartMs);
  const steps = forecastSteps({
    site,
    untilStartMs,
    measuredWatts: drawNow({ state, site, record }, domain)?.lastWatts,
    leadMs: lead,
    curtailment,
    domain,
    described,
    plan,
    offMoments: off,
    besideScaled: beside,
  });
  const jobs = jobForecasts({ curtailment, described, plan, leadMs: lead });
  return {
    kind: "forecast",
    jobs,
    tiers: tierForecasts({ described, domain, scale }, jobs),
    nodesOffCount: off.size,
    reserved:
      idleScaled < 1 && jobs.some(({ lossPercent }) => lossPercent > 0)
        ? reservedNodes(site, domain, new Set(off.keys()))
        : [],
    before: toWatts(load),
    after: toWatts(afterScaled),
    steps,
    lead: milliseconds(lead),
    timeToTarget: milliseconds(
      Math.min(
        toNumber(curtailment.end) - toNumber(curtailment.start),
        timeToTargetMs(steps, curtailment),
      ),
    ),
  };
}

function allIdle({ problem }: DescribedShed, domain: number): number {
  return problem.idleNodes.reduce(
    (sum, node) => sum + (node.wattsScaled[node.domains.indexOf(domain)] ?? 0),
    0,
  );
}

function offWatts(
  { problem }: DescribedShed,
  off: ReadonlyMap<number, number>,
  domain: number,
): number {
  return problem.idleNodes
    .filter((node) => off.has(node.id))
    .reduce((sum, node) => sum + (node.wattsScaled[node.domains.indexOf(domain)] ?? 0), 0);
}

function jobForecasts(course: Course): readonly JobForecast[] {
  const { described, plan } = course;
  const pauses = new Map(plan.pauses.map((one) => [one.id, one]));
  const shrinks = new Map(plan.shrinks.map(({ id, nodeCount }) => [id, nodeCount]));
  const heldAt = heldCaps(course);
  return described.members.map(({ shed, job, task }, index) => {
    const top = shed.curve.points.at(-1)?.capWatts ?? 0;
    const pause = pauses.get(shed.id);
    const kept = shrinks.get(shed.id);
    const { capWatts, lossMore } = heldAt(shed);
    const loss = Math.min(1, (plan.losses[index]?.lossAverage ?? 0) + lossMore);
    const isCapped = capWatts > 0 && capWatts < top;
    const running = kept === undefined ? (isCapped ? "capped" : "untouched") : "shrunk";
    return {
      job: job.number,
      task,
      tierPercent: job.spec.flexibilityTier,
      effect: pause !== undefined ? "paused" : running,
      capWatts: isCapped ? Math.floor(capWatts) : 0,
      nodeCount: kept ?? shed.nodeCount,
      pausedFrom: milliseconds(Math.max(0, pause?.fromMs ?? 0)),
      paused: milliseconds(pause === undefined ? 0 : Math.max(0, pause.untilMs - pause.fromMs)),
      lossPercent: Math.round(loss * 10_000) / 100,
    };
  });
}

type Refusal = Omit<Infeasible, "shedsBelow" | "isAnyPossible">;

/** A target may be named only where it would ask for something. */
function withPossible(
  state: EngineState,
  site: SiteState,
  curtailment: Curtailment,
  refusal: Refusal,
): Infeasible {
  const shedsBelow = watts(shedsBelowWatts(state, site, curtailment));
  const isAnyPossible = toNumber(shedsBelow) === 0 || refusal.smallest < shedsBelow;
  return { ...refusal, shedsBelow, isAnyPossible };
}

interface Refused {
  readonly site: SiteState;
  readonly described: DescribedShed;
  readonly ceiling: Float64Array;
  readonly curtailment: Curtailment;
}

function infeasible(
  { site, described, ceiling, curtailment }: Refused,
  refused: Extract<ReturnType<typeof planShed>, { readonly kind: "refused" }>,
): Refusal {
  const { problem } = described;
  const { domain: column } = refused;
  const domain = domainOfColumn(site, column);
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  // The room is what jobs and idle nodes may use beside all that cannot be shed.
  const beside = (ceiling[column] ?? 0) - (problem.roomScaled[column] ?? 0);
  const needed = Math.max(0, Math.ceil((refused.smallestScaled + beside) / scale));
  const isOwn = column === site.domainIndexById.get(curtailment.domain);
  const smallest = watts(isOwn ? targetWattsFor({ curtailment }, needed) : needed);
  return {
    kind: "infeasible",
    domain: site.site.domains[domain]?.id ?? "",
    smallest,
    gains: refused.gains.map(({ tierLossMax, freesScaled }) => ({
      tierPercent: Math.round(tierLossMax * 100),
      frees: watts(Math.max(0, Math.floor(freesScaled / scale))),
    })),
    enough: enoughTiers(described, curtailment),
    reserved: reservedNodes(site, column, new Set(problem.idleNodes.map((node) => node.id))),
    inTheWay: otherCeiling({ site, described, ceiling, curtailment }, column),
    beside: [],
  };
}

/** Together with others that are announced it breaks floors, if not for itself, too (`alone`). */
function infeasibleBeside(
  site: SiteState,
  curtailment: Curtailment,
  broken: readonly Broken[],
  alone: Refusal | undefined,
): Refusal {
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const others = broken.flatMap((one) => one.others.map((other) => other.curtailment.id));
  const itsOwn = { gains: [], enough: undefined, reserved: [], beside: [...new Set(others)] };
  let smallest = toNumber(alone?.smallest ?? watts(0));
  for (const together of broken) {
    const scaled = smallestBeside(together, domain);
    const without = withoutTarget(together, domain);
    const refused = scaled === undefined ? planShed(without.described.problem) : undefined;
    if (refused?.kind === "refused") {
      const found = infeasible({ site, curtailment, ...without }, refused);
      const ceiling = watts(Math.floor((without.ceiling[domain] ?? 0) / scale));
      // Whatever its target is.
      const inTheWay = found.inTheWay ?? { ceiling, budget: undefined };
      return { ...found, ...itsOwn, inTheWay };
    }
    smallest = Math.max(smallest, targetWattsFor({ curtailment }, (scaled ?? 0) / scale));
  }
  return {
    kind: "infeasible",
    domain: curtailment.domain,
    inTheWay: undefined,
    smallest: watts(smallest),
    ...itsOwn,
  };
}

function otherCeiling(
  { site, ceiling, curtailment }: Refused,
  column: number,
): OtherCeiling | undefined {
  const { id = "", loadScale = 1 } = site.site.domains[domainOfColumn(site, column)] ?? {};
  const scaled = ceiling[column] ?? 0;
  const isTarget =
    column === site.domainIndexById.get(curtailment.domain) &&
    scaled >= plannedTargetWatts({ curtailment }) * loadScale;
  const budget = budgetsOf(site).find(
    (one) =>
      one.domain === id &&
      isInForce(one, toNumber(curtailment.start)) &&
      toNumber(one.ceiling) * loadScale === scaled,
  );
  return isTarget
    ? undefined
    : { ceiling: watts(Math.max(0, Math.floor(scaled / loadScale))), budget: budget?.id };
}

import { shedsBelowWatts } from "./baseline.ts";
import { planShed, possibilityOf } from "@ertis/power-planning";
import { toNumber, type Watts, watts } from "@ertis/quantities";
import type { DescribedShed } from "../shed/describe-shed.ts";
import { isInForce } from "../../power/horizons.ts";
import { plannedTargetWatts, targetWattsFor } from "../../power/shedding/planned-target.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { domainOfColumn } from "../../state/columns.ts";
import { enoughTiers } from "./enough-tiers.ts";
import { type Broken, smallestBeside, withoutTarget } from "./forecast-together.ts";
import { type ReservedNodes, reservedNodes } from "./reserved-nodes.ts";
import { type Unsheddable, unsheddableAt } from "./unsheddable.ts";

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
  /** A target that is not below this asks for nothing as long as load does not grow; 0: not known. */
  readonly shedsBelow: Watts;
  /** Is the smallest target below that, or was one above it asked for? Else nothing can be had without giving floors up. */
  readonly isAnyPossible: boolean;
  /** What of the smallest target is of nobody whose floor could be given up; absent: it is not looked for. */
  readonly unsheddable?: Unsheddable;
  /** Undefined: its own target. Else no target would be possible as long as this stands. */
  readonly inTheWay: OtherCeiling | undefined;
  /** Planned ones beside which it breaks floors. */
  readonly beside: readonly string[];
  /** Also without those: to cancel them would not be enough. Absent: it would. */
  readonly isBrokenAlone?: true;
  /** Floors hold once nodes are off and checkpoints are written, and what is lost until then is too much. */
  readonly isUntilSettled: boolean;
  /** Not every target is looked at: a smaller one may do, too. */
  readonly isRough: boolean;
  /** Jobs are so many that giving floors up may do where no tiers are named. */
  readonly areTiersRough: boolean;
  /** Where no floors are enough for what is asked: a target that is possible with all of them given up. Absent: none is known. */
  readonly withAllGivenUp?: { readonly target: Watts; readonly giveUp: readonly FlexibilityTier[] };
}

/** What a domain may carry beside the target that is asked for. */
export interface OtherCeiling {
  readonly ceiling: Watts;
  /** Id of the budget; undefined: a limit, a lost supply, another curtailment. */
  readonly budget: string | undefined;
  /** The target that is asked for is in the way as well: less than what jobs have to have. */
  readonly isTargetToo?: true;
}

/** The same while another reason may still take its place. */
export interface Refusal extends Omit<Infeasible, "shedsBelow" | "isAnyPossible" | "enough"> {
  /** To be asked of the refusal that is told: it is found by looking again and again whether there is a plan. */
  readonly enoughOf: () => Infeasible["enough"];
}

/** A target may be named only where it would ask for something, or where what is asked for is a ceiling for later. */
export function withPossible(
  state: EngineState,
  site: SiteState,
  curtailment: Curtailment,
  refusal: Refusal,
): Infeasible {
  const shedsBelow = watts(shedsBelowWatts(state, site, curtailment));
  const isForLater = curtailment.target >= shedsBelow;
  const { enoughOf, ...told } = refusal;
  const isAnyPossible = isForLater || told.smallest < shedsBelow;
  return { ...told, enough: enoughOf(), shedsBelow, isAnyPossible };
}

interface Refused {
  readonly site: SiteState;
  readonly described: DescribedShed;
  readonly ceiling: Float64Array;
  readonly curtailment: Curtailment;
}

export function infeasible(
  { site, described, ceiling, curtailment }: Refused,
  refused: Extract<ReturnType<typeof planShed>, { readonly kind: "refused" }>,
): Refusal {
  const { problem } = described;
  const { domain: column } = refused;
  const domain = domainOfColumn(site, column);
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  // The room is what jobs and idle nodes may use beside all that cannot be shed.
  const beside = (ceiling[column] ?? 0) - (problem.roomScaled[column] ?? 0);
  const isOwn = column === site.domainIndexById.get(curtailment.domain);
  const targetFor = (scaled: number): number => {
    const needed = Math.max(0, Math.ceil((scaled + beside) / scale));
    return isOwn ? targetWattsFor({ curtailment }, needed) : needed;
  };
  const smallest = targetFor(refused.smallestScaled);
  return {
    kind: "infeasible",
    domain: site.site.domains[domain]?.id ?? "",
    smallest: watts(smallest),
    // What is left is the target that is possible then.
    gains: refused.gains.map(({ tierLossMax, freesScaled }) => ({
      tierPercent: Math.round(tierLossMax * 100),
      frees: watts(Math.max(0, smallest - targetFor(refused.smallestScaled - freesScaled))),
    })),
    enoughOf: () => enoughTiers(described, curtailment, isEnoughOf(described, curtailment)),
    reserved: reservedNodes(site, column, {
      mayGoOff: new Set(problem.idleNodes.map((node) => node.id)),
      curtailments: [curtailment, ...described.group.map((one) => one.curtailment)],
    }),
    unsheddable: unsheddableAt(site, described, ceiling, column),
    inTheWay: otherCeiling({ site, described, ceiling, curtailment }, column),
    beside: [],
    isUntilSettled: false,
    isRough: false,
    areTiersRough: false,
  };
}

/** Of those who pause together each floor has to be given up, if it is not yet. */
function isEnoughOf(
  { members, problem }: DescribedShed,
  { giveUp = [] }: Pick<Curtailment, "giveUp">,
): (tiers: readonly FlexibilityTier[]) => boolean {
  const isPossible = possibilityOf(problem);
  const tierOf = members.map(({ job }) => job.spec.flexibilityTier);
  const tiersOf = members.map(({ shed: { id, followers = [] } }) =>
    [id, ...followers].map((at) => tierOf[at] ?? 0),
  );
  return (tiers) => {
    const given = [...giveUp, ...tiers];
    const isAllGivenUp = (at: number): boolean =>
      tiersOf[at]?.every((one) => given.includes(one)) === true;
    return isPossible((at) => tiers.includes(tierOf[at] ?? 0) && isAllGivenUp(at));
  };
}

function enoughLater(curtailment: Curtailment, broken: readonly Broken[]): Infeasible["enough"] {
  const [first] = broken;
  return (
    first && enoughTiers(first.described, curtailment, isEnoughOf(first.described, curtailment))
  );
}

/** Together with others that are announced it breaks floors, if not for itself, too (`alone`). */
export function infeasibleBeside(
  site: SiteState,
  curtailment: Curtailment,
  broken: readonly Broken[],
  alone: Refusal | undefined,
): Refusal {
  const domain = known(site.domainIndexById.get(curtailment.domain), "domain");
  const scale = site.site.domains[domain]?.loadScale ?? 1;
  const others = broken.flatMap((one) => one.others.map((other) => other.curtailment.id));
  // Beside others it is asked of whole forecasts (`enough-beside.ts`); where one that gives floors up is over, only these floors are left.
  const enoughOf = (): Infeasible["enough"] =>
    others.length > 0 ? undefined : enoughLater(curtailment, broken);
  const itsOwn = {
    gains: [],
    enoughOf,
    reserved: [],
    beside: [...new Set(others)],
    ...(alone === undefined ? {} : { isBrokenAlone: true as const }),
  };
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
    isUntilSettled: false,
    isRough: false,
    areTiersRough: false,
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

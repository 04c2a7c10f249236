import {
  formatMilliseconds,
  formatWatts,
  formatWattsUp,
  milliseconds,
  toNumber,
  type Watts,
} from "@ertis/quantities";
import { namedTarget } from "../forecast/named-target.ts";
import type { Infeasible } from "../forecast/forecast-refusal.ts";
import type { ReservedNodes } from "../forecast/reserved-nodes.ts";
import type { Unsheddable } from "../forecast/unsheddable.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { type FloorsLeft, floorsLeft } from "./floors-left.ts";

/** The smallest target that keeps all floors or what else is in the way, what each tier stands for, who keeps nodes on, and what to ask for instead. */
export function floorsMessage(asked: Curtailment, infeasible: Infeasible, nowMs: number): string {
  const gains = infeasible.gains
    .filter((one) => toNumber(one.frees) > 0)
    .map(
      (one) =>
        `giving up the floors of tier ${one.tierPercent} % would free ${formatWatts(one.frees)}`,
    );
  const tail = gains.length === 0 ? "" : `; ${gains.join(", ")}`;
  const promised = infeasible.reserved.map((one) => `; ${reservedMessage(one, nowMs)}`).join("");
  const left = floorsLeft(asked);
  const why = wayMessage(asked, infeasible, left);
  const target = formatWatts(asked.target);
  // Rounded both may look alike.
  const isAlike = target === formatWattsUp(infeasible.smallest);
  const told = isAlike ? `${toNumber(asked.target)} W` : target;
  const { unsheddable, inTheWay } = infeasible;
  const isTold = unsheddable !== undefined && inTheWay === undefined;
  const fixed = isTold ? unsheddableText(unsheddable) : "";
  return `target: ${told}${baselineText(asked, infeasible)} ${why}${fixed}${tail}${promised}; ${besideMessage(infeasible) ?? enoughMessage(infeasible, left)}`;
}

/** What of that figure no floors free. */
function unsheddableText({ protectedCount, protectedDraw, rest, keptFree }: Unsheddable): string {
  const jobs = protectedCount === 1 ? "1 protected job" : `${protectedCount} protected jobs`;
  const takers = [
    ...(protectedCount === 0
      ? []
      : [`GPUs of ${jobs} (tier 0) take ${formatWatts(protectedDraw)}`]),
    `fixed loads, idle nodes that have to stay on and what running nodes draw beside their GPUs take ${formatWatts(rest)}`,
  ];
  const free =
    toNumber(keptFree) === 0
      ? ""
      : `, and ${formatWatts(keptFree)} are kept free for what jobs may draw more, as nobody there could give it`;
  return `; of that ${takers.join(", and ")}${free}`;
}

/** Of a target that jobs leave no room for: what they leave room for, and what they do once floors are given up. */
export function possibleMessage(asked: Curtailment, infeasible: Infeasible): string {
  const { enough } = infeasible;
  const given =
    enough === undefined ? lastResort(infeasible, ", and") : `, or ${giveUpMessage(enough)}`;
  return `that much ${wayMessage(asked, infeasible, floorsLeft(asked))}${given}`;
}

/** Its own target, or what no target could be kept beside. A figure to ask for is one that is accepted. */
function wayMessage(
  asked: Curtailment,
  {
    domain,
    smallest,
    inTheWay,
    shedsBelow,
    isAnyPossible,
    beside,
    isUntilSettled,
    isRough,
  }: Infeasible,
  left: FloorsLeft,
): string {
  if (inTheWay === undefined) {
    const others = beside.length === 0 ? "" : `beside ${beside.join(", ")} `;
    const until = isUntilSettled
      ? ", since caps alone hold it until idle nodes are off and checkpoints are written"
      : "";
    const least = isNearBaseline(asked, { domain, smallest })
      ? `${toNumber(smallest)} W`
      : formatWattsUp(smallest);
    const figure = `${least}${partText(asked, { domain, smallest })}`;
    const possible = isRough
      ? `a target of ${domain} ${left.kept} is ${figure}, and a smaller one may, too: not every one is looked at`
      : `the smallest target of ${domain} ${left.kept} is ${figure}`;
    return isAnyPossible
      ? `${others}${left.broken}${until}; ${possible}`
      : `${others}${left.broken}${until}, and so ${left.doOthers} every target below the ${shedsBelowText(asked, shedsBelow)}: ${left.what} of ${domain} ${left.take} ${formatWattsUp(smallest)}`;
  }
  const { ceiling, budget, isTargetToo } = inTheWay;
  const other = beside.length === 0 ? "another curtailment" : `curtailment ${beside.join(", ")}`;
  const [what, advice] =
    budget === undefined
      ? [`its limit, a lost supply or ${other}`, "that has to change first"]
      : [`budget "${budget}"`, "raise or remove that budget first"];
  const it = isTargetToo === true ? "is not all that" : "is not what";
  return `${it} is in the way: ${what} leaves ${domain} ${formatWatts(ceiling)}, and its fixed loads, its idle nodes and ${left.what} take ${formatWattsUp(smallest)} there; ${advice}`;
}

/** What else may be done about others beside which it is not possible. */
function besideMessage(infeasible: Infeasible): string | undefined {
  const { beside, isBrokenAlone, inTheWay, enough } = infeasible;
  const ways = [
    ...(inTheWay === undefined ? ["ask for that much"] : []),
    ...(isBrokenAlone === true ? [] : [`cancel ${beside.join(", ")} first`]),
    ...(enough === undefined ? [] : [giveUpMessage(enough)]),
  ];
  return beside.length === 0 || ways.length === 0
    ? undefined
    : `${ways.join(", or ")}${lastResort(infeasible, ";")}`;
}

function enoughMessage(infeasible: Infeasible, { noMore }: FloorsLeft): string {
  const { enough, areTiersRough } = infeasible;
  const none = areTiersRough
    ? "which floors would be enough to give up is not looked for: it would take too long"
    : (noMore ??
      `giving up every floor that it may would not be enough${lastResort(infeasible, ":")}`);
  return enough === undefined ? none : `to have it all the same, ${giveUpMessage(enough)}`;
}

/** What is possible with all floors given up, in a figure that is accepted with them. */
function lastResort({ withAllGivenUp: all }: Infeasible, link: string): string {
  return all === undefined
    ? ""
    : `${link} a target of ${formatWattsUp(all.target)} is possible with --give-up ${all.giveUp.join(",")}`;
}

function giveUpMessage(enough: readonly number[]): string {
  return `give up the floors of ${enough.map((tier) => `tier ${tier} %`).join(", ")}: --give-up ${enough.join(",")}`;
}

function reservedMessage({ job, start, nodeCount, holds }: ReservedNodes, nowMs: number): string {
  const inMs = milliseconds(Math.max(0, toNumber(start) - nowMs));
  const nodes = nodeCount === 1 ? "1 idle node stays" : `${nodeCount} idle nodes stay`;
  return `${nodes} on with ${formatWatts(holds)} for job ${job}, which is promised a start in ${formatMilliseconds(inMs)}: hold or cancel it to let them go off`;
}

/** What is asked for in per cent is asked for in per cent of this. */
function baselineText(asked: Curtailment, infeasible: Infeasible): string {
  const { baseline } = asked;
  const told = isNearBaseline(asked, infeasible)
    ? `${toNumber(baseline)} W`
    : formatWatts(baseline);
  return toNumber(baseline) === 0 ? "" : ` (of a baseline of ${told})`;
}

/** Rounded, what is below the baseline would read as above it. */
function isNearBaseline(
  { baseline, domain }: Curtailment,
  infeasible: Pick<Infeasible, "domain" | "smallest">,
): boolean {
  const { smallest } = infeasible;
  const isBelow = domain === infeasible.domain && smallest < baseline;
  return isBelow && formatWattsUp(smallest) === formatWattsUp(baseline);
}

/** The same in per cent, accepted as it is written, too. */
function partText(
  asked: Curtailment,
  { domain, smallest }: Pick<Infeasible, "domain" | "smallest">,
): string {
  const { byPart } = namedTarget(asked, toNumber(smallest));
  return domain !== asked.domain || byPart === undefined
    ? ""
    : ` (${(1_000 - byPart.permille) / 10} % below the baseline)`;
}

function shedsBelowText({ baseline, domain }: Curtailment, shedsBelow: Watts): string {
  return shedsBelow > baseline
    ? `${formatWatts(shedsBelow)} that ${domain} draws now`
    : `baseline of ${formatWatts(baseline)}`;
}

import { toNumber } from "@ertis/quantities";
import type { Plan } from "./plan.ts";
import { ceilRatio, type Ratio } from "./ratio.ts";
import { counted, type Place, type Problems } from "./reader/index.ts";
import { nodeMultiplier } from "./scale.ts";
import { checkTransfers } from "./transfers.ts";

/** About ten times the largest site in sight; what the engine is measured with is 23,500. */
const mostNodes = 200_000;
export const mostDomains = 100_000;
/** Ids become names and labels; 253 characters is the longest DNS-1123 name. */
const longestId = 253;
const exactBelow = 2n ** 53n;

export interface Known {
  readonly isLimitKnown: boolean;
  readonly isFixedTooLarge: boolean;
}

function decimalText({ numerator, denominator }: Ratio): string {
  return String(Number(numerator) / Number(denominator));
}

/** Proves what concerns one domain and what it holds. */
export function checkPlan(problems: Problems, plan: Plan, known: Known): void {
  if (known.isFixedTooLarge) {
    problems.add(plan.limitAt, "the fixed and network load is more than can be counted: lower it");
  }
  if (known.isLimitKnown && !known.isFixedTooLarge) {
    checkIdleLoad(problems, plan);
    checkTransfers(problems, plan);
    checkExactness(problems, plan);
  }
}

/** The least a domain ever draws must fit, or it would be over its limit before the first job. */
function checkIdleLoad(problems: Problems, plan: Plan): void {
  const { totals, loadFactor, derating, redundancy } = plan;
  const usable = toNumber(plan.usableWatts);
  const least = ceilRatio(totals.idleLoad);
  if (least <= BigInt(usable)) {
    return;
  }
  const reductions = [
    redundancy === "none" ? "" : `, ${redundancy}`,
    derating.numerator === derating.denominator ? "" : `, derating ${decimalText(derating)}`,
  ].join("");
  const factor =
    loadFactor.numerator === loadFactor.denominator
      ? ""
      : `, load factor ${decimalText(loadFactor)}`;
  problems.add(
    plan.limitAt,
    `usable ${usable} W of this ${plan.kind} (limit ${toNumber(plan.limitWatts)} W${reductions}) cannot carry ${least} W, the fixed load and the idle draw of ${counted(totals.nodeCount, "node")}${factor}: raise the limit or hold fewer nodes`,
  );
}

/** Sums of loads are plain numbers; here it is shown that none can leave the exact range. */
function checkExactness(problems: Problems, plan: Plan): void {
  const { scale } = plan.loadScale;
  const largest = [
    ceilRatio(plan.totals.peakLoad) * scale,
    BigInt(toNumber(plan.limitWatts)) * scale,
    nodeMultiplier(plan.loadScale),
  ];
  if (largest.some((value) => value >= exactBelow)) {
    problems.add(
      plan.loadFactorAt,
      `loads of this ${plan.kind} would need steps of 1/${scale} W and leave the exact range of numbers: write load factors with fewer decimals`,
    );
  }
}

/** Proves what concerns the site as a whole. */
export function checkSize(problems: Problems, id: string, feed: Plan, at: Place): void {
  const { nodeCount, domainCount, longestTail } = feed.totals;
  if (nodeCount > mostNodes) {
    problems.add(
      at,
      `the site has ${nodeCount} nodes, at most ${mostNodes} are allowed: use smaller counts or split the site`,
    );
  }
  if (domainCount > mostDomains) {
    problems.add(
      at,
      `the site has ${domainCount} domains, at most ${mostDomains} are allowed: use smaller counts or split the site`,
    );
  }
  if (id.length + longestTail > longestId) {
    problems.add(
      at,
      `the longest id would have ${id.length + longestTail} characters, at most ${longestId} are allowed: use shorter names`,
    );
  }
}

import { toNumber } from "@ertis/quantities";
import type { Plan } from "../plan.ts";
import { ceilRatio } from "../ratio.ts";
import { counted, didYouMean, listed, type Problems } from "../reader/index.ts";
import type { PowerDomain, SiteBudget } from "../site.ts";
import type { DeclaredBudget } from "./read-budgets.ts";

/** Proves that every budget is on a domain of the whole site and is one that can be kept. */
export function checkBudgets(
  problems: Problems,
  budgets: readonly DeclaredBudget[],
  feed: Plan,
): void {
  for (const { domain, ceilingWatts } of budgets) {
    let plan = feed;
    let isKnown = true;
    for (const part of domain.value === "" ? [] : domain.value.split("/")) {
      const next = plan.children.find(({ names }) => names.includes(part))?.plan;
      if (next === undefined) {
        const names = plan.children.flatMap((child) => child.names);
        problems.add(
          domain.at,
          `the site has no domain "${domain.value}": there is no "${part}"${didYouMean(part, names)} in this ${plan.kind}, it holds ${listed(names)}`,
        );
        isKnown = false;
        break;
      }
      plan = next;
    }
    const least = ceilRatio(plan.totals.idleLoad);
    if (isKnown && BigInt(toNumber(ceilingWatts.value)) < least) {
      problems.add(
        ceilingWatts.at,
        `a ceiling of ${toNumber(ceilingWatts.value)} W cannot carry ${least} W, the fixed load and the idle draw of ${counted(plan.totals.nodeCount, "node")} of this ${plan.kind}: raise it`,
      );
    }
  }
}

/** Budgets with the positions of their domains among those that stand. */
export function placeBudgets(
  budgets: readonly DeclaredBudget[],
  domains: readonly PowerDomain[],
  { siteId, file }: { readonly siteId: string; readonly file: string },
): readonly SiteBudget[] {
  const indexes = new Map(domains.map(({ id, index }) => [id, index]));
  return budgets.map((budget) => {
    const domain = budget.domain.value === "" ? siteId : `${siteId}/${budget.domain.value}`;
    return {
      name: budget.name,
      domain,
      domainIndex: indexes.get(domain) ?? -1,
      ceilingWatts: budget.ceilingWatts.value,
      fromMs: budget.fromMs,
      untilMs: budget.untilMs,
      recurring: budget.recurring,
      reason: budget.reason,
      writtenAt: { file, line: budget.at.line },
    };
  });
}

import { toNumber } from "@ertis/quantities";
import { type AttemptKey, stopGraceMs } from "@ertis/scheduler-engine";
import type { Checker, Moment } from "../checker.ts";
import type { World } from "../world.ts";
import type { SiteBook } from "../site-book.ts";

/**
 * Nothing grows where a budget in force would be passed, and a job starts only when it fits every
 * known budget until its walltime and the stop grace are over. An edited site file corrects facts,
 * so it may show more than a budget allows; then, too, nothing starts there.
 */
export function budgetChecker(): Checker {
  let plannedBefore: readonly number[] = [];
  let isTooMuchNow = false;
  return {
    property: "budget",
    before(event, { world }) {
      const lowered = event.kind === "cap-set" ? event.attempt : undefined;
      plannedBefore = lowered === undefined ? [] : plannedExcess(world, lowered);
      isTooMuchNow = lowered !== undefined && isOverNow(world, lowered);
    },
    after(event, moment) {
      if (event.kind === "site-registered") {
        return;
      }
      for (const book of moment.world.sites.values()) {
        for (const domain of book.grown) {
          checkNow(book, domain, moment);
        }
      }
      if (event.kind === "cap-set") {
        const after = plannedExcess(moment.world, event.attempt);
        // A budget in force goes before one to come: who is lowered for it runs longer, and is lowered again by then.
        if (
          !isTooMuchNow &&
          after.some((watts, at) => watts > Math.max(0, plannedBefore[at] ?? 0))
        ) {
          moment.report(`job ${event.attempt.job} now runs into a budget that it did not before`);
        }
      }
      if (event.kind !== "attempt-started") {
        return;
      }
      const book = moment.world.sites.get(event.placement.site);
      const untilMs = toNumber(event.endsBy) + stopGraceMs;
      for (const domain of book === undefined ? [] : ancestors(book, event.placement.nodes)) {
        checkNow(book, domain, moment);
        for (const [fromMs, ledger] of book?.planned ?? []) {
          const budgetWatts = book?.budgetWatts(domain, fromMs);
          if (fromMs < untilMs && budgetWatts !== undefined) {
            const planned = ledger.loadWatts(domain);
            if (planned > budgetWatts) {
              moment.report(
                `job ${event.attempt.job} runs into a budget of ${budgetWatts} W at ${fromMs} ms, planned are ${planned} W`,
                book?.site.domains[domain]?.id,
              );
            }
          }
        }
      }
    },
  };
}

/** Is what is in force above an attempt more than a budget in force allows? */
function isOverNow(world: World, key: AttemptKey): boolean {
  const attempt = world.attemptOf(key);
  const book = world.sites.get(attempt?.site ?? "");
  return [...(attempt && book ? ancestors(book, [...attempt.held]) : [])].some(
    (domain) =>
      (book?.ledger.loadWatts(domain) ?? 0) > (book?.budgetWatts(domain, world.nowMs) ?? Infinity),
  );
}

/** By known budget start and domain above an attempt: watts planned above the budget then. */
function plannedExcess(world: World, key: AttemptKey): readonly number[] {
  const attempt = world.attemptOf(key);
  const book = world.sites.get(attempt?.site ?? "");
  if (attempt === undefined || book === undefined) {
    return [];
  }
  const domains = [...ancestors(book, [...attempt.held])];
  return [...book.planned].flatMap(([fromMs, ledger]) =>
    domains.map(
      (domain) => ledger.loadWatts(domain) - (book.budgetWatts(domain, fromMs) ?? Infinity),
    ),
  );
}

function checkNow(book: SiteBook | undefined, domain: number, moment: Moment): void {
  const budgetWatts = book?.budgetWatts(domain, moment.world.nowMs);
  if (book === undefined || budgetWatts === undefined) {
    return;
  }
  const inForce = book.ledger.loadWatts(domain);
  if (inForce > budgetWatts) {
    moment.report(
      `grew to ${inForce} W above the budget of ${budgetWatts} W`,
      book.site.domains[domain]?.id,
    );
  }
}

function ancestors(book: SiteBook, nodes: readonly number[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const node of nodes) {
    let domain = book.site.nodes[node]?.domainIndex ?? -1;
    while (domain >= 0) {
      found.add(domain);
      domain = book.tree.parent[domain] ?? -1;
    }
  }
  return found;
}

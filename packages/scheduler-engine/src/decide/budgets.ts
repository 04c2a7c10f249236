import { between, formatMilliseconds } from "@ertis/quantities";
import type { RemoveBudget, SetBudget } from "../words/command.ts";
import type { Reply } from "../words/reply.ts";
import { type Deciding, rejected } from "./deciding.ts";

/** Sets or replaces a ceiling. It may lie below what runs: then bounds there only fall. */
export function setBudget({ state, limits, emit }: Deciding, command: SetBudget): Reply {
  const { budget } = command;
  const site = state.sites.get(budget.site);
  if (site === undefined) {
    return rejected("unknown-site", `site "${budget.site}" is not known`);
  }
  if (!site.domainIndexById.has(budget.domain)) {
    return rejected(
      "unknown-domain",
      `domain: ${budget.site} has no domain "${budget.domain}"; see the power tree for their ids`,
    );
  }
  if (budget.until !== undefined && budget.until <= command.at) {
    return rejected(
      "budget-in-the-past",
      `until: that moment was ${formatMilliseconds(between(budget.until, command.at))} ago; give a later end`,
    );
  }
  if (!state.budgets.has(budget.id) && state.budgets.size >= limits.budgetsMax) {
    return rejected(
      "too-many-budgets",
      `${state.budgets.size} budgets are set and at most ${limits.budgetsMax} are allowed; remove one first`,
    );
  }
  emit({ kind: "budget-set", budget });
  return { kind: "done" };
}

export function removeBudget({ state, emit }: Deciding, command: RemoveBudget): Reply {
  if (!state.budgets.has(command.id)) {
    return rejected("unknown-budget", `budget "${command.id}" is not set`);
  }
  emit({ kind: "budget-removed", id: command.id, by: command.by, reason: command.reason });
  return { kind: "done" };
}

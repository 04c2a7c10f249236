import { between, formatMilliseconds } from "@ertis/quantities";
import { known } from "../../state/assert.ts";
import type { PowerBudget, RemoveBudget, SetBudget } from "../../words/command.ts";
import type { Reply } from "../../words/reply.ts";
import { type Deciding, rejected } from "../deciding.ts";
import { promiseAgain, promiseSooner } from "../queue/head.ts";
import { doneWithMoved } from "../queue/moved-promises.ts";

/** Sets or replaces a ceiling. It may lie below what runs: then bounds there only fall. */
export function setBudget(deciding: Deciding, command: SetBudget): Reply {
  const { state, limits, emit } = deciding;
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
  const replaced = state.budgets.get(budget.id);
  if (replaced === undefined && state.budgets.size >= limits.budgetsMax) {
    return rejected(
      "too-many-budgets",
      `${state.budgets.size} budgets are set and at most ${limits.budgetsMax} are allowed; remove one first`,
    );
  }
  return doneWithMoved(deciding, budget.site, () => {
    emit({ kind: "budget-set", budget });
    if (replaced !== undefined) {
      giveRoom(deciding, replaced);
    }
  });
}

export function removeBudget(deciding: Deciding, command: RemoveBudget): Reply {
  const { state, emit } = deciding;
  const removed = state.budgets.get(command.id);
  if (removed === undefined) {
    return rejected("unknown-budget", `budget "${command.id}" is not set`);
  }
  emit({ kind: "budget-removed", id: command.id, by: command.by, reason: command.reason });
  giveRoom(deciding, removed);
  return { kind: "done" };
}

/** Who was promised a start behind a budget that is gone, or is another one now, may be promised it sooner. */
function giveRoom(deciding: Deciding, { site }: PowerBudget): void {
  promiseAgain(deciding);
  promiseSooner(deciding, known(deciding.state.sites.get(site), "site of a budget"));
}

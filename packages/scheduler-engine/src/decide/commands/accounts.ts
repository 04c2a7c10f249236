import { type AccountProblem, type Capacity, checkAccounts } from "@ertis/power-planning";
import { formatWatts, formatWattsDown, watts } from "@ertis/quantities";
import { mostForJobs } from "../../power/most-for-jobs.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { wholeOf } from "../../state/order.ts";
import type { Account, Quota } from "../../words/account.ts";
import { holdingQuota } from "../../state/shares.ts";
import type { SetAccounts } from "../../words/command.ts";
import type { Rejection } from "../../words/rejection.ts";
import type { Reply } from "../../words/reply.ts";
import { type Deciding, rejected } from "../deciding.ts";

const none: Quota = { guaranteedGpuCount: 0, guaranteed: watts(0) };

/** Replaces all accounts, or none: what contradicts itself or the sites is refused whole. */
export function setAccounts({ state, emit }: Deciding, command: SetAccounts): Reply {
  const { accounts, by } = command;
  const refused = refuseAccounts(state, accounts);
  if (refused !== undefined) {
    return refused;
  }
  emit({ kind: "accounts-set", accounts, by });
  return { kind: "done" };
}

/** What would be refused of these accounts now; undefined: nothing. */
export function refuseAccounts(
  state: EngineState,
  accounts: readonly Account[],
): Rejection | undefined {
  const forJobs = mostForJobs(state);
  const claims = accounts.map(({ id, quota = none }) => ({ id, ...holdingQuota(quota) }));
  const problem = checkAccounts(claims, { forJobs, whole: wholeOf(state) });
  if (problem !== undefined) {
    return refusal(problem, forJobs);
  }
  const unweighted = accounts.find(({ weight }) => !Number.isSafeInteger(weight) || weight < 1);
  if (unweighted !== undefined) {
    return rejected(
      "invalid-account",
      `account "${unweighted.id}": the weight is ${unweighted.weight}; a whole number from 1 is needed`,
    );
  }
  return undefined;
}

function refusal(problem: AccountProblem, forJobs: Capacity): Rejection {
  switch (problem.kind) {
    case "bad-name":
      return rejected(
        "invalid-account",
        `account "${problem.id}": ids are tenant, tenant/project or tenant/project/user, each part of small letters, digits, dots, dashes and underscores`,
      );
    case "twice":
      return rejected(
        "account-twice",
        problem.id === problem.other
          ? `account "${problem.id}" stands twice; leave one out`
          : `project of "${problem.id}": "${problem.other}" has the same name, and jobs name their project alone; rename one`,
      );
    case "no-parent":
      return rejected(
        "unknown-account",
        `account "${problem.id}" is below "${problem.parent}", which is not among the accounts; add it, or correct the id`,
      );
    case "half-guarantee":
      return rejected(
        "invalid-account",
        `account "${problem.id}" is guaranteed ${problem.lacks === "watts" ? "GPUs and no watts" : "watts and no GPUs"}: jobs need both; guarantee both or neither`,
      );
    case "no-bound":
      return rejected(
        "quota-too-large",
        `account "${problem.id}" may hold ${amountText(problem.resource, problem.may)} with what it may borrow, and the sites have ${amountText(problem.resource, problem.most)}; let it borrow less, or leave the bound out`,
      );
    case "too-much": {
      const whose =
        problem.id === ""
          ? `the sites have ${mostText(problem)}`
          : `"${problem.id}" itself is guaranteed ${amountText(problem.resource, problem.most)}`;
      const who = problem.id === "" ? "all tenants" : `the accounts below "${problem.id}"`;
      return rejected(
        "quota-too-large",
        `${who} are guaranteed ${amountText(problem.resource, problem.sum)} together, and ${whose}; guarantee less (sites: ${forJobs.gpuCount} GPUs, ${formatWattsDown(watts(Math.floor(forJobs.watts)))} for jobs)`,
      );
    }
  }
}

/** Of watts it is said why they are fewer than a feed carries. */
function mostText({ resource, most }: Extract<AccountProblem, { kind: "too-much" }>): string {
  return resource === "GPUs"
    ? amountText(resource, most)
    : `${formatWattsDown(watts(Math.floor(most)))} for jobs, above fixed loads, cooling and what nodes draw idle`;
}

function amountText(resource: "GPUs" | "watts", amount: number): string {
  return resource === "GPUs" ? `${amount} GPUs` : formatWatts(watts(Math.round(amount)));
}

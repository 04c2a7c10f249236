import type {
  ListAccountsRequest,
  ListAccountsResponse,
  SetAccountsRequest,
  SetAccountsResponse,
} from "@ertis/api";
import {
  type Account,
  accountsOver,
  listAccounts as listAccountViews,
  refuseAccounts,
  shareHalfLifeMs,
} from "@ertis/scheduler-engine";
import { toNumber } from "@ertis/quantities";
import type { Person } from "../auth/people.ts";
import {
  accountsOverMax,
  pageSizeDefault,
  pageSizeMax,
  reasonLengthMax,
} from "../limits/limits.ts";
import { accountOverToApi, accountsFromApi, accountToApi } from "../mapping/accounts.ts";
import { encodePageToken, questionMark } from "../mapping/page-token.ts";
import { invalid, Refusal, refusalOf } from "../mapping/refusal.ts";
import { checkReason } from "../mapping/spec-names.ts";
import type { Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { positionOf } from "./power-service.ts";
import { pageSizeOf, requestOrRefuse } from "./requests.ts";

export async function setAccounts(
  { scheduler }: ServiceContext,
  request: SetAccountsRequest,
  person: Person,
): Promise<SetAccountsResponse | Refusal> {
  const violations: Violation[] = [];
  const { reason, isDryRun } = request;
  const limits = { isRequired: !isDryRun, lengthMax: reasonLengthMax };
  checkReason("reason", reason, limits, violations);
  const accounts = accountsFromApi(request.accounts, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const before = await scheduler.read(({ state }) => {
    // What contradicts itself cannot be counted with.
    const refused = refuseAccounts(state, accounts);
    return refused === undefined
      ? {
          ...changesBetween(state.shares.declared, accounts),
          overQuota: accountsOver(state, accounts).slice(0, accountsOverMax).map(accountOverToApi),
        }
      : refusalOf(refused);
  });
  if (before instanceof Refusal) {
    return before;
  }
  if (isDryRun) {
    return { ...before, sequence: 0 };
  }
  const reply = await requestOrRefuse(scheduler, {
    kind: "set-accounts",
    by: person.name,
    accounts,
  });
  return reply instanceof Refusal ? reply : { ...before, sequence: scheduler.lastSequence };
}

function changesBetween(
  before: readonly Account[],
  after: readonly Account[],
): { addedCount: number; changedCount: number; removedCount: number } {
  const old = new Map(before.map((account) => [account.id, account]));
  let addedCount = 0;
  let changedCount = 0;
  for (const account of after) {
    const earlier = old.get(account.id);
    addedCount += earlier === undefined ? 1 : 0;
    changedCount += earlier === undefined || isSame(earlier, account) ? 0 : 1;
  }
  const kept = new Set(after.map(({ id }) => id));
  return {
    addedCount,
    changedCount,
    removedCount: before.filter(({ id }) => !kept.has(id)).length,
  };
}

function isSame(a: Account, b: Account): boolean {
  return (
    a.weight === b.weight &&
    (["guaranteedGpuCount", "guaranteed", "borrowableGpuCount", "borrowable"] as const).every(
      (key) => a.quota?.[key] === b.quota?.[key],
    )
  );
}

export async function listAccounts(
  { scheduler, clock }: ServiceContext,
  request: ListAccountsRequest,
): Promise<ListAccountsResponse | Refusal> {
  const violations: Violation[] = [];
  const limits = { standard: pageSizeDefault, max: pageSizeMax };
  const size = pageSizeOf(request.pageSize, limits, violations);
  const mark = questionMark(["accounts", request.parentId]);
  const after = positionOf(request.pageToken, mark, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const { list, sequence } = await scheduler.read((engine, at) => ({
    // What is held is used up to now, however long ago the last command was.
    list: listAccountViews(engine.stateAt(toNumber(clock.now())), {
      parentId: request.parentId,
      size,
      ...(after === undefined ? {} : { after }),
    }),
    sequence: at,
  }));
  return {
    accounts: list.accounts.map(accountToApi),
    nextPageToken: list.next === undefined ? "" : encodePageToken(list.next, mark),
    halfLifeMs: shareHalfLifeMs,
    sequence,
  };
}

import type {
  GetPowerTreeRequest,
  GetPowerTreeResponse,
  ListBudgetsRequest,
  ListBudgetsResponse,
  RemoveBudgetRequest,
  RemoveBudgetResponse,
  SetBudgetRequest,
  SetBudgetResponse,
} from "@ertis/api";
import { instant, watts } from "@ertis/quantities";
import {
  budgetFloors,
  getDomain,
  listBudgets as listBudgetViews,
  powerTree,
} from "@ertis/scheduler-engine";
import type { Person } from "../auth/people.ts";
import {
  domainPageSizeDefault,
  domainPageSizeMax,
  instantMsMax,
  pageSizeDefault,
  pageSizeMax,
  reasonLengthMax,
} from "../limits/limits.ts";
import { budgetFloorsToApi } from "../mapping/budget-floors-to-api.ts";
import { movedStartsBy } from "./moved-starts.ts";
import {
  decodePageToken,
  encodePageToken,
  pageTokenRule,
  questionMark,
} from "../mapping/page-token.ts";
import { budgetToApi, domainToApi } from "../mapping/power-to-api.ts";
import { invalid, Refusal, refusalOf } from "../mapping/refusal.ts";
import { checkAfter, checkRange } from "../mapping/check-range.ts";
import { checkIdentifier, checkReason } from "../mapping/spec-names.ts";
import type { Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { pageSizeOf, requestOrRefuse } from "./requests.ts";
import { resolveSite } from "./sites.ts";

export async function getPowerTree(
  context: ServiceContext,
  request: GetPowerTreeRequest,
): Promise<GetPowerTreeResponse | Refusal> {
  const violations: Violation[] = [];
  const limits = { standard: domainPageSizeDefault, max: domainPageSizeMax };
  const size = pageSizeOf(request.pageSize, limits, violations);
  const mark = questionMark([request.site, request.domainId, request.maxDepth]);
  const after = positionOf(request.pageToken, mark, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const { scheduler } = context;
  const answer = await scheduler.read(({ state }, sequence) => {
    const site = resolveSite(state, request);
    const tree =
      site instanceof Refusal
        ? site
        : powerTree(state, site, {
            size,
            ...(request.domainId === "" ? {} : { root: request.domainId }),
            ...(request.maxDepth === 0 ? {} : { depth: request.maxDepth }),
            ...(after === undefined ? {} : { after }),
          });
    const awaySinceMs = site instanceof Refusal ? undefined : state.sites.get(site)?.awaySinceMs;
    return { tree, sequence, nowMs: state.nowMs, awaySinceMs };
  });
  const { tree, sequence, nowMs, awaySinceMs } = answer;
  if (tree instanceof Refusal) {
    return tree;
  }
  if (tree.kind === "rejected") {
    return refusalOf(tree);
  }
  return {
    domains: tree.domains.map((view) => domainToApi(view, awaySinceMs)),
    nextPageToken: tree.next === undefined ? "" : encodePageToken(tree.next, mark),
    sequence,
    siteRevision: tree.revision,
    computedAtTimeMs: nowMs,
  };
}

/** Where a listing goes on; undefined at its start. */
export function positionOf(
  token: string,
  mark: string,
  violations: Violation[],
): string | undefined {
  if (token === "") {
    return undefined;
  }
  const position = decodePageToken(token, mark);
  if (position === undefined) {
    violations.push({ field: "page_token", description: pageTokenRule });
  }
  return position;
}

export async function setBudget(
  context: ServiceContext,
  request: SetBudgetRequest,
  person: Person,
): Promise<SetBudgetResponse | Refusal> {
  const violations: Violation[] = [];
  checkBudget(request, violations);
  const { limitWatts, budgetId: id, domainId, untilTimeMs } = request;
  if (violations.length > 0 || limitWatts === undefined) {
    return invalid(violations);
  }
  const { scheduler, clock } = context;
  const before = await scheduler.read(({ state }) => ({
    site: resolveSite(state, { site: "", domainId }),
    replaced: state.budgets.has(id),
  }));
  if (before.site instanceof Refusal) {
    return before.site;
  }
  const { site } = before;
  const reply = await requestOrRefuse(scheduler, {
    kind: "set-budget",
    budget: {
      id,
      site,
      domain: domainId,
      ceiling: watts(limitWatts),
      from: request.fromTimeMs === 0 ? clock.now() : instant(request.fromTimeMs),
      ...(untilTimeMs === 0 ? {} : { until: instant(untilTimeMs) }),
      reason: request.reason,
      setBy: person.name,
    },
  });
  if (reply instanceof Refusal) {
    return reply;
  }
  const movedStarts = await movedStartsBy(scheduler, reply);
  return scheduler.read(({ state }, sequence) => {
    const budget = state.budgets.get(id);
    const domain = getDomain(state, site, domainId);
    return {
      budget: budget === undefined ? undefined : budgetToApi(budget),
      replaced: before.replaced,
      domain:
        domain === undefined ? undefined : domainToApi(domain, state.sites.get(site)?.awaySinceMs),
      sequence,
      movedStarts,
      ...budgetFloorsToApi(state, budget && budgetFloors(state, budget)),
    };
  });
}

function checkBudget(request: SetBudgetRequest, violations: Violation[]): void {
  checkIdentifier("budget_id", request.budgetId, violations);
  checkReason(
    "reason",
    request.reason,
    { isRequired: true, lengthMax: reasonLengthMax },
    violations,
  );
  checkRange("from_time_ms", request.fromTimeMs, [0, instantMsMax], violations);
  checkRange("until_time_ms", request.untilTimeMs, [0, instantMsMax], violations);
  if (request.domainId === "") {
    violations.push({ field: "domain_id", description: "is empty; name a domain of a power tree" });
  }
  if (request.limitWatts === undefined) {
    violations.push({ field: "limit_watts", description: "is not set; 0 must be said" });
  }
  if (request.untilTimeMs !== 0) {
    checkAfter(
      ["until_time_ms", request.untilTimeMs],
      ["from_time_ms", request.fromTimeMs],
      violations,
    );
  }
}

export async function listBudgets(
  { scheduler }: ServiceContext,
  request: ListBudgetsRequest,
): Promise<ListBudgetsResponse | Refusal> {
  const violations: Violation[] = [];
  const limits = { standard: pageSizeDefault, max: pageSizeMax };
  const size = pageSizeOf(request.pageSize, limits, violations);
  const mark = questionMark(["budgets", request.site, request.domainId]);
  const after = positionOf(request.pageToken, mark, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const { list, sequence } = await scheduler.read(({ state }, at) => ({
    list: listBudgetViews(
      state,
      {
        ...(request.site === "" ? {} : { site: request.site }),
        ...(request.domainId === "" ? {} : { domain: request.domainId }),
      },
      { size, ...(after === undefined ? {} : { after }) },
    ),
    sequence: at,
  }));
  return {
    budgets: list.budgets.map(budgetToApi),
    nextPageToken: list.next === undefined ? "" : encodePageToken(list.next, mark),
    sequence,
  };
}

export async function removeBudget(
  { scheduler }: ServiceContext,
  request: RemoveBudgetRequest,
  person: Person,
): Promise<RemoveBudgetResponse | Refusal> {
  const violations: Violation[] = [];
  checkIdentifier("budget_id", request.budgetId, violations);
  checkReason(
    "reason",
    request.reason,
    { isRequired: true, lengthMax: reasonLengthMax },
    violations,
  );
  if (violations.length > 0) {
    return invalid(violations);
  }
  const budget = await scheduler.read(({ state }) => state.budgets.get(request.budgetId));
  const reply = await requestOrRefuse(scheduler, {
    kind: "remove-budget",
    by: person.name,
    reason: request.reason,
    id: request.budgetId,
  });
  return reply instanceof Refusal
    ? reply
    : {
        budget: budget === undefined ? undefined : budgetToApi(budget),
        sequence: scheduler.lastSequence,
      };
}

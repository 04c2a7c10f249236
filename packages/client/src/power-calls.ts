import {
  type Budget,
  type PowerDomain,
  PowerServiceService,
  type RemoveBudgetResponse,
  SetBudgetRequest,
  type SetBudgetResponse,
  type WatchPowerResponse,
} from "@ertis/api";
import type { CallOptions } from "./caller.ts";
import type { Context } from "./context.ts";
import { iteratePages } from "./pages.ts";
import { type WatchEvent, type WatchOptions, watchResumably } from "./watch.ts";

/** What a watch of the power tree tells. */
export type PowerEvent = WatchEvent<WatchPowerResponse>;

/** Which part of a power tree. */
export interface PowerScope {
  /** Left out: the only site there is, or the one of `domainId`. */
  readonly site?: string;
  /** Root of the part; left out: the site's feed. */
  readonly domainId?: string;
  /** Levels below the root; 0 or left out: all. */
  readonly maxDepth?: number;
}

/** How a watch of the power tree behaves. */
export interface WatchPowerOptions extends WatchOptions {
  /** Shortest time between two messages with changes, milliseconds; default 200. */
  readonly minIntervalMs?: number;
}

/** The power tree and its budgets. All rejections are `ErtisError`. */
export interface PowerCalls {
  /** Domains, depth first, parents before children, fetched as they are read. */
  powerTree(scope?: PowerScope, options?: CallOptions): AsyncIterable<PowerDomain>;
  /** Domains as they change, through broken connections. */
  watchPower(scope?: PowerScope, options?: WatchPowerOptions): AsyncIterable<PowerEvent>;
  /** Sets a budget, or replaces the one with the same id: safe to repeat. */
  setBudget(budget: Partial<SetBudgetRequest>, options?: CallOptions): Promise<SetBudgetResponse>;
  /** Budgets in force or still to come, by id. */
  budgets(scope?: Omit<PowerScope, "maxDepth">, options?: CallOptions): AsyncIterable<Budget>;
  removeBudget(
    budgetId: string,
    reason: string,
    options?: CallOptions,
  ): Promise<RemoveBudgetResponse>;
}

function toScope(scope: PowerScope): { site: string; domainId: string; maxDepth: number } {
  const { site = "", domainId = "", maxDepth = 0 } = scope;
  return { site, domainId, maxDepth };
}

async function* listDomains(
  context: Context,
  scope: PowerScope,
  options: CallOptions | undefined,
): AsyncGenerator<PowerDomain, void, undefined> {
  yield* iteratePages(async (pageToken) => {
    const request = { ...toScope(scope), pageSize: 2_000, pageToken };
    const page = await context.caller.call(PowerServiceService.getPowerTree, request, options);
    return { items: page.domains, nextPageToken: page.nextPageToken };
  });
}

async function* listBudgets(
  context: Context,
  scope: PowerScope,
  options: CallOptions | undefined,
): AsyncGenerator<Budget, void, undefined> {
  const { site, domainId } = toScope(scope);
  yield* iteratePages(async (pageToken) => {
    const request = { site, domainId, pageSize: 500, pageToken };
    const page = await context.caller.call(PowerServiceService.listBudgets, request, options);
    return { items: page.budgets, nextPageToken: page.nextPageToken };
  });
}

async function* watchPower(
  context: Context,
  scope: PowerScope,
  options: WatchPowerOptions,
): AsyncGenerator<PowerEvent, void, undefined> {
  const request = {
    ...toScope(scope),
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 0,
    minIntervalMs: options.minIntervalMs ?? 0,
  };
  yield* watchResumably({
    open: (resumeToken) =>
      context.openStream(PowerServiceService.watchPower, { ...request, resumeToken }),
    options,
    backOff: context.backOff,
    random: context.random,
  });
}

export function createPowerCalls(context: Context): PowerCalls {
  const { caller } = context;
  return {
    powerTree: (scope = {}, options) => listDomains(context, scope, options),
    watchPower: (scope = {}, options = {}) => watchPower(context, scope, options),
    async setBudget(budget, options) {
      const request = SetBudgetRequest.fromPartial(budget);
      return caller.call(PowerServiceService.setBudget, request, options);
    },
    budgets: (scope = {}, options) => listBudgets(context, scope, options),
    async removeBudget(budgetId, reason, options) {
      const request = { budgetId, reason };
      // A repeated removal would answer NOT_FOUND although the first one did it.
      return caller.call(PowerServiceService.removeBudget, request, options, "if-refused");
    },
  };
}

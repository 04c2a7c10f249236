import {
  type AccountUsage,
  AccountServiceService,
  SetAccountsRequest,
  type SetAccountsResponse,
} from "@ertis/api";
import type { CallOptions } from "./caller.ts";
import type { Context } from "./context.ts";
import { iteratePages } from "./pages.ts";

/** Who may use how much. All rejections are `ErtisError`. */
export interface AccountCalls {
  /** Replaces all accounts, or with `isDryRun` says what would change: safe to repeat. */
  setAccounts(
    request: Partial<SetAccountsRequest>,
    options?: CallOptions,
  ): Promise<SetAccountsResponse>;
  /** This account and those below it, or all; parents before children, fetched as they are read. */
  accounts(parentId?: string, options?: CallOptions): AsyncIterable<AccountUsage>;
}

async function* listAccounts(
  { caller }: Context,
  parentId: string,
  options: CallOptions | undefined,
): AsyncGenerator<AccountUsage, void, undefined> {
  yield* iteratePages(async (pageToken) => {
    const request = { parentId, pageSize: 500, pageToken };
    const page = await caller.call(AccountServiceService.listAccounts, request, options);
    return { items: page.accounts, nextPageToken: page.nextPageToken };
  });
}

export function createAccountCalls(context: Context): AccountCalls {
  return {
    async setAccounts(request, options) {
      const message = SetAccountsRequest.fromPartial(request);
      return context.caller.call(AccountServiceService.setAccounts, message, options);
    },
    accounts: (parentId = "", options) => listAccounts(context, parentId, options),
  };
}

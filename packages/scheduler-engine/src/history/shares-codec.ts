import type { Usage } from "@ertis/power-planning";
import { known } from "../state/assert.ts";
import { addAccount, createShares, type Shares } from "../state/shares.ts";
import type { Account } from "../words/account.ts";

type EncodedAccount = readonly [parent: number, name: string, usage: Usage];

/** Accounts as they stand: declared ones, those made for users, what each has used. */
export interface SharesChunk {
  readonly kind: "shares";
  readonly declared: readonly Account[];
  readonly accounts: readonly EncodedAccount[];
}

export function encodeShares({ declared, accounts }: Shares): SharesChunk {
  return {
    kind: "shares",
    declared,
    accounts: accounts.map(({ parent, name, usage }) => [parent, name, usage]),
  };
}

export function decodeShares({ declared, accounts }: SharesChunk): Shares {
  const shares = createShares(declared);
  for (const [at, [parent, name, usage]] of accounts.entries()) {
    if (at >= shares.accounts.length) {
      addAccount(shares, parent, name);
    }
    const account = known(shares.accounts[at], "account of a snapshot");
    account.usage = usage;
  }
  return shares;
}

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type AccountUsage, SetAccountsResponse } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { describeFileError } from "../job-file/describe-file-error.ts";
import { printItems, printOne } from "../output/print.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import { findStyle } from "../terminal/style.ts";
import { createAccountListing } from "../views/accounts-table.ts";
import { renderOverQuota } from "../views/over-quota.ts";
import { readAccountFile } from "./account-file.ts";
import { withSession } from "./session.ts";

export interface AccountsApplyFlags extends ConnectionFlags, OutputFlags {
  readonly dryRun?: boolean;
  readonly reason?: string;
}

function readText(path: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, path), "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${describeFileError(error)}`);
  }
}

export async function runAccountsApply(
  terminal: Terminal,
  path: string,
  flags: AccountsApplyFlags,
): Promise<ExitCode> {
  const isDryRun = flags.dryRun ?? false;
  if (!isDryRun && (flags.reason ?? "").trim() === "") {
    throw new UsageError("a change of accounts needs a reason", "add --reason, or --dry-run");
  }
  const text = path === "-" ? await terminal.readInput() : readText(path, terminal.cwd);
  const accounts = readAccountFile(path, text);
  return withSession(terminal, flags, async (session) => {
    const answer = await session.client.setAccounts({
      accounts,
      isDryRun,
      reason: flags.reason ?? "",
    });
    const { addedCount, changedCount, removedCount } = answer;
    const what = isDryRun ? "would be" : "were";
    const style = findStyle(terminal.env, terminal.stdout);
    await printOne(terminal, flags, {
      lines: () => [
        addedCount + changedCount + removedCount === 0
          ? `${accounts.length} accounts, nothing changes`
          : `${addedCount} accounts ${what} added, ${changedCount} changed, ${removedCount} removed`,
        ...answer.overQuota.flatMap((over) => renderOverQuota(over, style)),
      ],
      json: SetAccountsResponse.toJSON(answer),
      name: path,
    });
    return exitCodes.ok;
  });
}

export async function runAccountsShow(
  terminal: Terminal,
  account: string,
  flags: ConnectionFlags & OutputFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const found: AccountUsage[] = [];
    for await (const usage of session.client.accounts(account)) {
      found.push(usage);
    }
    await printItems(terminal, flags, found, createAccountListing());
    if (found.length === 0) {
      terminal.stderr.write(
        account === ""
          ? "no accounts are set: jobs go by priority and age\n"
          : `no account ${account}; "ertis accounts show" lists them\n`,
      );
      return account === "" ? exitCodes.ok : exitCodes.notFound;
    }
    return exitCodes.ok;
  });
}

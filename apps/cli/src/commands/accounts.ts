import type { Command } from "commander";
import type { AccountsApplyFlags } from "../actions/accounts.ts";
import {
  addConnectionOptions,
  addExamples,
  addOutputOptions,
  type ConnectionFlags,
  type OutputFlags,
} from "./options.ts";
import type { Runtime } from "./runtime.ts";

function addApply(accounts: Command, runtime: Runtime): void {
  const command = accounts
    .command("apply <file>")
    .summary("replace all accounts by those of a file")
    .description(
      "Tenants with their projects and users, as YAML or JSON: weights share what is asked for, a guarantee is an account's own at any time, what it may borrow lies on top. An account that the file leaves out is gone. Operators only.",
    )
    .option("--dry-run", "say what would change; change nothing")
    .option("--reason <text>", "why, for the record; required without --dry-run");
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis accounts apply accounts.yaml --dry-run", "what would change?"],
    ['ertis accounts apply accounts.yaml --reason "shares of 2027"', "at once"],
  ).action(async (file: string, flags: AccountsApplyFlags) => {
    const { runAccountsApply } = await import("../actions/accounts.ts");
    await runtime.finish(runAccountsApply(runtime.terminal, file, flags), flags);
  });
}

function addShow(accounts: Command, runtime: Runtime): void {
  const command = accounts
    .command("show [account]", { isDefault: true })
    .summary("show accounts, what they hold and what they used")
    .description(
      "USED is an account's part of the GPU-time that its siblings and it used lately, older use counting less; SHARE is the part that its weight gives it. TURN is its place in line among its siblings, where class and age do not decide: first who holds least of a guarantee, then who has used least of all GPUs or all watts, whichever part is larger, for its weight. BORROWED is what it holds beyond its guarantee and would give back.",
    );
  addOutputOptions(command);
  addConnectionOptions(command);
  addExamples(
    command,
    ["ertis accounts show", "all of them"],
    ["ertis accounts show kazllm", "one tenant with its projects and users"],
  ).action(async (account: string | undefined, flags: ConnectionFlags & OutputFlags) => {
    const { runAccountsShow } = await import("../actions/accounts.ts");
    await runtime.finish(runAccountsShow(runtime.terminal, account ?? "", flags), flags);
  });
}

/** Set and see accounts. */
export function addAccountCommands(program: Command, runtime: Runtime): void {
  const accounts = program
    .command("accounts")
    .summary("set and see tenants, projects and users")
    .description("Accounts: who may use how much.")
    .enablePositionalOptions();
  addApply(accounts, runtime);
  addShow(accounts, runtime);
}

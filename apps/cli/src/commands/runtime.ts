import type { ExitCode } from "../exit-codes.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** What commands need to run. */
export interface Runtime {
  readonly terminal: Terminal;
  /** Waits for the action, reports its error and keeps its exit code. */
  finish(action: Promise<ExitCode>, flags: { readonly verbose?: boolean }): Promise<void>;
}

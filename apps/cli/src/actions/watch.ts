import type { ConnectionFlags } from "../commands/options.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { withSession } from "./session.ts";
import { waitForJobs } from "./wait-for-jobs.ts";

/** Follows jobs until they have ended. */
export async function runWatch(
  terminal: Terminal,
  ids: readonly string[],
  flags: ConnectionFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) =>
    waitForJobs(terminal, session, { ids, output: terminal.stdout }),
  );
}

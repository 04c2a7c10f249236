import { PowerDomain, WatchPhase } from "@ertis/api";
import type { PowerEvent, PowerScope } from "@ertis/client";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { follow } from "../live/follow.ts";
import { showCount, showTimeOfDay, showWatts } from "../output/format.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { renderPowerTree } from "../views/power-tree.ts";
import { cutLines, renderLiveTitle } from "../views/top.ts";
import { type ConnectionReport, createConnectionReport, messageOf } from "./connection-report.ts";
import { followPower } from "./feeds.ts";
import type { PowerFlags } from "./power.ts";
import { createServerClock } from "./server-clock.ts";
import type { Session } from "./session.ts";
import { showConnection } from "./top.ts";
import { isWatchedAsTable } from "./watched-output.ts";

/** One change of one domain, for a pipe. */
function showDomainLine(domain: PowerDomain, timeMs: number): string {
  const ceilingWatts = Math.min(domain.usableWatts, domain.budgetWatts ?? domain.usableWatts);
  const over = domain.excessWatts > 0 ? `, OVER BUDGET by ${showWatts(domain.excessWatts)}` : "";
  return (
    `${showTimeOfDay(timeMs)} ${domain.id} at most ${showWatts(domain.boundWatts)} of ${showWatts(ceilingWatts)}, ` +
    `free ${showWatts(domain.freeWatts)}, GPUs ${showCount(domain.gpuUsedCount)}/` +
    `${showCount(domain.gpuCount)}${over}`
  );
}

function printEvent(
  terminal: Terminal,
  event: PowerEvent,
  options: { readonly isJson: boolean; readonly report: ConnectionReport },
): void {
  const { isJson, report } = options;
  const message = messageOf(event, report);
  if (message === undefined) {
    return;
  }
  for (const domain of message.domains) {
    const line = isJson
      ? JSON.stringify(PowerDomain.toJSON(domain))
      : showDomainLine(domain, message.computedAtTimeMs);
    terminal.stdout.write(`${line}\n`);
  }
  if (message.phase === WatchPhase.SYNCED && !isJson) {
    terminal.stderr.write("this is all; changes follow\n");
  }
}

async function printChanges(
  terminal: Terminal,
  session: Session,
  scopes: readonly PowerScope[],
  isJson: boolean,
): Promise<void> {
  const { interrupt: signal } = terminal;
  // One connection for all sites: one report of it.
  const options = { isJson, report: createConnectionReport(terminal) };
  await Promise.all(
    scopes.map(async (scope) => {
      for await (const event of session.client.watchPower(scope, { signal })) {
        printEvent(terminal, event, options);
      }
    }),
  );
}

/** Follows the power tree until Ctrl-C: drawn over on a terminal, a line for each change in a pipe. */
export async function watchPower(
  terminal: Terminal,
  session: Session,
  scopes: readonly PowerScope[],
  flags: PowerFlags,
): Promise<ExitCode> {
  const { interrupt: signal } = terminal;
  const isTable = isWatchedAsTable(flags.output);
  if (!terminal.stdout.isTty || !isTable) {
    await printChanges(terminal, session, scopes, !isTable);
    return exitCodes.ok;
  }
  const clock = await createServerClock(session, terminal);
  const power = followPower(session, scopes, { clock, signal });
  await follow(terminal.stdout, {
    signal,
    feeds: [...power.feeds, async () => clock.keep(signal)],
    render: (rowCount) => {
      const style = findStyle(terminal.env, terminal.stdout);
      const nowMs = clock.nowMs();
      const isWide = flags.output === "wide";
      const tree = renderPowerTree(power.domains(), {
        style,
        hasHeaders: flags.headers,
        nowMs,
        isWide,
      });
      const state = { nowMs, staleness: power.staleness() };
      const title = renderLiveTitle(showConnection(session), state, style);
      return [title, ...cutLines(tree, rowCount - 1, style)];
    },
  });
  return exitCodes.ok;
}

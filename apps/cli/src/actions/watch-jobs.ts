import { Job, type JobFilter } from "@ertis/api";
import type { JobsEvent } from "@ertis/client";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { follow } from "../live/follow.ts";
import { showTimeOfDay } from "../output/format.ts";
import { renderTable } from "../output/table.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { showJobState, showStateReason } from "../views/job-state.ts";
import { newestFirst } from "../views/job-order.ts";
import { createJobColumns, showGang, showJobId } from "../views/jobs-table.ts";
import { cutLines, renderLiveTitle } from "../views/top.ts";
import { type ConnectionReport, createConnectionReport, messageOf } from "./connection-report.ts";
import { followJobs } from "./feeds.ts";
import type { JobsFlags } from "./jobs.ts";
import { createServerClock } from "./server-clock.ts";
import type { Session } from "./session.ts";
import { showConnection } from "./top.ts";
import { isWatchedAsTable } from "./watched-output.ts";

/** One change of one job, for a pipe. */
function showJobLine(job: Job, timeMs: number): string {
  const words = showStateReason(job);
  const reason = words === "" ? "" : ` (${words})`;
  const { name = "", project = "" } = job.spec ?? {};
  return toPrintable(
    `${showTimeOfDay(timeMs)} ${showJobId(job)} ${showJobState(job.state)}${reason} ${name} ${project} ` +
      `${showGang(job, false)} GPUs`,
  );
}

function printEvent(
  terminal: Terminal,
  event: JobsEvent,
  options: { readonly isJson: boolean; readonly report: ConnectionReport },
): void {
  const { isJson, report } = options;
  const message = messageOf(event, report);
  if (message === undefined) {
    return;
  }
  for (const job of message.jobs) {
    const line = isJson ? JSON.stringify(Job.toJSON(job)) : showJobLine(job, terminal.nowMs());
    terminal.stdout.write(`${line}\n`);
  }
}

/** Follows jobs until Ctrl-C: drawn over on a terminal, a line for each change in a pipe. */
export async function watchJobs(
  terminal: Terminal,
  session: Session,
  filter: Partial<JobFilter>,
  flags: JobsFlags,
): Promise<ExitCode> {
  const { interrupt: signal } = terminal;
  const isTable = isWatchedAsTable(flags.output);
  if (!terminal.stdout.isTty || !isTable) {
    const options = { isJson: !isTable, report: createConnectionReport(terminal) };
    for await (const event of session.client.watchJobs(filter, { signal })) {
      printEvent(terminal, event, options);
    }
    return exitCodes.ok;
  }
  const clock = await createServerClock(session, terminal);
  const jobs = followJobs(session, filter, signal);
  await follow(terminal.stdout, {
    signal,
    feeds: [jobs.feed, async () => clock.keep(signal)],
    render: (rowCount) => {
      const style = findStyle(terminal.env, terminal.stdout);
      const nowMs = clock.nowMs();
      const all = newestFirst(jobs.mirror.items.values());
      const shown = all.slice(0, rowCount);
      const columns = createJobColumns({ nowMs, isUnicode: style.isUnicode });
      const options = { hasHeaders: flags.headers, isWide: flags.output === "wide" };
      const table = renderTable(shown, columns, style, options);
      const state = { nowMs, staleness: jobs.staleness() };
      const title = `${showConnection(session)}  ${all.length} jobs`;
      return [renderLiveTitle(title, state, style), ...cutLines(table, rowCount - 1, style)];
    },
  });
  return exitCodes.ok;
}

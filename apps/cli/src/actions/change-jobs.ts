import { JobActionOutcome, JobActionResult, type JobFilter, JobState } from "@ertis/api";
import type { JobSelection } from "@ertis/client";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toRejectionExitCode } from "../exit-codes.ts";
import { printItems } from "../output/print.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { activeStates, showJobState } from "../views/job-state.ts";
import { type JobFilterFlags, toFilter } from "./jobs.ts";
import { type Session, withSession } from "./session.ts";

/** What can be done to jobs from outside. */
export type JobChange = "cancel" | "hold" | "release";

export interface ChangeFlags extends ConnectionFlags, OutputFlags, JobFilterFlags {
  readonly reason?: string;
  readonly yes?: boolean;
}

const participles: Readonly<Record<JobChange, string>> = {
  cancel: "cancelled",
  hold: "held",
  release: "released",
};

function isFilterGiven(flags: JobFilterFlags): boolean {
  const { project, owner, mine, state, name, label, site } = flags;
  return [project, owner, mine, state, name, label, site].some((flag) => flag !== undefined);
}

async function findMatching(session: Session, filter: Partial<JobFilter>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of session.client.jobs(filter, { pageSize: 1_000 })) {
    ids.push(id);
  }
  return ids;
}

function showSome(ids: readonly string[]): string {
  const most = 10;
  const some = ids.slice(0, most).join(", ");
  return ids.length > most ? `${some} and ${ids.length - most} more` : some;
}

/**
 * Which jobs: those named, or those that match and that a person agreed to. What was agreed to is exactly
 * what is changed: jobs that come to match later are left alone.
 */
async function toSelection(
  terminal: Terminal,
  session: Session,
  wish: {
    readonly change: JobChange;
    readonly ids: readonly string[];
    readonly flags: ChangeFlags;
  },
): Promise<JobSelection | undefined> {
  const { change, ids, flags } = wish;
  if (!isFilterGiven(flags)) {
    if (ids.length === 0) {
      throw new UsageError(
        `${change} what?`,
        `name job ids, or say which with --mine, --name, --project, --state, --label, --owner or --site`,
      );
    }
    return { jobIds: ids };
  }
  if (ids.length > 0) {
    throw new UsageError("both job ids and a filter say which jobs", "give one of them");
  }
  const given = await toFilter(session, flags);
  const filter = { ...given, states: given.states ?? [...activeStates] };
  if (flags.yes === true) {
    return { filter };
  }
  const matching = await findMatching(session, filter);
  if (matching.length === 0) {
    return { jobIds: [] };
  }
  const count = matching.length === 1 ? "1 job matches" : `${matching.length} jobs match`;
  const answer = await terminal.ask(`${count}: ${showSome(matching)}\n${change}? [y/N] `);
  if (answer === undefined) {
    throw new UsageError(`${count}, and nobody is here to agree`, `add --yes to ${change} them`);
  }
  return /^y(es)?$/i.test(answer.trim()) ? { jobIds: matching } : undefined;
}

async function send(
  session: Session,
  change: JobChange,
  selection: JobSelection,
  reason: string,
): Promise<JobActionResult[]> {
  const { client } = session;
  switch (change) {
    case "cancel":
      return client.cancelJobs(selection, reason);
    case "hold":
      return client.holdJobs(selection, reason);
    case "release":
      return client.releaseJobs(selection, reason);
  }
}

function reportRejections(
  terminal: Terminal,
  change: JobChange,
  results: readonly JobActionResult[],
): ExitCode {
  let code: ExitCode = exitCodes.ok;
  for (const { jobId, rejection } of results) {
    if (rejection !== undefined) {
      const text = `${jobId} was not ${participles[change]} (${rejection.reason}): ${rejection.message}`;
      terminal.stderr.write(`error: ${toPrintable(text)}\n`);
      code = code === exitCodes.ok ? toRejectionExitCode(rejection.reason) : code;
    }
  }
  return code;
}

const withNodes: ReadonlySet<JobState> = new Set([
  JobState.STARTING,
  JobState.RUNNING,
  JobState.STOPPING,
]);

function showResult(change: JobChange, { jobId, outcome, state }: JobActionResult): string {
  if (change === "hold" && withNodes.has(state)) {
    const does = state === JobState.RUNNING ? "runs" : `is ${showJobState(state)}`;
    return `${jobId} already ${does}; the hold acts if it is queued again`;
  }
  const now = showJobState(state);
  if (outcome === JobActionOutcome.UNCHANGED) {
    return `${jobId} was already ${now}`;
  }
  return now === participles[change]
    ? `${jobId} ${now}`
    : `${jobId} ${participles[change]}, now ${now}`;
}

export async function runChange(
  terminal: Terminal,
  wish: {
    readonly change: JobChange;
    readonly ids: readonly string[];
    readonly flags: ChangeFlags;
  },
): Promise<ExitCode> {
  const { change, flags } = wish;
  return withSession(terminal, flags, async (session) => {
    const selection = await toSelection(terminal, session, wish);
    if (selection === undefined) {
      terminal.stderr.write("nothing was done\n");
      return exitCodes.generic;
    }
    if (selection.jobIds?.length === 0) {
      terminal.stderr.write("no jobs match\n");
      return exitCodes.notFound;
    }
    const reason = flags.reason ?? `ertis ${change}`;
    const results = await send(session, change, selection, reason);
    const done = results.filter(({ rejection }) => rejection === undefined);
    if (flags.output === "table" || flags.output === "wide") {
      for (const result of done) {
        terminal.stdout.write(`${showResult(change, result)}\n`);
      }
    } else {
      await printItems(terminal, flags, results, {
        columns: [],
        toJson: (result) => JobActionResult.toJSON(result),
        toName: ({ jobId }) => jobId,
      });
    }
    if (results.length === 0) {
      terminal.stderr.write("no jobs match\n");
      return exitCodes.notFound;
    }
    return reportRejections(terminal, change, results);
  });
}

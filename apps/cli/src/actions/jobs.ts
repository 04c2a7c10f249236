import { type Job, type JobFilter, type JobState } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printItems } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import { activeStates, statesByWord } from "../views/job-state.ts";
import { createJobListing } from "../views/jobs-table.ts";
import { isErtisError, type Session, withSession } from "./session.ts";

/** Options that say which jobs. */
export interface JobFilterFlags {
  readonly project?: string;
  readonly owner?: string;
  readonly mine?: boolean;
  readonly state?: readonly string[];
  readonly name?: string;
  readonly label?: readonly string[];
  readonly site?: string;
}

export interface JobsFlags extends ConnectionFlags, OutputFlags, JobFilterFlags {
  readonly all?: boolean;
  readonly tasks?: boolean;
  readonly limit: number;
  readonly watch?: boolean;
}

function readStates(words: readonly string[]): JobState[] {
  return words
    .flatMap((word) => word.split(","))
    .map((word) => {
      const state = statesByWord.get(word.trim().toLowerCase());
      if (state === undefined) {
        const known = [...statesByWord.keys()].join(", ");
        throw new UsageError(`--state ${word}: there is no such state`, `it is one of ${known}`);
      }
      return state;
    });
}

function readLabels(pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair): [string, string] => {
      const split = pair.indexOf("=");
      if (split < 1) {
        throw new UsageError(`--label ${JSON.stringify(pair)} is not KEY=VALUE`);
      }
      return [pair.slice(0, split), pair.slice(split + 1)];
    }),
  );
}

/** An empty text would mean "any" to the scheduler, which nobody who wrote the option wants. */
function assertNotEmpty(flags: JobFilterFlags): void {
  const { owner, project, name, site } = flags;
  for (const [option, text] of Object.entries({ owner, project, name, site })) {
    if (text?.trim() === "") {
      throw new UsageError(`--${option} is empty`, "say which, or leave it out");
    }
  }
}

async function findMyself(session: Session): Promise<string> {
  const name = (await session.client.serverInfo()).caller?.name ?? "";
  if (name === "") {
    throw new UsageError("the scheduler does not say who you are", "use --owner instead of --mine");
  }
  return name;
}

/** The filter that the options describe. */
export async function toFilter(
  session: Session,
  flags: JobFilterFlags,
): Promise<Partial<JobFilter>> {
  assertNotEmpty(flags);
  const owner = flags.mine === true ? await findMyself(session) : flags.owner;
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(flags.project === undefined ? {} : { project: flags.project }),
    ...(flags.name === undefined ? {} : { namePrefix: flags.name }),
    ...(flags.site === undefined ? {} : { site: flags.site }),
    ...(flags.state === undefined ? {} : { states: readStates(flags.state) }),
    ...(flags.label === undefined ? {} : { labels: readLabels(flags.label) }),
  };
}

/** Named jobs are shown whatever their state; otherwise those that have not ended, unless all are wanted. */
async function toJobsFilter(
  session: Session,
  ids: readonly string[],
  flags: JobsFlags,
): Promise<Partial<JobFilter>> {
  const filter = await toFilter(session, flags);
  if (ids.length > 0) {
    return { ...filter, jobIds: [...ids] };
  }
  const isOpen = flags.all === true || flags.state !== undefined;
  return isOpen ? filter : { ...filter, states: [...activeStates] };
}

async function readJobs(
  session: Session,
  filter: Partial<JobFilter>,
  flags: JobsFlags,
): Promise<Job[]> {
  const most = flags.limit === 0 ? Infinity : flags.limit + 1;
  const options = {
    expandArrays: flags.tasks ?? false,
    pageSize: Math.min(1_000, Math.max(1, most)),
  };
  const jobs: Job[] = [];
  for await (const job of session.client.jobs(filter, options)) {
    jobs.push(job);
    if (jobs.length >= most) {
      break;
    }
  }
  return jobs;
}

function isTaskId(id: string): boolean {
  return id.includes("_");
}

/** Tasks that are named one by one, such as `1234_7`: a filter knows whole jobs only. */
async function readTasks(session: Session, ids: readonly string[]): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const id of ids) {
    try {
      jobs.push(await session.client.job(id));
    } catch (error) {
      if (!isErtisError(error) || error.code !== "NOT_FOUND") {
        throw error;
      }
    }
  }
  return jobs;
}

/** What the words and options name: the jobs of the list first, then the tasks in the order given. */
async function readNamed(
  session: Session,
  ids: readonly string[],
  filter: Partial<JobFilter>,
  flags: JobsFlags,
): Promise<Job[]> {
  const taskIds = ids.filter(isTaskId);
  const wholeIds = ids.filter((id) => !isTaskId(id));
  const whole =
    ids.length > 0 && wholeIds.length === 0
      ? []
      : await readJobs(
          session,
          wholeIds.length === 0 ? filter : { ...filter, jobIds: wholeIds },
          flags,
        );
  return [...whole, ...(await readTasks(session, taskIds))];
}

/** True when the job is named, or one of its tasks is shown in its place. */
function isShown(id: string, jobs: readonly Job[]): boolean {
  return jobs.some((job) => job.id === id || job.id.startsWith(`${id}_`));
}

export async function runJobs(
  terminal: Terminal,
  ids: readonly string[],
  flags: JobsFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const filter = await toJobsFilter(session, ids, flags);
    if (flags.watch === true) {
      const task = ids.find(isTaskId);
      if (task !== undefined) {
        throw new UsageError(
          `--watch follows whole jobs, and ${task} is one task`,
          "watch the array",
        );
      }
      const { watchJobs } = await import("./watch-jobs.ts");
      return watchJobs(terminal, session, filter, flags);
    }
    const [jobs, nowMs] = await Promise.all([
      readNamed(session, ids, filter, flags),
      session.findNowMs(),
    ]);
    const hasMore = flags.limit > 0 && jobs.length > flags.limit;
    const shown = hasMore ? jobs.slice(0, flags.limit) : jobs;
    const { isUnicode } = findStyle(terminal.env, terminal.stdout);
    await printItems(terminal, flags, shown, createJobListing({ nowMs, isUnicode }));
    if (jobs.length === 0) {
      const hint = flags.all === true || ids.length > 0 ? "" : "; --all shows finished ones too";
      terminal.stderr.write(`no jobs${hint}\n`);
    } else if (hasMore) {
      terminal.stderr.write(`there are more than ${flags.limit}: --limit 0 shows all\n`);
    }
    const missing = hasMore ? [] : ids.filter((id) => !isShown(id, jobs));
    if (missing.length > 0) {
      terminal.stderr.write(`not found: ${missing.join(", ")}\n`);
      return exitCodes.notFound;
    }
    return exitCodes.ok;
  });
}

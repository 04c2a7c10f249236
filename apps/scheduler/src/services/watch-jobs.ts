import {
  type Job as ApiJob,
  type WatchJobsRequest,
  WatchPhase,
  type WatchJobsResponse,
} from "@ertis/api";
import { type Engine, type JobFilter, jobView, matchesJob } from "@ertis/scheduler-engine";
import type { Person } from "../auth/people.ts";
import {
  heartbeatMs,
  watchEntriesMax,
  watchIntervalMs,
  watchJobsPerMessageMax,
  watchRememberedMax,
} from "../limits/limits.ts";
import { filterFromApi } from "../mapping/filter-from-api.ts";
import { isFullView } from "../mapping/job-to-api.ts";
import { invalid, type Refusal } from "../mapping/refusal.ts";
import type { Violation } from "../mapping/violation.ts";
import type { OutStream } from "../server/calls.ts";
import { addChanges, type ChangedJobs } from "./changed-jobs.ts";
import { pause } from "./commit-signal.ts";
import type { ServiceContext } from "./context.ts";
import { readPage, requestIdOf, toApi } from "./read-jobs.ts";
import { durationOf } from "./requests.ts";
import { encodeResumeToken, resumeAfter, tooOld } from "./resume-token.ts";

/**
 * Sends the jobs that match, then those that change. It pulls: the next stretch of history is read
 * only when the client has taken the message before, so a client that never reads costs one message.
 */
export async function watchJobs(
  context: ServiceContext,
  request: WatchJobsRequest,
  person: Person,
  stream: OutStream<WatchJobsResponse>,
): Promise<Refusal | undefined> {
  const violations: Violation[] = [];
  const filter = filterFromApi(request.filter, person, "filter", violations);
  const { heartbeatIntervalMs } = request;
  const silenceMs = durationOf(
    "heartbeat_interval_ms",
    heartbeatIntervalMs,
    heartbeatMs,
    violations,
  );
  if (violations.length > 0) {
    return invalid(violations);
  }
  const watcher = new JobsWatcher(context, {
    filter,
    isFull: isFullView(request.view),
    person,
    silenceMs,
    stream,
  });
  if (request.resumeToken !== "") {
    const after = await resumeAfter(context.scheduler, request.resumeToken);
    return typeof after === "number" ? watcher.follow(after, undefined) : after;
  }
  const start = context.scheduler.lastSequence;
  const sent = new Set<number>();
  if (!request.changesOnly) {
    await watcher.sendSnapshot(sent);
  }
  await watcher.sendSynced(start);
  return watcher.follow(start, sent);
}

interface WatchQuestion {
  readonly filter: JobFilter;
  readonly isFull: boolean;
  readonly person: Person;
  readonly silenceMs: number;
  readonly stream: OutStream<WatchJobsResponse>;
}

class JobsWatcher {
  readonly #context: ServiceContext;
  readonly #question: WatchQuestion;

  constructor(context: ServiceContext, question: WatchQuestion) {
    this.#context = context;
    this.#question = question;
  }

  async sendSnapshot(sent: Set<number>): Promise<void> {
    const { filter, isFull, person, stream } = this.#question;
    let from: { readonly job: number; readonly task: number } | undefined;
    do {
      const page = await readPage(this.#context, {
        filter,
        size: watchJobsPerMessageMax,
        from,
        isFull,
        isExpanded: false,
        person,
      });
      for (const { id } of page.jobs) {
        remember(sent, Number(id));
      }
      const { jobs, sequence } = page;
      if (jobs.length > 0) {
        const phase = WatchPhase.SNAPSHOT;
        await stream.send({ phase, resumeToken: "", sequence, jobs, leftJobIds: [] });
      }
      from = page.next;
    } while (from !== undefined && stream.isOpen);
  }

  async sendSynced(sequence: number): Promise<void> {
    await this.#question.stream.send({
      phase: WatchPhase.SYNCED,
      resumeToken: encodeResumeToken(sequence),
      sequence,
      jobs: [],
      leftJobIds: [],
    });
  }

  /** `sent`: jobs the client has been told of; undefined: not known, as after a resume. */
  async follow(after: number, sent: Set<number> | undefined): Promise<Refusal | undefined> {
    const { scheduler, commits } = this.#context;
    const { silenceMs, stream } = this.#question;
    let position = after;
    let spokeAtMs = performance.now();
    while (stream.isOpen) {
      const silentMs = performance.now() - spokeAtMs;
      await commits.pastOrAfter(position, Math.max(0, silenceMs - silentMs), stream.signal);
      const entries = await scheduler.entriesAfter(position, watchEntriesMax);
      if (entries === "too-old") {
        return tooOld("is older than what is remembered: this stream was read too slowly");
      }
      const changes: ChangedJobs = { jobs: new Set(), didRetire: false };
      for (const { entry } of entries) {
        addChanges(entry, changes);
      }
      position = entries.at(-1)?.sequence ?? position;
      const hasSpoken = await this.#sendChanges(position, changes, sent);
      if (hasSpoken) {
        spokeAtMs = performance.now();
        await pause(watchIntervalMs.default, stream.signal);
      } else if (performance.now() - spokeAtMs >= silenceMs) {
        await this.#sendHeartbeat(position);
        spokeAtMs = performance.now();
      }
    }
    return undefined;
  }

  async #sendChanges(
    sequence: number,
    changes: ChangedJobs,
    sent: Set<number> | undefined,
  ): Promise<boolean> {
    const { stream } = this.#question;
    const { scheduler } = this.#context;
    const numbers = [...changes.jobs].toSorted((a, b) => a - b);
    const gone = changes.didRetire ? await this.#retired(sent) : [];
    let hasSpoken = false;
    for (let from = 0; from < numbers.length || gone.length > 0; from += watchJobsPerMessageMax) {
      const part = numbers.slice(from, from + watchJobsPerMessageMax);
      const { jobs, left } = await scheduler.read((engine) => this.#look(engine, part, sent));
      const leftJobIds = [...left, ...gone.splice(0)].map(String);
      if (jobs.length === 0 && leftJobIds.length === 0) {
        continue;
      }
      hasSpoken = true;
      // Only the last part brings the watcher to the sequence: a break in between repeats them all.
      const isLast = from + watchJobsPerMessageMax >= numbers.length;
      const resumeToken = isLast ? encodeResumeToken(sequence) : "";
      const phase = WatchPhase.CHANGES;
      if (!(await stream.send({ phase, resumeToken, sequence, jobs, leftJobIds }))) {
        break;
      }
    }
    return hasSpoken;
  }

  #look(
    { state }: Engine,
    numbers: readonly number[],
    sent: Set<number> | undefined,
  ): { readonly jobs: ApiJob[]; readonly left: number[] } {
    const { filter, isFull, person } = this.#question;
    const { states: _states, site: _site, ...lasting } = filter;
    const jobs: ApiJob[] = [];
    const left: number[] = [];
    for (const number of numbers) {
      const job = state.jobs.get(number);
      if (job !== undefined && matchesJob(job, filter)) {
        const view = jobView(state, job, isFull ? "whole" : "summary");
        jobs.push(toApi({ view, requestId: requestIdOf(state, number) }, person, isFull));
        remember(sent, number);
      } else if (
        isKnown(sent) ? sent.delete(number) : job === undefined || matchesJob(job, lasting)
      ) {
        left.push(number);
      }
    }
    return { jobs, left };
  }

  /** Jobs the client was told of that have left memory. */
  async #retired(sent: Set<number> | undefined): Promise<number[]> {
    if (sent === undefined) {
      return [];
    }
    return this.#context.scheduler.read(({ state }) => {
      const gone = [...sent].filter((number) => state.jobs.get(number) === undefined);
      for (const number of gone) {
        sent.delete(number);
      }
      return gone;
    });
  }

  async #sendHeartbeat(sequence: number): Promise<void> {
    await this.#question.stream.send({
      phase: WatchPhase.HEARTBEAT,
      resumeToken: encodeResumeToken(sequence),
      sequence,
      jobs: [],
      leftJobIds: [],
    });
  }
}

/** Beyond the bound it is not complete any more, and the client is told of more jobs than it knows. */
function remember(sent: Set<number> | undefined, number: number): void {
  if (sent !== undefined && sent.size < watchRememberedMax) {
    sent.add(number);
  }
}

function isKnown(sent: Set<number> | undefined): sent is Set<number> {
  return sent !== undefined && sent.size < watchRememberedMax;
}

import type { Engine, EngineLimits, Observation } from "@ertis/scheduler-engine";
import { CommittedFeed } from "./committed-feed.ts";
import { desiredOfSite } from "./desired.ts";
import type { Clock, EventLog, Executor, Reporter, Stopwatch } from "./ports.ts";
import { takeMeasured } from "./measuring.ts";
import { restore } from "./restore.ts";
import { Housekeeping, type LogRetention, type SnapshotPolicy } from "./retention.ts";
import type { Request, Scheduler } from "./scheduler.ts";
import { WriterLoop } from "./writer-loop.ts";

export interface SchedulerOptions {
  readonly log: EventLog;
  /** One for each site that runs anything. */
  readonly executors: readonly Executor[];
  readonly clock: Clock;
  /** Measures the writer's own work; absent: nothing is measured. */
  readonly stopwatch?: Stopwatch;
  readonly reporter: Reporter;
  readonly limits: EngineLimits;
  readonly retention: LogRetention;
  /** Absent: no snapshots are made, and the log is never trimmed. */
  readonly snapshots?: SnapshotPolicy;
  /** Sites to register, or to update when their files were edited, before anything else. */
  readonly sites: readonly Omit<Extract<Request, { readonly kind: "register-site" }>, "kind">[];
}

/** A site file that was refused: the scheduler does not start on it. */
export class SiteRefused extends Error {
  override readonly name = "SiteRefused";
}

/**
 * Restores the state from the log, registers the sites, and starts the loop.
 *
 * @throws SiteRefused when a site file is wrong or would strand what runs
 * @throws whatever the log throws: corrupt, from a newer version, disk full
 */
export async function startScheduler(options: SchedulerOptions): Promise<Scheduler> {
  const { log, executors, clock, reporter, limits } = options;
  const { engine, sequence, snapshotSequence, rowsReplayed } = await restore(log, limits);
  reporter.info("state restored", { sequence, snapshotSequence, rowsReplayed });
  const stopped = Promise.withResolvers<string>();
  const feed = new CommittedFeed(log);
  const housekeeping = new Housekeeping({
    log,
    retention: options.retention,
    policy: options.snapshots,
    reporter,
  });
  const loop = new WriterLoop({
    engine,
    sequence,
    log,
    clock,
    stopwatch: options.stopwatch ?? (() => 0),
    executors,
    reporter,
    onCommitted: (entries, characters) => {
      const last = entries.at(-1);
      if (last !== undefined) {
        housekeeping.committed(last.sequence, last.entry.at, entries.length, characters);
      }
      feed.tell(entries);
    },
    onStopped: (reason) => {
      stopped.resolve(reason);
      // Nobody takes their reports any more; what runs goes on running.
      for (const executor of executors) {
        void executor.close();
      }
    },
  });
  refuseMissingSites(engine, options.sites);
  for (const site of options.sites) {
    await register(site, loop, engine, reporter);
  }
  await connect(loop, executors, engine);
  return {
    request: (request) => loop.request(request),
    read: (query) => loop.read(query),
    onCommit: (listener) => feed.onCommit(listener),
    entriesAfter: async (after, countMax) =>
      after >= loop.sequence ? [] : feed.after(after, countMax),
    get lastSequence() {
      return loop.sequence;
    },
    timings: () => loop.timings(),
    quiet: () => loop.quiet(),
    stopped: stopped.promise,
    close: async () => {
      await loop.stop("closed");
      await Promise.all(executors.map((executor) => executor.close()));
      await housekeeping.idle();
    },
  };
}

async function register(
  site: SchedulerOptions["sites"][number],
  loop: WriterLoop,
  engine: Engine,
  reporter: Reporter,
): Promise<void> {
  const before = engine.state.sites.get(site.site)?.site;
  const reply = await loop.request({ kind: "register-site", ...site });
  if (reply.kind === "rejected" || reply.kind === "unavailable") {
    throw new SiteRefused(reply.message);
  }
  const after = engine.state.sites.get(site.site)?.site;
  if (before !== undefined && after !== undefined && before.revision !== after.revision) {
    const nodes = `${counted(before.nodes.length)} → ${counted(after.nodes.length)} nodes`;
    const revision = after.revision.slice(0, 12);
    reporter.info(`${site.site}: site file changed: ${nodes}, revision ${revision}`, {});
  }
}

/** `3,360`. */
function counted(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** A site of the log that nobody configures any more would take jobs and never run them. */
function refuseMissingSites(engine: Engine, sites: SchedulerOptions["sites"]): void {
  for (const id of engine.state.sites.keys()) {
    if (!sites.some((site) => site.site === id)) {
      throw new SiteRefused(
        `the log knows the site "${id}", but the configuration does not name it; add its file again, and drain it before it goes`,
      );
    }
  }
}

/** Tells every executor all it should run, then takes its reports. */
async function connect(
  loop: WriterLoop,
  executors: readonly Executor[],
  { state }: Engine,
): Promise<void> {
  for (const executor of executors) {
    const { site } = executor;
    await loop.read((engine, sequence) => {
      executor.realize(desiredOfSite(engine.state, site, sequence));
    });
    executor.start(
      async (observations: readonly Observation[]) => {
        const reply = await loop.request({ kind: "report", site, observations });
        if (reply.kind === "unavailable") {
          // Never resolves as taken: the executor keeps the report for the next scheduler.
          throw new Error(reply.message);
        }
      },
      takeMeasured(loop, state, site),
    );
  }
}

import { readDescriptorSet } from "@ertis/api";
import type { SteppedClock } from "@ertis/executor-simulated";
import type { Clock, Reporter, Scheduler } from "@ertis/scheduler-runtime";
import { SiteRefused, startScheduler } from "@ertis/scheduler-runtime";
import type { Server } from "@grpc/grpc-js";
import { createRealTime } from "../clock/real-clock.ts";
import type { ServerConfig } from "../config/server-config.ts";
import { Guard } from "../server/guard.ts";
import { Health } from "../server/health.ts";
import { addReflection, readContract } from "../server/reflection.ts";
import type { RpcServer } from "../server/rpc-server.ts";
import { addErtisServices } from "../services/all-services.ts";
import { addClockService } from "../services/clock-service.ts";
import { CommitSignal } from "../services/commit-signal.ts";
import type { ServiceContext } from "../services/context.ts";
import { PendingJobs } from "../services/pending-jobs.ts";
import { authenticateOf, checkAccess, rateOf } from "./access.ts";
import { type Clusters, openClusters, parseSiteConfig } from "./clusters.ts";
import { openDoor } from "./open-door.ts";
import { asStartProblem, openLog, type OpenLog } from "./open-log.ts";
import { StartProblem } from "./problem.ts";
import { openSteppedClock, type Parties } from "./stepped-time.ts";

export interface RunningServer {
  /** `host:port` as bound. */
  readonly address: string;
  readonly port: number;
  /** For whoever runs the server in its own process: tests and benchmarks. */
  readonly scheduler: Scheduler;
  /** Resolves with the reason when the scheduler had to stop by itself. */
  readonly stopped: Promise<string>;
  /** Finishes what is in flight, then closes everything; clusters in own processes live on. */
  close(): Promise<void>;
  /** The start failed after all: closes, and ends the cluster processes that it has started. */
  abandon(): Promise<void>;
}

const services = [
  "ertis.v1.JobService",
  "ertis.v1.PowerService",
  "ertis.v1.NodeService",
  "ertis.v1.InfoService",
] as const;
const clockServiceName = "ertis.simulation.v1.ClockService";

/** Version of the server: that of its package. */
const serverVersion = "0.1.0";

/**
 * Starts everything: the door first, so that a busy port is noticed before the log is opened, then the
 * log, the clusters and the scheduler; calls are let in when the state is restored.
 *
 * @throws StartProblem for what an operator can put right
 */
export async function serve(config: ServerConfig, reporter: Reporter): Promise<RunningServer> {
  checkAccess(config);
  const isStepped = config.clock === "stepped";
  const closing = new AbortController();
  const health = new Health(isStepped ? [...services, clockServiceName] : services);
  const guard = new Guard({
    authenticate: authenticateOf(config),
    limits: config.limits,
    rateOf: rateOf(config),
    nowMs: () => performance.now(),
  });
  const late: { context?: ServiceContext; clock?: SteppedClock } = {};
  const rpc = await openDoor(config, guard, {
    addServices: (server) => addServices(server, { config, late, health, closing, reporter }),
    endStreams: () => {
      health.close();
      closing.abort();
    },
  });
  try {
    return await startBehind(config, rpc, { reporter, guard, health, late });
  } catch (error) {
    await rpc.close();
    throw config.dataDirectory === undefined ? error : asStartProblem(error, config.dataDirectory);
  }
}

interface Late {
  context?: ServiceContext;
  clock?: SteppedClock;
}

interface Parts {
  readonly reporter: Reporter;
  readonly guard: Guard;
  readonly health: Health;
  readonly late: Late;
}

async function startBehind(
  config: ServerConfig,
  rpc: RpcServer,
  { reporter, guard, health, late }: Parts,
): Promise<RunningServer> {
  const opened = await openLog(config.dataDirectory, config.snapshots, config.engineLimits);
  const { log } = opened;
  let clusters: Clusters | undefined;
  try {
    const parties: Parties = { scheduler: undefined, executors: [] };
    const stepped =
      config.clock === "stepped"
        ? await openSteppedClock(log, config.clockStartMs, parties)
        : undefined;
    const real = createRealTime();
    const clockOf = (owner: string): Clock => stepped?.clock(owner) ?? real.clock();
    const clock = clockOf("scheduler");
    clusters = await openClusters(config, clockOf, reporter);
    const scheduler = await startTheScheduler(config, opened, { clusters, clock, reporter });
    parties.scheduler = scheduler;
    parties.executors = clusters.inProcess;
    const commits = new CommitSignal(scheduler);
    const { endStarted } = clusters;
    late.context = contextOf(config, { scheduler, clock, commits });
    if (stepped !== undefined) {
      late.clock = stepped;
    }
    guard.open();
    health.set("serving");
    const close = async (): Promise<void> => {
      await rpc.close();
      commits.close();
      await scheduler.close();
      await log.close();
    };
    return {
      address: rpc.address,
      port: rpc.port,
      scheduler,
      stopped: scheduler.stopped,
      close,
      abandon: async () => {
        await close();
        await endStarted();
      },
    };
  } catch (error) {
    await log.close();
    await clusters?.endStarted();
    throw error;
  }
}

async function startTheScheduler(
  config: ServerConfig,
  { log, snapshotPolicy }: OpenLog,
  parts: {
    readonly clusters: { readonly executors: Parameters<typeof startScheduler>[0]["executors"] };
    readonly clock: Clock;
    readonly reporter: Reporter;
  },
): Promise<Scheduler> {
  const sites = config.sites.map((one) => ({
    site: parseSiteConfig(one).id,
    file: one.file,
    text: one.text,
    phases: one.phases,
  }));
  try {
    return await startScheduler({
      log,
      executors: parts.clusters.executors,
      clock: parts.clock,
      stopwatch: () => performance.now(),
      reporter: parts.reporter,
      limits: config.engineLimits,
      retention: config.retention,
      ...(snapshotPolicy === undefined ? {} : { snapshots: snapshotPolicy }),
      sites,
    });
  } catch (error) {
    if (error instanceof SiteRefused) {
      const advice =
        "put the site file back as it was, or drain what the change would strand first";
      throw new StartProblem("siteRefused", error.message, advice, { cause: error });
    }
    throw error;
  }
}

function contextOf(
  config: ServerConfig,
  parts: Pick<ServiceContext, "scheduler" | "clock" | "commits">,
): ServiceContext {
  return {
    ...parts,
    pendingJobs: new PendingJobs(config.limits.jobsPendingMax),
    limits: config.limits,
    engineLimits: config.engineLimits,
    projects: new Set(config.projects),
    isClockStepped: config.clock === "stepped",
    version: serverVersion,
  };
}

function addServices(
  server: Server,
  parts: {
    readonly config: ServerConfig;
    readonly late: Late;
    readonly health: Health;
    readonly closing: AbortController;
    readonly reporter: Reporter;
  },
): void {
  const { config, late, health, reporter } = parts;
  const closing = parts.closing.signal;
  const reportFailure = (path: string, error: unknown, requestId: string): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    reporter.warn("a call failed inside", { path, requestId, error: text });
  };
  const contextNow = (): ServiceContext => present(late.context);
  addErtisServices(server, contextNow, config.limits, { reportFailure, closing });
  const isStepped = config.clock === "stepped";
  if (isStepped) {
    addClockService(
      server,
      () => ({ clock: present(late.clock), scheduler: contextNow().scheduler }),
      {
        bytesMaxOf: () => config.limits.messageBytesMax,
        reportFailure,
        closing,
        aroundStream: (handler) => handler,
        callMsMax: config.limits.callMsMax,
      },
    );
  }
  health.addTo(server);
  const shown = isStepped ? [...services, clockServiceName] : [...services];
  addReflection(server, readContract(readDescriptorSet()), shown);
}

/** The guard lets no call in before everything is there. */
function present<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("a call came in before the server was open");
  }
  return value;
}

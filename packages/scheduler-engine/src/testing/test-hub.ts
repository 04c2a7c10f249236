/** Small engines for tests. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { Engine } from "../engine.ts";
import { defaultLimits, type EngineLimits } from "../limits.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";
import type { AttemptKey, Observation } from "../words/attempt.ts";
import type { Caller, DrainAction, PowerBudget } from "../words/command.ts";
import type { Event } from "../words/event.ts";
import type { JobSpec } from "../words/job-spec.ts";
import type { Reply } from "../words/reply.ts";
import { explainJob } from "../read/explain/explain.ts";
import type { Explanation } from "../read/explain/explanation.ts";

export const startMs = 1_800_000_000_000;
export const hourMs = 3_600_000;
export const aida: Caller = { person: "aida", mayActForOthers: false };

/** Two halls of two racks of two nodes; 2 kW idle, 10 kW peak, shared part use; no cooling factor. */
export function smallHub(hallLimitKw = 100): string {
  return `site: hub
title: A small site
nodeClasses:
  h100-8:
    gpuModel: H100
    gpuCount: 8
    idle: 2 kW
    peak: 10 kW
    partUse: share
    source: assumption
phases:
  - {name: first, built: true}
templates:
  rack-a:
    kind: rack
    limit: 50 kW
    nodes: 2 × h100-8
    source: assumption
  row-a:
    kind: row
    limit: 100 kW
    racks: 2 × rack-a
    source: assumption
feed:
  limit: 300 kW
  source: assumption
  substations:
    - name: sub-1
      limit: 250 kW
      fixed: 1 kW
      source: assumption
      halls:
        - {name: hall-1, phase: first, limit: ${hallLimitKw} kW, rows: 1 × row-a, source: assumption}
        - {name: hall-2, phase: first, limit: ${hallLimitKw} kW, rows: 1 × row-a, source: assumption}
`;
}

/**
 * The same with GPUs that take caps: 2 kW idle, 5.2 kW peak, 400 W a GPU, half of it at the lowest
 * cap, at a straight curve: 300 W give 0.75 of full speed.
 */
export function cappedHub(hallLimitKw = 100): string {
  return withCaps(smallHub(hallLimitKw));
}

/** The same of the first class of nodes of a hub. */
export function withCaps(text: string): string {
  return text
    .replace("peak: 10 kW", "peak: 5.2 kW")
    .replace("partUse: share", "partUse: share\n    gpuCap: 200 W..400 W")
    .replace(
      "phases:",
      `curves:
  - gpuModel: H100
    class: straight
    points: [[200 W, 0.5, 190 W], [400 W, 1, 380 W]]
    source: assumption
phases:`,
    );
}

export function spec(changes: Partial<JobSpec> = {}): JobSpec {
  const { nodeCount = 1, walltime = milliseconds(hourMs) } = changes;
  return {
    name: "train",
    project: "p1",
    nodeCount,
    nodeCountMin: nodeCount,
    gpusPerNode: 8,
    gpuModel: "",
    site: "",
    walltime,
    walltimeMin: walltime,
    flexibilityTier: 0,
    workloadClass: "",
    capMin: watts(0),
    priorityClass: "normal",
    preemptible: false,
    dependencies: [],
    taskCount: 1,
    taskThrottle: 0,
    retry: { maxRetries: 0, categories: [] },
    labels: {},
    isHeld: false,
    workload: {
      image: "image",
      command: [],
      args: [],
      script: "",
      environment: {},
      workingDirectory: "",
    },
    ...changes,
  };
}

/** An engine on one site, driven by hand. */
export class Hub {
  readonly engine: Engine;
  nowMs: number = startMs;
  /** Nodes that do not wake. */
  readonly unwakeable: Set<number> = new Set();
  #requests = 0;

  constructor(text: string = smallHub(), limits: EngineLimits = defaultLimits) {
    this.engine = new Engine(limits);
    this.register(text);
  }

  /** Registers the site, or takes an edited file for it. */
  register(text: string): Reply {
    const at = instant(this.nowMs);
    const site = "hub";
    const file = "hub.yaml";
    const phases = "built";
    return this.engine.execute({ kind: "register-site", at, site, file, text, phases }).reply;
  }

  drain(node: number, deadlineMs: number, thenDo: DrainAction): void {
    this.engine.execute({
      kind: "drain-nodes",
      at: instant(this.nowMs),
      by: "olga",
      reason: "firmware",
      site: "hub",
      nodes: [node],
      deadline: instant(deadlineMs),
      thenDo,
    });
  }

  get state(): EngineState {
    return this.engine.state;
  }

  /** Submits and answers the job's number. @throws when it is refused */
  submit(changes: Partial<JobSpec> = {}, owner = "aida"): number {
    this.#requests += 1;
    const requestId = `00000000-0000-4000-8000-${String(this.#requests).padStart(12, "0")}`;
    const item = { requestId, bodyHash: 1, spec: spec(changes) };
    const at = instant(this.nowMs);
    const { reply } = this.engine.execute({ kind: "submit-jobs", at, owner, items: [item] });
    const result = reply.kind === "submitted" ? reply.results[0] : undefined;
    if (result?.kind !== "accepted") {
      throw new Error(`refused: ${JSON.stringify(result)}`);
    }
    return result.job;
  }

  place(): void {
    this.engine.execute({ kind: "place", at: instant(this.nowMs) });
  }

  /** Submits, then runs a placement pass. */
  run(changes: Partial<JobSpec> = {}, owner = "aida"): number {
    const job = this.submit(changes, owner);
    this.place();
    return job;
  }

  change(kind: "cancel-jobs" | "hold-jobs" | "release-jobs", jobs: readonly number[]): Reply {
    const at = instant(this.nowMs);
    return this.engine.execute({ kind, at, by: aida, jobs, reason: "because" }).reply;
  }

  report(...observations: readonly Observation[]): void {
    this.engine.execute({ kind: "report", at: instant(this.nowMs), site: "hub", observations });
  }

  /** The first attempt of a task ends, and its nodes confirm it. */
  finish(job: number, task = 0, exitCode = 0): void {
    const attempt = { job, task, attempt: 1 };
    const outcome =
      exitCode === 0
        ? ({ kind: "succeeded" } as const)
        : ({ kind: "failed", category: "application", exitCode } as const);
    this.report(
      { kind: "attempt-exited", attempt, outcome },
      { kind: "stop-confirmed", attempt, nodes: [] },
    );
  }

  budget(id: string, domain: string, ceilingWatts: number, window: [number, number?]): void {
    const [fromMs, untilMs] = window;
    const budget: PowerBudget = {
      id,
      site: "hub",
      domain,
      ceiling: watts(ceilingWatts),
      from: instant(fromMs),
      ...(untilMs === undefined ? {} : { until: instant(untilMs) }),
      reason: "evening",
      setBy: "olga",
    };
    this.engine.execute({ kind: "set-budget", at: instant(this.nowMs), budget });
  }

  /** Sets a cap past all rules, as an entry of the log. */
  setCap(attempt: AttemptKey, capWatts: number, endsByMs: number): void {
    const at = instant(this.nowMs);
    const event: Event = { kind: "cap-set", attempt, capWatts, endsBy: instant(endsByMs) };
    this.engine.replay({ at, command: { kind: "place", at }, events: [event] });
  }

  /** Scaled load of the feed now, in watts. */
  feedWatts(): number {
    const site = known(this.state.sites.get("hub"), "hub");
    return (site.horizons[0]?.load[0] ?? 0) / (site.site.domains[0]?.loadScale ?? 1);
  }

  cordon(...nodes: readonly number[]): void {
    const at = instant(this.nowMs);
    const common = { at, by: "olga", reason: "fans", site: "hub", nodes };
    this.engine.execute({ kind: "cordon-nodes", ...common });
  }

  /** Lets time pass, with a tick. Nodes that were woken say before that they are up. */
  wait(ms: number): void {
    const woken = [...(this.state.sites.get("hub")?.wakeAskedAtMs.keys() ?? [])];
    const up = woken.filter((node) => !this.unwakeable.has(node));
    if (up.length > 0) {
      this.report(...up.map((node) => ({ kind: "node-ready", node }) as const));
    }
    this.nowMs += ms;
    this.engine.execute({ kind: "tick", at: instant(this.nowMs) });
  }

  /** Everything a read could have changed by mistake, as text. */
  ledger(): string {
    const site = known(this.state.sites.get("hub"), "hub");
    const horizons = site.horizons.map((one) => [one.atMs, [...one.load], [...one.nodeWatts]]);
    const pools = site.pools.map((pool) => [
      [...pool.free],
      [...pool.kept],
      pool.reservations.map((one) => one.isLifted),
    ]);
    return JSON.stringify([horizons, pools, this.state.releaseCount, this.state.jobs.count]);
  }
}

/** All that starts, runs or holds nodes. */
export function attemptsOf(hub: Hub): readonly Attempt[] {
  return [...hub.state.jobs.after(0)].flatMap((job) => activeAttempts(job));
}

/** Whoever has started runs. */
export function beginAll(hub: Hub): void {
  for (const { job, task, attempt, phase } of attemptsOf(hub)) {
    if (phase === "starting") {
      hub.report({ kind: "attempt-running", attempt: { job, task, attempt } });
    }
  }
}

/** Every node answers every order at once, except those that are silent. */
export function acknowledge(hub: Hub, ...silent: readonly number[]): void {
  for (const { job, task, attempt, capWatts, capOrder, capInForce, heldNodes } of attemptsOf(hub)) {
    const answering = heldNodes.filter((node) => !silent.includes(node));
    if (capInForce !== undefined && answering.length > 0) {
      const key = { job, task, attempt };
      // An empty list says: all of them.
      const nodes = answering.length === heldNodes.length ? [] : answering;
      hub.report({ kind: "cap-applied", attempt: key, nodes, capWatts, order: capOrder });
    }
  }
}

/** What is explained, with a check that looking changed nothing. */
export function explained(hub: Hub, job: number): Explanation {
  const before = hub.ledger();
  const explanation = explainJob(hub.state, job);
  if (hub.ledger() !== before) {
    throw new Error(`to explain job ${job} changed the ledger`);
  }
  return known(explanation, `job ${job}`);
}

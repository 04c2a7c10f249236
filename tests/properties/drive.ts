import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import {
  type AttemptKey,
  type Command,
  type Decision,
  Engine,
  type EngineLimits,
  type Entry,
  type JobSpec,
  type Observation,
  stateDigest,
  type SubmitItem,
} from "@ertis/scheduler-engine";
import type { AttemptRecord } from "../oracle/job-record.ts";
import { createOracle, type Oracle, type Violation } from "../oracle/index.ts";
import { JobStates } from "./job-states.ts";
import { deratingOf, type RandomSite } from "./random-site.ts";
import { checkReply } from "./replies.ts";
import type { Step, SubmitWish } from "./steps.ts";

export const epochMs = 1_700_000_000_000;
const minuteMs = 60_000;

export interface DriveOptions {
  readonly limits: EngineLimits;
  /** The first ones are registered; all of them may come as edits. */
  readonly sites: readonly RandomSite[];
  readonly placesAfterEach: boolean;
  /** Long runs leave out the comparison of digests around commands without events. */
  readonly isLong?: boolean;
}

/** Lets an engine live through random steps, with the oracle watching, and keeps the history. */
export class Drive {
  readonly engine: Engine;
  readonly oracle: Oracle;
  readonly commands: Command[] = [];
  readonly entries: Entry[] = [];
  readonly violations: Violation[] = [];
  /** Replies and digests that contradict the oracle. */
  readonly complaints: string[] = [];
  readonly #options: DriveOptions;
  readonly #started: AttemptKey[] = [];
  readonly #requests: SubmitItem[] = [];
  #nowMs = epochMs;

  constructor(options: DriveOptions) {
    this.#options = options;
    this.engine = new Engine(options.limits);
    this.oracle = createOracle({
      limits: options.limits,
      deratingOf: deratingOf(options.sites),
      recheckEvery: 40,
    });
    const seen = new Set<string>();
    for (const site of options.sites) {
      if (!seen.has(site.id)) {
        seen.add(site.id);
        this.#register(site);
      }
    }
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  at(): Command["at"] {
    return instant(this.#nowMs);
  }

  /** Placement passes until none is needed, as the runtime makes them. */
  pass(): void {
    for (let turns = 0; turns < 50 && this.engine.needsPass; turns += 1) {
      this.execute({ kind: "place", at: this.at() });
    }
  }

  run(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#step(step);
      if (this.#options.placesAfterEach) {
        this.pass();
      }
    }
    this.violations.push(...this.oracle.finish());
  }

  readonly #states: JobStates = new JobStates();

  execute(command: Command): Decision {
    const isCompared = this.#options.isLong !== true;
    const before = isCompared ? stateDigest(this.engine.state) : "";
    const decision = this.engine.execute(command);
    this.complaints.push(...checkReply(this.oracle.world, command, decision));
    const isSilent = isCompared && decision.entry.events.length === 0;
    if (isSilent && stateDigest(this.engine.state) !== before) {
      this.complaints.push(`${command.kind} changed the state without an event`);
    }
    if (isCompared) {
      this.complaints.push(...this.#states.check(this.engine.state, command.kind));
    }
    this.commands.push(command);
    this.entries.push(decision.entry);
    this.violations.push(...this.oracle.observe(decision.entry));
    for (const event of decision.entry.events) {
      if (event.kind === "attempt-started") {
        this.#started.push(event.attempt);
      }
    }
    return decision;
  }

  /** Goes to a moment as the runtime does: a tick whenever something falls due. */
  advanceTo(atMs: number): void {
    for (let turns = 0; turns < 1000; turns += 1) {
      const dueMs = this.engine.nextTickAtMs();
      if (dueMs === undefined || dueMs > atMs) {
        break;
      }
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.execute({ kind: "tick", at: this.at() });
      this.pass();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Attempts that run or hold nodes, oldest first. */
  active(): readonly AttemptRecord[] {
    return this.#started.flatMap((key) => this.oracle.world.attemptOf(key) ?? []);
  }

  #step(step: Step): void {
    switch (step.kind) {
      case "submit":
        this.execute({
          kind: "submit-jobs",
          at: this.at(),
          owner: step.owner,
          items: step.wishes.map((wish) => this.#item(wish)),
        });
        return;
      case "change":
        return this.#change(step);
      case "advance":
        if (step.isExact) {
          this.advanceTo(this.#nowMs + step.minutes * minuteMs);
        } else {
          this.#nowMs += step.minutes * minuteMs;
          this.execute({ kind: "tick", at: this.at() });
        }
        return;
      case "progress":
        return this.#progress(step);
      case "caps":
        return this.#caps(step);
      case "wild":
        return this.#wild(step);
      case "node":
        return this.#node(step);
      case "operate":
      case "drain":
        return this.#operate(step);
      case "budget":
        return this.#budget(step);
      case "remove-budget":
        this.execute({
          kind: "remove-budget",
          at: this.at(),
          by: "operator",
          reason: "test",
          id: `budget-${step.id}`,
        });
        return;
      case "edit-site": {
        const site = this.#options.sites[step.pick % this.#options.sites.length];
        if (site !== undefined) {
          this.#register(site);
        }
        return;
      }
      case "tick":
      case "place":
        this.execute({ kind: step.kind, at: this.at() });
    }
  }

  report(site: string, observations: readonly Observation[]): void {
    this.execute({ kind: "report", at: this.at(), site, observations });
  }

  #register(site: RandomSite): void {
    this.execute({
      kind: "register-site",
      at: this.at(),
      site: site.id,
      file: `${site.id}.yaml`,
      text: site.text,
      phases: "all",
    });
  }

  #siteAt(pick: number): string {
    const ids = [...this.engine.state.sites.keys(), "elsewhere"];
    return ids[pick] ?? "elsewhere";
  }

  #nodeCount(pick: number): number {
    return this.oracle.world.sites.get(this.#siteAt(pick))?.nodes.length ?? 0;
  }

  #item(wish: SubmitWish): SubmitItem {
    const repeated = wish.repeat && this.#requests[wish.repeat.pick % this.#requests.length];
    if (wish.repeat !== undefined && repeated !== undefined) {
      return { ...repeated, bodyHash: repeated.bodyHash + (wish.repeat.isSameBody ? 0 : 1) };
    }
    const count = this.#requests.length + 1;
    const item: SubmitItem = {
      requestId: `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`,
      bodyHash: count * 7,
      spec: this.#spec(wish),
    };
    this.#requests.push(item);
    return item;
  }

  #spec(wish: SubmitWish): JobSpec {
    const jobs = this.oracle.world.nextJob;
    return {
      name: "test",
      project: "test",
      nodeCount: wish.nodeCount,
      nodeCountMin: Math.max(1, wish.nodeCount - wish.nodesLess),
      gpusPerNode: wish.gpusPerNode,
      gpuModel: wish.gpuModel,
      site: wish.sitePick === 0 ? "" : this.#siteAt(wish.sitePick - 1),
      walltime: milliseconds(wish.walltimeMinutes * minuteMs),
      walltimeMin: milliseconds((wish.walltimeMinutes * minuteMs * wish.walltimePercent) / 100),
      flexibilityTier: wish.flexibilityTier,
      workloadClass: wish.workloadClass,
      capMin: watts(wish.capMinWatts),
      ...(wish.hasCheckpoint
        ? { checkpoint: { save: milliseconds(30_000), restore: milliseconds(minuteMs) } }
        : {}),
      priorityClass: wish.priorityClass,
      ...(wish.beginInMinutes === undefined
        ? {}
        : { beginAt: instant(this.#nowMs + wish.beginInMinutes * minuteMs) }),
      preemptible: false,
      dependencies: wish.dependencies.map(({ pick, condition }) => ({
        job: 1 + (pick % 20 === 0 ? pick : Math.max(0, jobs - 2 - (pick % 8))),
        condition,
      })),
      taskCount: wish.taskCount,
      taskThrottle: wish.taskThrottle,
      retry: { maxRetries: wish.maxRetries, categories: ["application", "walltime"] },
      labels: {},
      isHeld: wish.isHeld,
      workload: {
        image: "image",
        command: [],
        args: [],
        script: "",
        environment: {},
        workingDirectory: "",
      },
    };
  }

  #change(step: Extract<Step, { readonly kind: "change" }>): void {
    const { nextJob } = this.oracle.world;
    const jobs = step.picks.map(
      (pick) => 1 + (pick % 20 === 0 ? pick : pick % Math.max(1, nextJob - 1)),
    );
    const owner = this.oracle.world.jobs.get(jobs[0] ?? 0)?.owner ?? "aliya";
    this.execute({
      kind: step.what,
      at: this.at(),
      by:
        step.by === "operator"
          ? { person: "operator", mayActForOthers: true }
          : { person: step.by === "owner" ? owner : "nobody", mayActForOthers: false },
      jobs,
      reason: "test",
    });
  }

  /** Starting, running, exited, gone: the picked attempts take one step each. */
  #progress(step: Extract<Step, { readonly kind: "progress" }>): void {
    const active = this.active();
    for (const pick of active.length === 0 ? [] : step.picks) {
      const attempt = active[pick % active.length];
      if (attempt === undefined || this.oracle.world.attemptOf(attempt) === undefined) {
        continue;
      }
      this.report(attempt.site, this.nextStage(attempt, step.outcome));
    }
  }

  #caps(step: Extract<Step, { readonly kind: "caps" }>): void {
    const active = this.active().filter((attempt) => attempt.capOrder > 0);
    for (const pick of active.length === 0 ? [] : step.picks) {
      const attempt = active[pick % active.length];
      if (attempt !== undefined && this.oracle.world.attemptOf(attempt) !== undefined) {
        const held = [...attempt.held];
        const nodes = step.answers === "all" ? [] : held.filter((_, at) => at % 2 === pick % 2);
        const order = attempt.capOrder + step.orderShift;
        this.report(attempt.site, [capApplied(attempt, order, nodes)]);
      }
    }
  }

  /** What an honest executor says next of an attempt; it says nothing of nodes it lost. */
  nextStage(
    attempt: AttemptRecord,
    outcome: Extract<Step, { readonly kind: "progress" }>["outcome"],
  ): readonly Observation[] {
    const { job, task, attempt: count } = attempt;
    const key = { job, task, attempt: count };
    if (attempt.phase === "starting" && outcome === "succeeded") {
      return [{ kind: "attempt-running", attempt: key }];
    }
    if (attempt.phase !== "exited") {
      const isOk = outcome === "succeeded" && attempt.phase === "running";
      return [
        {
          kind: "attempt-exited",
          attempt: key,
          outcome: isOk
            ? { kind: "succeeded" }
            : {
                kind: "failed",
                category: outcome === "succeeded" ? "application" : outcome,
                exitCode: 1,
              },
        },
      ];
    }
    const site = this.oracle.world.sites.get(attempt.site);
    const nodes = [...attempt.held].filter((node) => site?.nodes[node]?.isLost === false);
    return nodes.length === 0 ? [] : [{ kind: "stop-confirmed", attempt: key, nodes }];
  }

  /** Every other time it hits a node where something runs. */
  #node(step: Extract<Step, { readonly kind: "node" }>): void {
    const active = this.active();
    const hit = step.pick % 2 === 0 ? active[step.pick % Math.max(1, active.length)] : undefined;
    const [node] = hit?.held ?? [];
    if (hit !== undefined && node !== undefined) {
      this.report(hit.site, [{ kind: step.what, node }]);
    } else {
      this.report(this.#siteAt(step.sitePick), [
        { kind: step.what, node: step.pick % (this.#nodeCount(step.sitePick) + 1) },
      ]);
    }
  }

  #wild(step: Extract<Step, { readonly kind: "wild" }>): void {
    const active = this.active();
    // Every other time it is about an attempt that is there: the sharper lie.
    const from = step.pick % 2 === 0 ? active : this.#started;
    const started = from[step.pick % Math.max(1, from.length)];
    const attempt = {
      job: started?.job ?? step.pick,
      task: started?.task ?? 0,
      attempt: (started?.attempt ?? 1) + step.attemptShift,
    };
    const own = started === undefined ? undefined : this.oracle.world.attemptOf(started)?.site;
    const site = step.sitePick === 0 && own !== undefined ? own : this.#siteAt(step.sitePick);
    switch (step.what) {
      case "attempt-running":
      case "checkpointed":
        return this.report(site, [{ kind: step.what, attempt }]);
      case "attempt-exited":
        return this.report(site, [{ kind: step.what, attempt, outcome: { kind: "succeeded" } }]);
      case "stop-confirmed":
        return this.report(site, [{ kind: step.what, attempt, nodes: step.nodes }]);
    }
  }

  #operate(step: Extract<Step, { readonly kind: "operate" | "drain" }>): void {
    const count = this.#nodeCount(step.sitePick);
    const common = {
      at: this.at(),
      by: "operator",
      reason: "test",
      site: this.#siteAt(step.sitePick),
      nodes: step.picks.map((pick) => pick % (count + (pick % 7 === 0 ? 1 : 0) || 1)),
    };
    if (step.kind === "operate") {
      this.execute({ kind: step.what, ...common });
    } else {
      this.execute({
        kind: "drain-nodes",
        ...common,
        deadline: instant(this.#nowMs + step.inMinutes * minuteMs),
        thenDo: step.thenDo,
      });
    }
  }

  #budget(step: Extract<Step, { readonly kind: "budget" }>): void {
    const id = this.#siteAt(step.sitePick);
    const domains = this.oracle.world.sites.get(id)?.site.domains ?? [];
    const domain = domains[step.domainPick % Math.max(1, domains.length)];
    const fromMs = this.#nowMs + step.fromMinutes * minuteMs;
    const usable = domain === undefined ? 1000 : toNumber(domain.usableWatts);
    this.execute({
      kind: "set-budget",
      at: this.at(),
      budget: {
        id: `budget-${step.id}`,
        site: id,
        domain: domain?.id ?? "nowhere",
        ceiling: watts(Math.floor((usable * step.percent) / 100)),
        from: instant(fromMs),
        ...(step.lastsMinutes === undefined
          ? {}
          : { until: instant(fromMs + step.lastsMinutes * minuteMs) }),
        reason: "test",
        setBy: "operator",
      },
    });
  }
}

/** A node says that it holds the cap that is wanted of an attempt. */
export function capApplied(
  { job, task, attempt, capWatts }: AttemptRecord,
  order: number,
  nodes: readonly number[],
): Observation {
  return { kind: "cap-applied", attempt: { job, task, attempt }, nodes, capWatts, order };
}

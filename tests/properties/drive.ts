import { instant } from "@ertis/quantities";
import {
  type AttemptKey,
  type Command,
  type Decision,
  Engine,
  type EngineLimits,
  type Entry,
  type Observation,
  stateDigest,
  type SubmitItem,
} from "@ertis/scheduler-engine";
import { applyStep } from "./apply-step.ts";
import type { AttemptRecord } from "../oracle/job-record.ts";
import { createOracle, type Oracle, type Violation } from "../oracle/index.ts";
import { JobStates } from "./job-states.ts";
import { deratingOf, type RandomSite } from "./random-site.ts";
import { checkReply } from "./replies.ts";
import type { Step } from "./step.ts";

export const epochMs = 1_700_000_000_000;

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
  /** Every attempt that ever started, oldest first. */
  readonly started: AttemptKey[] = [];
  /** Every item that was sent and is not a repetition. */
  readonly requests: SubmitItem[] = [];
  readonly options: DriveOptions;
  readonly #states: JobStates = new JobStates();
  #nowMs = epochMs;

  constructor(options: DriveOptions) {
    this.options = options;
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
        this.register(site);
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
      applyStep(this, step);
      if (this.options.placesAfterEach) {
        this.pass();
      }
    }
    this.violations.push(...this.oracle.finish());
  }

  execute(command: Command): Decision {
    const isCompared = this.options.isLong !== true;
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
        this.started.push(event.attempt);
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
    return this.started.flatMap((key) => this.oracle.world.attemptOf(key) ?? []);
  }

  /** Time goes on, and only then does the engine hear of it. */
  tickAfter(ms: number): void {
    this.#nowMs += ms;
    this.execute({ kind: "tick", at: this.at() });
  }

  register(site: RandomSite): void {
    this.execute({
      kind: "register-site",
      at: this.at(),
      site: site.id,
      file: `${site.id}.yaml`,
      text: site.text,
      phases: "all",
    });
  }

  report(site: string, observations: readonly Observation[]): void {
    this.execute({ kind: "report", at: this.at(), site, observations });
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
}

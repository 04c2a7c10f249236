import {
  addHolding,
  type Holding,
  isBorrowed,
  isWithinGuarantee,
  lessHolding,
  noHolding,
} from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import type { EngineLimits } from "../limits.ts";
import { workDoneMs } from "../power/shedding/work.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import { type Attempt, type Job, priorityOf } from "../state/job.ts";
import { findAccount, forEachAbove } from "../state/shares.ts";
import type { SiteState } from "../state/site-state.ts";
import type { Listed } from "../state/stoppable.ts";
import type { JobSpec } from "../words/job-spec.ts";

/** An attempt that may be stopped for another job, with its work kept or lost. */
export interface Victim extends Listed {
  /** GPU × ms of full speed that stopping it costs. */
  readonly lossGpuMs: number;
  /** The same for each GPU that it frees. */
  readonly lossMsPerGpu: number;
  readonly holding: Holding;
}

/**
 * What stopping an attempt costs: saving and taking up its checkpoint, or all it has done. Its GPUs
 * do nothing else meanwhile.
 */
function lossGpuMs(attempt: Attempt, spec: JobSpec, nowMs: number): number {
  const gpuCount = attempt.placement.nodes.length * attempt.gpusPerNode;
  const { checkpoint } = spec;
  return (
    gpuCount *
    (checkpoint === undefined
      ? workDoneMs(attempt, nowMs)
      : toNumber(checkpoint.save) + toNumber(checkpoint.restore))
  );
}

/**
 * Who at a site may be stopped for a job, the cheapest for its GPUs first. A lower class gives way to
 * a higher one; in one class, what an account has borrowed gives way to what another is guaranteed.
 * What an account is guaranteed never gives way to other accounts. So two jobs can never stop each
 * other by turns.
 */
export function victimsAt(
  state: EngineState,
  site: SiteState,
  rules: Rules,
  { freeRetriesMax }: Pick<EngineLimits, "freeRetriesMax">,
): readonly Victim[] {
  const { nowMs } = state;
  const victims: Victim[] = [];
  for (const group of state.stoppable.get(site.site.id)?.groups() ?? []) {
    const [any] = group;
    if (any === undefined || !rules.mayStopGroup(any)) {
      continue;
    }
    for (const one of group) {
      // Most are too young: those are told apart without a look at job or attempt.
      if (one.fromMs <= nowMs && mayBeAsked(one, freeRetriesMax) && rules.isOther(one.job)) {
        const { attempt, job, account, fromMs } = one;
        const { held: holding } = attempt;
        const loss = lossGpuMs(attempt, job.spec, nowMs);
        const lossMsPerGpu = loss / Math.max(1, holding.gpuCount);
        victims.push({ attempt, job, account, fromMs, lossGpuMs: loss, lossMsPerGpu, holding });
      }
    }
  }
  return victims.toSorted(
    (a, b) =>
      a.lossMsPerGpu - b.lossMsPerGpu ||
      b.job.number - a.job.number ||
      a.attempt.task - b.attempt.task,
  );
}

/** It runs, and its task has not been stopped for others too often. */
function mayBeAsked({ attempt, job }: Listed, freeRetriesMax: number): boolean {
  return (
    attempt.phase === "running" &&
    (job.tries?.get(attempt.task)?.freeRetriesUsed ?? 0) < freeRetriesMax
  );
}

/** When the next attempt becomes old enough to be stopped for a job, if that is before a moment; else that one. */
export function nextVictimAtMs(
  state: EngineState,
  site: SiteState,
  rules: Rules,
  beforeMs: number,
): number {
  for (const one of state.stoppable.get(site.site.id)?.young(state.nowMs) ?? []) {
    const { attempt, fromMs } = one;
    if (fromMs >= beforeMs) {
      break;
    }
    const isToCome = attempt.phase === "starting" || attempt.phase === "running";
    if (isToCome && rules.mayStop(one)) {
      return fromMs;
    }
  }
  return beforeMs;
}

/** Why class and accounts forbid to stop an attempt for a job. */
export type NotStoppable =
  | "higher-class"
  /** Of its own account, or of one above it, and of no lower class. */
  | "own-account"
  /** Its account holds no more than it is guaranteed. */
  | "own-guarantee"
  /** Of the same class, and the job is not within a guarantee of its account beside that one. */
  | "same-class";

/** Keeps what was taken from each account, so that all victims together leave it its guarantee. */
export class Rules {
  readonly #state: EngineState;
  readonly #job: Job;
  readonly #own: ReadonlySet<number>;
  /** By account: thousands of jobs are of a few hundred. */
  readonly #paths = new Map<number, readonly number[]>();
  readonly #taken = new Map<number, Holding>();
  #need: Holding = noHolding;

  constructor(state: EngineState, job: Job) {
    this.#state = state;
    this.#job = job;
    this.#own = new Set(this.#pathOf(findAccount(state.shares, job.owner, job.spec.project)));
  }

  /** What the job needs, to be told from what its own accounts are guaranteed. */
  needs(need: Holding): this {
    this.#need = need;
    return this;
  }

  /** Nobody stops for another task of the same job. */
  isOther(victim: Job): boolean {
    return victim !== this.#job;
  }

  /** May it be stopped as far as class and accounts go? */
  mayStop(victim: Listed, holding: Holding = noHolding): boolean {
    return this.isOther(victim.job) && this.mayStopGroup(victim, holding);
  }

  /** The same of all of its class and account, but for those of the job itself. */
  mayStopGroup(victim: Listed, holding: Holding = noHolding): boolean {
    return this.whyNotGroup(victim, holding) === undefined;
  }

  /** Undefined: it may be stopped as far as class and accounts go. */
  whyNotGroup(
    { job, account: victims }: Listed,
    holding: Holding = noHolding,
  ): NotStoppable | undefined {
    const difference = priorityOf(this.#job) - priorityOf(job);
    if (difference < 0) {
      return "higher-class";
    }
    const path = this.#pathOf(victims);
    const parting = path.findIndex((account) => !this.#own.has(account));
    if (parting < 0) {
      return difference > 0 ? undefined : "own-account";
    }
    const theirs = path[parting] ?? 0;
    const account = this.#state.shares.accounts[theirs];
    if (account === undefined || !isBorrowed(this.#left(theirs), holding, account.quota)) {
      return "own-guarantee";
    }
    return difference > 0 || this.#isGuaranteed(path[parting - 1] ?? 0) ? undefined : "same-class";
  }

  take(victim: Listed, holding: Holding): void {
    for (const account of this.#pathOf(victim.account)) {
      const before = this.#taken.get(account) ?? noHolding;
      this.#taken.set(account, addHolding(before, holding));
    }
  }

  /** Is what the job needs within the guarantee of its own account right below `above`? */
  #isGuaranteed(above: number): boolean {
    const { accounts } = this.#state.shares;
    const own = [...this.#own].find((at) => accounts[at]?.parent === above);
    const account = own === undefined ? undefined : accounts[own];
    return (
      account?.quota !== undefined && isWithinGuarantee(account.held, this.#need, account.quota)
    );
  }

  /** From the whole down to the user. */
  #pathOf(account: number): readonly number[] {
    const before = this.#paths.get(account);
    if (before !== undefined) {
      return before;
    }
    const path: number[] = [];
    forEachAbove(this.#state.shares, account, (_, at) => {
      path.unshift(at);
    });
    this.#paths.set(account, path);
    return path;
  }

  #left(account: number): Holding {
    const { held } = known(this.#state.shares.accounts[account], "account");
    return lessHolding(held, this.#taken.get(account) ?? noHolding);
  }
}

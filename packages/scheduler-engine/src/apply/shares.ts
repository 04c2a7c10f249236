import { addHolding, lessHolding, noHolding, usageAt } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { shareHalfLifeMs, victimWorkMinMs } from "../limits.ts";
import { energyChargedAt, holdingOf } from "../power/holding.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import { type Attempt, isFinished, type Job } from "../state/job.ts";
import {
  accountFor,
  changeHolding,
  createShares,
  findAccount,
  forEachAbove,
  type Shares,
} from "../state/shares.ts";
import { Stoppable } from "../state/stoppable.ts";
import type { Account } from "../words/account.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { queueIfEligible } from "./jobs.ts";

/** From now on the account of a job holds what this attempt does. */
export function charge(state: EngineState, job: Job, attempt: Attempt): void {
  changeHolding(state.shares, accountOf(state, job), attempt.held, state.nowMs);
  listStoppable(state, job, attempt);
}

/** Caps in force or nodes held have changed: what it held is charged, and what it holds counts. */
export function recharge(state: EngineState, job: Job, attempt: Attempt): void {
  settle(state, attempt);
  const site = known(state.sites.get(attempt.placement.site), "site of a placement");
  const before = attempt.held;
  attempt.held = holdingOf(site, attempt);
  const change = lessHolding(attempt.held, before);
  changeHolding(state.shares, accountOf(state, job), change, state.nowMs);
  if (attempt.heldNodes.length === 0) {
    state.stoppable.get(attempt.placement.site)?.delete(attempt);
  }
}

/** Charges an attempt for what it held up to now. */
export function settle(state: EngineState, attempt: Attempt): void {
  attempt.energyReserved = energyChargedAt(attempt, state.nowMs);
  attempt.chargedToMs = state.nowMs;
}

/** Who may be preempted is found without a walk over all that runs. */
export function listAllStoppable(state: EngineState): void {
  state.stoppable.clear();
  for (const site of state.sites.values()) {
    for (const attempt of site.attempts) {
      listStoppable(state, known(state.jobs.get(attempt.job), "job of an attempt"), attempt);
    }
  }
}

function listStoppable(state: EngineState, job: Job, attempt: Attempt): void {
  const { spec } = job;
  if (isNeverPreempted(spec)) {
    return;
  }
  const { site } = attempt.placement;
  const listed = state.stoppable.get(site) ?? new Stoppable();
  state.stoppable.set(site, listed);
  const fromMs = stoppableFromMs(attempt, spec);
  listed.add({ attempt, job, account: accountOf(state, job), fromMs });
  if (attempt.stopReason === "preemption") {
    listed.ask(attempt);
  }
}

/** Each attempt gets some work done before it may be stopped: nobody is stopped again and again. */
function stoppableFromMs({ startedAtMs }: Attempt, { checkpoint }: JobSpec): number {
  const roundMs =
    checkpoint === undefined ? 0 : toNumber(checkpoint.save) + toNumber(checkpoint.restore);
  return startedAtMs + Math.max(victimWorkMinMs, 5 * roundMs);
}

/** Never stopped for another: its owner said so, or it would lose work that its tier does not allow. */
export function isNeverPreempted(spec: JobSpec): boolean {
  return !spec.preemptible || (spec.flexibilityTier === 0 && spec.checkpoint === undefined);
}

/** New accounts: those that stay keep what they have used; everybody is put in line anew. */
export function accountsSet(state: EngineState, accounts: readonly Account[]): void {
  const before = state.shares;
  state.shares = createShares(accounts);
  for (const job of state.jobs.after(0)) {
    if (!isFinished(job) || job.active !== undefined) {
      accountFor(state.shares, job.owner, job.spec.project);
    }
  }
  takeOverUsage(before, state.shares, state.nowMs);
  countHoldings(state);
  listAllStoppable(state);
  state.queue.clear();
  for (const job of state.jobs.after(0)) {
    queueIfEligible(state, job);
  }
  state.releaseCount += 1;
}

/** Who holds what, from what runs: after an edited site, new accounts. Sums are exact. */
export function countHoldings(state: EngineState): void {
  for (const account of state.shares.accounts) {
    account.usage = usageAt(account.usage, account.held, state.nowMs, shareHalfLifeMs);
  }
  recountHoldings(state);
}

/** The same after a restart: use goes on from where it was charged last. */
export function recountHoldings(state: EngineState): void {
  const { accounts } = state.shares;
  for (const account of accounts) {
    account.held = noHolding;
  }
  for (const site of state.sites.values()) {
    for (const attempt of site.attempts) {
      const job = known(state.jobs.get(attempt.job), "job of an attempt");
      forEachAbove(state.shares, accountOf(state, job), (account) => {
        account.held = addHolding(account.held, attempt.held);
      });
    }
  }
}

function takeOverUsage(before: Shares, after: Shares, nowMs: number): void {
  const byId = new Map(before.accounts.map((account) => [account.id, account]));
  for (const account of after.accounts) {
    const old = byId.get(account.id);
    if (old !== undefined) {
      account.usage = usageAt(old.usage, old.held, nowMs, shareHalfLifeMs);
    }
  }
}

function accountOf(state: EngineState, job: Job): number {
  return findAccount(state.shares, job.owner, job.spec.project);
}

import { isNeverPreempted } from "../../apply/shares.ts";
import { defaultLimits } from "../../limits.ts";
import { poolsFor } from "../../placement/capacity.ts";
import { fullHolding } from "../../placement/quota.ts";
import { Rules } from "../../placement/victims.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import { type AccountState, findAccount, isSoAbove } from "../../state/shares.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Listed } from "../../state/stoppable.ts";

/** Whether GPUs that others hold may be had back for a job, or why not. */
export type HeldAs =
  | "stoppable"
  /** Its attempt has not worked long enough yet. */
  | "young"
  /** They are told to stop for a job already. */
  | "reclaimed"
  /** They stop for another reason. */
  | "stopping"
  /** Not preemptible, or of tier 0 without a checkpoint. */
  | "protected"
  | "higher-class"
  | "own-guarantee"
  | "same-class"
  /** Stopped for others as often as a job may be. */
  | "too-often";

export interface HeldByOthers {
  /** In GPUs; what is missing is none. */
  readonly gpuCounts: ReadonlyMap<HeldAs, number>;
  /** When the first of the young ones is old enough; undefined: there are none. */
  readonly youngUntilMs: number | undefined;
}

/** Who holds GPUs where a job could run, but for those of the account that is its own, by whether they may be had back. */
export function heldByOthers(state: EngineState, job: Job, own: AccountState): HeldByOthers {
  const gpuCounts = new Map<HeldAs, number>();
  let youngUntilMs: number | undefined;
  const pools = new Set(poolsFor(state, job.spec));
  const rules = new Rules(state, job).needs(fullHolding(state, job));
  for (const site of new Set([...pools].map((pool) => pool.site))) {
    const listed = listedOf(state, site);
    for (const attempt of site.attempts) {
      const pool = site.nodePool[attempt.heldNodes[0] ?? -1];
      const victim = known(state.jobs.get(attempt.job), "job of an attempt");
      const account = findAccount(state.shares, victim.owner, victim.spec.project);
      if (
        pool === undefined ||
        !pools.has(pool) ||
        isSoAbove(state.shares, account, (one) => one === own)
      ) {
        continue;
      }
      const as = heldAs(state, rules, victim, { attempt, one: listed.get(attempt) });
      gpuCounts.set(as, (gpuCounts.get(as) ?? 0) + attempt.held.gpuCount);
      if (as === "young") {
        youngUntilMs = Math.min(youngUntilMs ?? Infinity, listed.get(attempt)?.fromMs ?? Infinity);
      }
    }
  }
  return { gpuCounts, youngUntilMs };
}

function listedOf(state: EngineState, site: SiteState): ReadonlyMap<Attempt, Listed> {
  const groups = state.stoppable.get(site.site.id)?.groups() ?? [];
  return new Map(
    [...groups].flatMap((group) => [...group].map((one) => [one.attempt, one] as const)),
  );
}

/** In the order in which the rules ask: each is counted once, and who may be stopped takes from what its account has borrowed. */
function heldAs(
  { nowMs }: EngineState,
  rules: Rules,
  { spec, tries }: Job,
  { attempt, one }: { readonly attempt: Attempt; readonly one: Listed | undefined },
): HeldAs {
  if (attempt.phase === "stopping" || attempt.phase === "exited") {
    return attempt.stopReason === "preemption" ? "reclaimed" : "stopping";
  }
  if (one === undefined || isNeverPreempted(spec)) {
    return "protected";
  }
  const whyNot = rules.whyNotGroup(one, attempt.held);
  if (whyNot !== undefined) {
    return whyNot === "own-account" ? "same-class" : whyNot;
  }
  if ((tries?.get(attempt.task)?.freeRetriesUsed ?? 0) >= defaultLimits.freeRetriesMax) {
    return "too-often";
  }
  rules.take(one, attempt.held);
  return one.fromMs > nowMs || attempt.phase === "starting" ? "young" : "stoppable";
}

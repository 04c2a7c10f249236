import { type Holding, noHolding, type QuotaExcess, quotaExcess } from "@ertis/power-planning";
import { quotaText, smallestHolding } from "../../placement/quota.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import { type AccountState, findAccount, forEachAbove } from "../../state/shares.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";

/** An account that may never hold what a job takes at the least. */
export interface AboveQuota extends QuotaExcess {
  readonly account: string;
  /** The most nodes like its own that the account may hold; 0: not even one. */
  readonly nodeCountMax: number;
  /** A tier with which its caps could be low enough; undefined: none, or GPUs are what is too many. */
  readonly tierPercent: FlexibilityTier | undefined;
}

const tiersPercent: readonly FlexibilityTier[] = [10, 25, 50];

/** Undefined: with everything below the accounts above it ended, it could start. */
export function aboveQuota(state: EngineState, job: Job): AboveQuota | undefined {
  if (state.shares.declared.length === 0) {
    return undefined;
  }
  const bounded = boundedAbove(state, job);
  const least = smallestHolding(state, job);
  const found = bounded.find(({ quota }) => isAbove(quota, least));
  const excess = found?.quota && quotaExcess(noHolding, least, found.quota);
  if (found === undefined || excess === undefined) {
    return undefined;
  }
  const wattsOfOne = least.reservedWatts / job.spec.nodeCountMin;
  const nodeCountMax = bounded.reduce((most, { quota }) => {
    const byGpus = (quota?.most.gpuCount ?? Infinity) / job.spec.gpusPerNode;
    const byWatts = wattsOfOne > 0 ? (quota?.most.watts ?? Infinity) / wattsOfOne : Infinity;
    return Math.min(most, Math.floor(byGpus), Math.floor(byWatts));
  }, job.spec.nodeCountMin);
  const tierPercent = tiersPercent.find((tier) => {
    const bent = { ...job, spec: { ...job.spec, flexibilityTier: tier } };
    const holding = smallestHolding(state, bent);
    return (
      tier > job.spec.flexibilityTier && bounded.every(({ quota }) => !isAbove(quota, holding))
    );
  });
  return { account: found.id, ...excess, nodeCountMax, tierPercent };
}

function boundedAbove(state: EngineState, job: Job): AccountState[] {
  const { shares } = state;
  const bounded: AccountState[] = [];
  forEachAbove(shares, findAccount(shares, job.owner, job.spec.project), (account) => {
    if (account.quota !== undefined) {
      bounded.push(account);
    }
  });
  return bounded;
}

function isAbove(quota: AccountState["quota"], needed: Holding): boolean {
  return quota !== undefined && quotaExcess(noHolding, needed, quota) !== undefined;
}

/** `account a may never hold more than 64 GPUs, and this needs 128: ask for at most 8 nodes of 8 GPUs, or …` */
export function aboveQuotaText(above: AboveQuota, { spec }: Job): string {
  const { nodeCountMax, tierPercent } = above;
  const nodes = `${nodeCountMax} ${nodeCountMax === 1 ? "node" : "nodes"}`;
  const ways = [
    ...(nodeCountMax > 0 ? [`ask for at most ${nodes} of ${spec.gpusPerNode} GPUs`] : []),
    ...(tierPercent === undefined ? [] : [`let it be capped with tier ${tierPercent}`]),
    "have the quota raised",
  ];
  const last = ways.pop() ?? "";
  return `${quotaText(above)}: ${ways.length === 0 ? last : `${ways.join(", ")}, or ${last}`}`;
}

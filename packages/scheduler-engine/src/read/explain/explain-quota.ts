import { type Holding, lessHolding, quotaExcess } from "@ertis/power-planning";
import { findStart, reservationOf } from "../../placement/find.ts";
import { type QuotaBlock, quotaText, smallestHolding } from "../../placement/quota.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import { type AccountState, findAccount, forEachAbove } from "../../state/shares.ts";
import { nodeLost, type SiteState } from "../../state/site-state.ts";
import { jobsAhead } from "./ahead.ts";
import type { Explanation } from "./explanation.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { startQuotaBlock } from "../accounts/start-quota-block.ts";
import type { Suggestion } from "./suggestion.ts";

/** Where a job stands that waits for its account, when that has room at the earliest, and what would help. */
export function explainQuota(
  state: EngineState,
  job: Job,
  block: QuotaBlock,
): Partial<Explanation> & Pick<Explanation, "reason"> {
  const { accounts } = state.shares;
  const ofAccount = accounts.findIndex(({ id }) => id === block.account);
  const roomMs = block.kept === undefined ? quotaRoomMs(state, job) : undefined;
  const isLater = roomMs !== undefined && roomMs > state.nowMs;
  return {
    reason: "quota",
    message: quotaText(block),
    ahead: jobsAhead(state, job),
    aheadInAccount: { account: block.account, ...jobsAhead(state, job, ofAccount) },
    startLowerBoundMs: isLater ? roomMs : undefined,
    startUnknown: isLater ? "" : whyUnknown(block, roomMs),
    suggestion: fewerNodesWithin(state, job),
  };
}

function whyUnknown(block: QuotaBlock, roomMs: number | undefined): string {
  if (block.kept !== undefined) {
    return "room of its account is kept for starts that are promised";
  }
  return roomMs === undefined
    ? "what its account holds is on nodes that do not answer"
    : "room in its account may come at any moment";
}

/**
 * No room in its accounts before this, if what they hold uses its walltime and starts as small as it can;
 * undefined: not even its end would make room.
 */
function quotaRoomMs(state: EngineState, job: Job): number | undefined {
  const { shares } = state;
  const least = smallestHolding(state, job);
  const held = new Map<AccountState, Holding>();
  forEachAbove(shares, findAccount(shares, job.owner, job.spec.project), (account) => {
    if (account.quota !== undefined) {
      held.set(account, account.held);
    }
  });
  const isRoom = (): boolean =>
    [...held].every(
      ([{ quota }, now]) => quota === undefined || quotaExcess(now, least, quota) === undefined,
    );
  const ends = [...state.sites.values()]
    .flatMap((site) => [...site.attempts].map((one) => ({ one, atMs: endMs(site, one, state) })))
    .filter(({ atMs }) => atMs < Infinity)
    .toSorted((a, b) => a.atMs - b.atMs);
  let roomMs = isRoom() ? state.nowMs : undefined;
  for (const { one, atMs } of ends) {
    if (roomMs !== undefined) {
      break;
    }
    const { owner, spec } = known(state.jobs.get(one.job), "job of an attempt");
    forEachAbove(shares, findAccount(shares, owner, spec.project), (account) => {
      const now = held.get(account);
      if (now !== undefined) {
        held.set(account, lessHolding(now, one.held));
      }
    });
    roomMs = isRoom() ? atMs : undefined;
  }
  return roomMs;
}

/** What has ended, is told to stop or is overdue may go at any moment; what is lost nobody can tell. */
function endMs(site: SiteState, attempt: Attempt, { nowMs }: EngineState): number {
  if (attempt.heldNodes.some((node) => ((site.nodeFlags[node] ?? 0) & nodeLost) !== 0)) {
    return Infinity;
  }
  const isGoing = attempt.phase === "exited" || attempt.phase === "stopping";
  return isGoing ? nowMs : Math.max(attempt.endsByMs, nowMs);
}

/** The most nodes that its accounts and the sites let start at once; less than half of them helps nobody. */
function fewerNodesWithin(state: EngineState, job: Job): Suggestion | undefined {
  const kept = reservationOf(state, job);
  const isStarting = (nodeCount: number): boolean => {
    const fewer = { ...job, spec: { ...job.spec, nodeCount, nodeCountMin: nodeCount } };
    return (
      startQuotaBlock(state, fewer) === undefined && findStart(state, fewer, kept) !== undefined
    );
  };
  return withLifted(kept === undefined ? [] : [kept], () => {
    const { nodeCountMin } = job.spec;
    const tooFew = Math.ceil(nodeCountMin / 2) - 1;
    let [fits, tooMany] = [tooFew, nodeCountMin];
    while (tooMany - fits > 1) {
      const nodeCount = (fits + tooMany) >> 1;
      if (isStarting(nodeCount)) {
        fits = nodeCount;
      } else {
        tooMany = nodeCount;
      }
    }
    return fits > tooFew ? { kind: "fewer-nodes", nodeCount: fits } : undefined;
  });
}
